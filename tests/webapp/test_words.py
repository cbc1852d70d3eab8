"""How values are read out, and what a file makes of them."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as some

from webapp.export import FORMULA_STARTS, as_text, inert
from webapp.tables import Order, read_id, read_order, read_paging
from webapp.words import Span, amount, decimals, host, paragraphs, short_key, span, web_address


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (-5, Span(0, "seconds")),
        (59, Span(59, "seconds")),
        (60, Span(1, "minutes")),
        (3600, Span(60, "minutes")),
        (7200, Span(2, "hours")),
        (47 * 3600, Span(47, "hours")),
        (48 * 3600, Span(2, "days")),
    ],
)
def test_lengths_of_time_in_their_telling_unit(seconds: int, expected: Span) -> None:
    assert span(seconds) == expected


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [
        (0.845, "percent", "85"),
        (0.9249, "index", "0.92"),
        (0.925, "index", "0.93"),
        (12345, "n", "12\u202f345"),
        (-1.25, "wd", "\u22121.3"),
        (-0.01, "wd", "0.0"),
        (2.5, "n/wk", "2.5"),
    ],
)
def test_values_are_rounded_half_up_for_reading_only(value: float, unit: str, expected: str) -> None:
    assert amount(value, unit) == expected


def test_thousands_are_set_apart() -> None:
    assert decimals(1234567.5, 1) == "1\u202f234\u202f567.5"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("https://jira.invalid/browse/A-1", "https://jira.invalid/browse/A-1"),
        ("HTTP://jira.invalid", "HTTP://jira.invalid"),
        ("javascript:alert(1)", None),
        (" java\nscript:alert(1)", None),
        ("data:text/html,x", None),
        ("//jira.invalid", None),
        ("https://", None),
        ("http://[broken", None),
        ("", None),
        (None, None),
    ],
)
def test_only_web_addresses_are_linked(text: str | None, expected: str | None) -> None:
    assert web_address(text) == expected


def test_an_address_is_shown_without_what_may_be_secret() -> None:
    assert host("https://ada:token@jira.invalid:8443/base/?token=1#x") == "jira.invalid:8443/base"


@pytest.mark.parametrize(
    ("key", "expected"), [("PROJ-12", "PROJ-12"), ("12345", "12345"), ("1207400000016072", "…16072")]
)
def test_numbers_nobody_reads_are_cut(key: str, expected: str) -> None:
    assert short_key(key) == expected


def test_docstrings_become_paragraphs() -> None:
    assert paragraphs("One\n    line.\n\n    Two.") == ["One line.", "Two."]


@given(some.text(max_size=40))
def test_no_text_starts_a_formula(text: str) -> None:
    written = inert(text)
    assert written in (text, f"'{text}")
    assert not written.startswith(FORMULA_STARTS)


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "+1",
        "-1",
        "@SUM(A1)",
        "\t=1",
        "\tx",
        " =1",
        "\u202e=1",
        "\uff1d1",
        "\ufe661",
        "\u061c\u200f=1",
        "\x01=1",
        "\xad=1",
    ],
)
def test_what_a_spreadsheet_would_run_is_disarmed(text: str) -> None:
    assert inert(text) == f"'{text}"


def test_plain_values_stay_what_they_are() -> None:
    assert as_text(-3.5) == "-3.5"
    assert as_text(date(2026, 3, 1)) == "2026-03-01"
    assert as_text(datetime(2026, 3, 1, 10, 30, tzinfo=UTC)) == "2026-03-01T10:30:00+00:00"
    assert as_text(None) == ""


def test_a_second_click_turns_the_order_round() -> None:
    order = read_order({"sort": "due"}, ("due", "key"), "key")
    assert order == Order("due")
    assert order.next("due") == "-due"
    assert Order("due", down=True).next("due") == "due"
    assert order.next("key") == "key"
    assert order.aria("due") == "ascending"
    assert order.aria("key") == "none"
    assert read_order({"sort": "-evil; drop"}, ("due",), "-due") == Order("due", down=True)


@pytest.mark.parametrize("text", ["", "x", "-1", "1.5", "٣", "9" * 40])
def test_what_is_no_id_is_none(text: str) -> None:
    assert read_id({"portfolio": text}, "portfolio") is None


@given(some.integers(0, 5000), some.integers(0, 200))
def test_every_page_asked_for_is_one_there_is(total: int, asked: int) -> None:
    paging = read_paging({"page": str(asked)}, total, 50)
    assert 1 <= paging.number <= paging.last
    assert paging.last_row - paging.offset <= 50
    assert (paging.last - 1) * 50 <= max(0, total - 1)
