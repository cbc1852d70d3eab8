"""Values of fields: read as what their attribute is, or told why not; nothing is guessed."""

from __future__ import annotations

from datetime import UTC, date
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.records import FieldValue
from sync.mapping.attributes import ATTRIBUTES
from sync.mapping.numerals import CURRENCIES, UNIT_S, decimal
from sync.mapping.profile import Carrier
from sync.mapping.transforms import Unreadable, Value, read_value

HELSINKI = ZoneInfo("Europe/Helsinki")


def read(attribute: str, value: FieldValue, unit: str = "", **said: Any) -> Value | str | None:
    found = read_value(
        ATTRIBUTES[attribute], Carrier("f", unit, **said), value, lambda moment: moment.astimezone(HELSINKI).date()
    )
    return found.reason if isinstance(found, Unreadable) else found


@pytest.mark.parametrize(
    ("spelled", "number"),
    [
        ("1.200,50", "1200.50"),
        ("1,200.50", "1200.50"),
        ("1 200,5", "1200.5"),
        ("1'234'567", "1234567"),
        ("1.234.567", "1234567"),
        ("2,5", "2.5"),
        ("0,125", "0.125"),
        ("1234,567", "1234.567"),
        ("-3", "-3"),
        (7, "7"),
        (0.1, "0.1"),
        ("1.200", None),
        ("12,345", None),
        ("1,23,456.0", None),
        ("1.2.3", None),
        ("", None),
        ("nan", None),
        (float("inf"), None),
        (True, None),
        (["1"], None),
    ],
)
def test_numbers(spelled: FieldValue, number: str | None) -> None:
    assert decimal(spelled) == (None if number is None else Decimal(number))


@pytest.mark.parametrize(
    ("value", "unit", "seconds"),
    [
        ("1w 2d 3h", "", 5 * 28800 + 2 * 28800 + 3 * 3600),
        ("2,5 h", "", 9000),
        ("1h30m", "", 5400),
        ("3 Tage", "", 3 * 28800),
        (1.5, "days", 43200),
        ("90", "minutes", 5400),
        (3600, "seconds", 3600),
    ],
)
def test_efforts(value: FieldValue, unit: str, seconds: int) -> None:
    assert read("estimate", value, unit) == Value(Decimal(seconds))


@pytest.mark.parametrize(
    ("value", "unit", "amount", "currency"),
    [
        ("€ 1.200,50", "", "1200.5", "EUR"),
        ("1,200.50 USD", "EUR", "1200.5", "USD"),
        (1200, "CHF", "1200", "CHF"),
        ("kr 12", "SEK", "12", "SEK"),
        ("-5 zł", "", "-5", "PLN"),
    ],
)
def test_amounts(value: FieldValue, unit: str, amount: str, currency: str) -> None:
    assert read("cost", value, unit) == Value(Decimal(amount), currency=currency)


@pytest.mark.parametrize(
    ("value", "unit", "ratio"),
    [
        (45, "", "0.45"),
        ("45 %", "", "0.45"),
        (0.45, "ratio", "0.45"),
        (0, "", "0"),
        (1, "percent", "0.01"),
        (100, "", "1"),
    ],
)
def test_per_cent(value: FieldValue, unit: str, ratio: str) -> None:
    assert read("percent", value, unit) == Value(Decimal(ratio))


@pytest.mark.parametrize(
    ("value", "day"),
    [
        ("2026-03-31", date(2026, 3, 31)),
        ("2026-03-31T22:30:00.000+0000", date(2026, 4, 1)),
        ("2012-04-11T14:26+0200", date(2012, 4, 11)),
        ("2026-03-31 23:28:19.131", date(2026, 3, 31)),
        ("1970-01-01T00:00:00.000+0000", None),
    ],
)
def test_days(value: str, day: date | None) -> None:
    assert read("review_due", value) == (None if day is None else Value(day=day))


