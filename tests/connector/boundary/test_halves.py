"""Half characters in answers: mended where they stand alone, and nothing else is touched."""

from __future__ import annotations

import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as some

from connector.boundary.halves import decode, mended
from connector.errors import BadAnswerError
from tests.connector.boundary.scripted import Say, ScriptedServer
from tests.connector.boundary.senders import Sender, Watch, boundary, by_requests, by_urllib3


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (rb'"cut \ud83d"', "cut \ufffd"),
        (rb'"\uDE00 tail"', "\ufffd tail"),
        (rb'"\ud83d\ud83d\ude00"', "\ufffd\U0001f600"),
        (rb'"\ud83d\n"', "\ufffd\n"),
        (rb'"whole \ud83d\ude00"', "whole \U0001f600"),
        (rb'"said \\ud83d"', "said \\ud83d"),
        (rb'"\\\ud83d"', "\\\ufffd"),
    ],
)
def test_a_half_alone_becomes_the_mark_for_the_unknown(body: bytes, expected: str) -> None:
    assert decode(body, str) == expected
    assert len(mended(body)) == len(body)


@given(some.text(some.characters(exclude_categories=()) | some.sampled_from("\ud83d\ude00\\u"), max_size=30))
def test_whole_texts_stay_what_they_are(text: str) -> None:
    body = json.dumps(text).encode()
    whole = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    assert decode(body, str) == whole


@pytest.mark.parametrize("body", [b'{"cut": ', rb'"\ud83', rb'"\x"', b"", b"\\ud83d"])
def test_what_is_no_json_is_none_mended_either(body: bytes) -> None:
    with pytest.raises(msgspec.DecodeError):
        decode(body, str)


@pytest.mark.parametrize("sender", [by_requests, by_urllib3])
def test_one_cut_title_does_not_cost_the_page(sender: Sender) -> None:
    with ScriptedServer(Say(body=rb'[{"title": "cut \ud83d"}, {"title": "whole"}]')) as server:
        send = sender("GET", f"{server.address}/page")
        raws = boundary(Watch()).fetch(send, method="GET", path="/page", shape=list[msgspec.Raw])
        assert [json.loads(bytes(raw))["title"] for raw in raws] == ["cut \ufffd", "whole"]
        assert len(server.asked) == 1


def test_an_answer_that_is_cut_short_is_still_a_bad_one() -> None:
    with ScriptedServer(Say(body=rb'[{"title": "\ud83d"')) as server:
        send = by_requests("GET", f"{server.address}/page")
        with pytest.raises(BadAnswerError):
            boundary(Watch()).fetch(send, method="GET", path="/page", shape=list[msgspec.Raw])
