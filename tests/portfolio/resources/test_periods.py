"""Days, weeks and months: which days are in which."""

from __future__ import annotations

from datetime import date, timedelta

import hypothesis.strategies as st
import pytest
from hypothesis import given

from portfolio.resources.periods import MOST, Columns, Periods, periods_from


def spans(found: Periods) -> list[tuple[date, date]]:
    ends = [*(day - timedelta(days=1) for day in found.days[1:]), found.last]
    return list(zip(found.days, ends, strict=True))


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.sampled_from(Columns), st.data())
def test_every_day_from_the_first_on_is_in_one_of_them(day: date, columns: Columns, data: st.DataObject) -> None:
    number = data.draw(st.integers(1, MOST[columns]))
    found = periods_from(day, columns, number)
    assert (len(found.days), found.days[0]) == (number, day)
    assert all(first <= last for first, last in spans(found))
    for first, last in spans(found)[1:]:
        whole = {
            Columns.DAY: first == last,
            Columns.WEEK: (first.weekday(), last.weekday(), (last - first).days) == (0, 6, 6),
            Columns.MONTH: (first.day, (last + timedelta(days=1)).day, first.month) == (1, 1, last.month),
        }
        assert whole[columns]


@pytest.mark.parametrize(
    ("day", "columns", "expected"),
    [
        ("2026-12-30", Columns.DAY, ["2026-12-30", "2026-12-31", "2027-01-01"]),
        ("2026-12-30", Columns.WEEK, ["2026-12-30", "2027-01-04", "2027-01-11"]),
        # A Saturday: it and the Sunday go with the week after it.
        ("2026-12-26", Columns.WEEK, ["2026-12-26", "2027-01-04", "2027-01-11"]),
        ("2026-11-30", Columns.MONTH, ["2026-11-30", "2026-12-01", "2027-01-01"]),
    ],
)
def test_where_they_begin(day: str, columns: Columns, expected: list[str]) -> None:
    found = periods_from(date.fromisoformat(day), columns, len(expected))
    assert [each.isoformat() for each in found.days] == expected


def test_weeks_have_the_numbers_of_iso() -> None:
    assert periods_from(date(2026, 12, 30), Columns.WEEK, 2).weeks == (53, 1)