@pytest.mark.parametrize(
    ("attribute", "value", "said", "meaning"),
    [
        ("severity", " Major ", {}, "Major"),
        ("severity", "Hardware / Disk", {"level": 1}, "Hardware"),
        ("severity", "Hardware / Disk", {"level": 2}, "Disk"),
        ("severity", "Hardware", {"level": 2}, "Hardware"),
        ("severity", "Disk / Fan", {"values": {"fan": "minor"}}, "minor"),
        ("severity", "Disk / Fan", {"values": {"disk / fan": "both", "fan": "minor"}}, "both"),
        ("response", "AVOID", {}, "avoid"),
        ("response", "Vermeiden", {"values": {"vermeiden": "avoid"}}, "avoid"),
        ("impact_score", 3, {}, "3"),
        ("sprint", ["Sprint 1", "Sprint 2"], {}, "Sprint 1, Sprint 2"),
    ],
)
def test_choices_and_texts(attribute: str, value: FieldValue, said: dict[str, Any], meaning: str) -> None:
    assert read(attribute, value, **said) == Value(text=meaning)


@pytest.mark.parametrize(
    ("attribute", "value", "unit", "reason"),
    [
        ("estimate", 5, "", "a number without a unit, and the rule names none"),
        ("estimate", "5 apples", "hours", "no duration"),
        ("estimate", "1.200", "hours", "no duration"),
        ("cost", 5, "", "an amount without a currency, and the rule names none"),
        ("cost", "5 $", "EUR", "a sign that several currencies share: the rule must name one"),
        ("cost", "5 Taler", "EUR", "an amount in a currency that is not known"),
        ("percent", 0.5, "", "per cent or a ratio: the rule does not say"),
        ("percent", 101, "", "beyond 0 to 100 per cent"),
        ("review_due", "16/Apr/24", "", "no date"),
        ("review_due", "0204-04-16", "", "a date outside of any plan"),
        ("estimate", 1e16, "hours", "an effort beyond reason"),
        ("response", "Hope", "", "a choice of which nothing is said"),
        ("points", "many", "", "no number, or one that can be read in two ways"),
    ],
)
def test_what_cannot_be_read_says_why(attribute: str, value: FieldValue, unit: str, reason: str) -> None:
    assert read(attribute, value, unit) == reason


values = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.lists(st.text())
spelled = st.from_regex(r"[€$£ ]{0,2}-?[0-9]{1,6}([.,' ][0-9]{1,3}){0,3} ?([A-Z]{3}|%|h|d|kr|zł)?", fullmatch=True)


@given(
    st.sampled_from(sorted(ATTRIBUTES)),
    values | spelled,
    st.sampled_from(["", "ratio", "percent", *UNIT_S, *sorted(CURRENCIES)[:3]]),
    st.integers(0, 3),
    st.dictionaries(st.text(), st.text(), max_size=2),
)
def test_reading_is_total(name: str, value: FieldValue, unit: str, level: int, said: dict[str, str]) -> None:
    found = read_value(
        ATTRIBUTES[name], Carrier("f", unit, said, level), value, lambda moment: moment.astimezone(UTC).date()
    )
    if isinstance(found, Value):
        assert [found.number, found.text, found.day, found.person, found.persons or None].count(None) == 4
        assert found.number is None or abs(found.number) < 10**18
        assert (found.currency is not None) == (ATTRIBUTES[name].type == "money")
    else:
        assert found is None or found.reason


@pytest.mark.parametrize(("value", "amount"), [(12.345, "12.345"), (1200, "1200"), (0.125, "0.125"), ("12.345", None)])
def test_an_amount_that_is_a_number_has_one_reading(value: FieldValue, amount: str | None) -> None:
    found = read("cost", value, "EUR")
    if amount is None:
        assert found == "no amount, or one that can be read in two ways"
    else:
        assert found == Value(number=Decimal(amount), currency="EUR")
    assert read("cost", 12.345) == "an amount without a currency, and the rule names none"
