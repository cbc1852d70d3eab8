"""The boundary's pure decisions: which error an answer is, how long to wait, when to ask."""

from __future__ import annotations

import msgspec
import pytest
import urllib3.exceptions

from connector.boundary.answer import Answer
from connector.boundary.classify import fault
from connector.boundary.network import network_fault
from connector.boundary.pages import identity, joined, raw_records
from connector.boundary.patience import named_wait
from connector.errors import (
    BadAnswerError,
    ConnectorError,
    FeatureAbsentError,
    ForbiddenError,
    MissingError,
    RateLimitedError,
    RefusedError,
    SignInError,
    TrackerDownError,
    WebPageError,
)
from connector.protocol import Stream

NOW = 1_000_000.0


@pytest.mark.parametrize(
    ("status", "headers", "kind"),
    [
        (204, {}, BadAnswerError),
        (301, {}, WebPageError),
        (400, {}, RefusedError),
        (401, {}, SignInError),
        (402, {}, FeatureAbsentError),
        (403, {}, ForbiddenError),
        (403, {"x-seraph-loginreason": "AUTHENTICATION_DENIED"}, SignInError),
        (404, {}, MissingError),
        (405, {}, FeatureAbsentError),
        (407, {}, SignInError),
        (408, {}, TrackerDownError),
        (409, {}, RefusedError),
        (410, {}, FeatureAbsentError),
        (429, {}, RateLimitedError),
        (500, {}, TrackerDownError),
        (504, {}, TrackerDownError),
    ],
)
def test_each_status_has_its_error(status: int, headers: dict[str, str], kind: type[ConnectorError]) -> None:
    error = fault(Answer(status, headers, b""), method="GET", path="/x", now=NOW)
    assert type(error) is kind
    assert error.status == status


def test_an_answer_with_data_has_none() -> None:
    answer = Answer(200, {"content-type": "application/json"}, b"[]")
    assert fault(answer, method="GET", path="/x", now=NOW) is None


def test_a_200_for_an_anonymous_visitor_is_a_refused_sign_in() -> None:
    answer = Answer(200, {"X-Seraph-LoginReason": "AUTHENTICATED_FAILED"}, b"[]")
    assert isinstance(fault(answer, method="GET", path="/x", now=NOW), SignInError)


def test_an_answer_shows_neither_headers_nor_body() -> None:
    assert repr(Answer(200, {"Set-Cookie": "token"}, b"token")) == "Answer(status=200, 5 bytes)"


@pytest.mark.parametrize(
    ("retry_after", "date", "seconds"),
    [
        ("30", "", 30.0),
        (" 1.5 ", "", 1.5),
        ("0", "", 0.0),
        ("", "", None),
        ("soon", "", None),
        ("-5", "", None),
        ("nan", "", None),
        ("inf", "", None),
        ("Mon, 12 Jan 1970 13:46:50 GMT", "", 10.0),
        ("Mon, 12 Jan 1970 13:46:30 GMT", "", 0.0),
        # The tracker's clock is a year ahead of ours: its own Date header says what it means.
        ("Tue, 12 Jan 1971 13:47:40 GMT", "Tue, 12 Jan 1971 13:46:40 GMT", 60.0),
    ],
)
def test_a_named_wait_is_read_in_every_form(retry_after: str, date: str, seconds: float | None) -> None:
    assert named_wait(retry_after, date, NOW) == seconds


def test_slices_are_kept_byte_for_byte() -> None:
    body = b'[ {"id": 7,  "name":"\\u00e9"}, {"id":"8"}, {"key":"none"}, 5]'
    slices = msgspec.json.decode(body, type=list[msgspec.Raw])
    records = raw_records(Stream.FIELDS, slices)
    assert [record.external_id for record in records] == ["7", "8", "", ""]
    assert records[0].payload == b'{"id": 7,  "name":"\\u00e9"}'
    assert joined(slices[:2]) == b'[{"id": 7,  "name":"\\u00e9"},{"id":"8"}]'
    assert identity(b'{"gid":"12"}', key="gid") == "12"
    # No database takes a NUL.
    assert identity(b'{"id":"1\\u00002"}') == "12"


@pytest.mark.parametrize(
    ("status", "headers", "remedy"),
    [
        (500, {}, "again in a few minutes"),
        (408, {}, "again in a few minutes"),
        (200, {}, "again in a few minutes"),
        (429, {}, "again in a few minutes"),
        # NOW is 1970-01-12 13:46:40.
        (429, {"retry-after": "3600"}, "Try again after 1970-01-12T14:47Z"),
        (429, {"retry-after": "1e300"}, "Try again after 1971-01-12T13:47Z"),
    ],
)
def test_what_passes_says_when_to_try_again(status: int, headers: dict[str, str], remedy: str) -> None:
    error = fault(Answer(status, headers, b""), method="GET", path="/x", now=NOW)
    assert error is not None
    assert remedy in error.remedy


@pytest.mark.parametrize("raised", [ConnectionResetError(), TimeoutError(), urllib3.exceptions.DecodeError()])
def test_a_lost_connection_says_what_to_do(raised: Exception) -> None:
    assert "again in a few minutes" in network_fault(raised, method="GET", path="/x", answered=True).remedy
