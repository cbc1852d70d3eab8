"""Working days and slips."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import insert

from portfolio.calendar import WorkCalendar, full_weeks, load_calendar
from portfolio.capacity.calendars import write_hours
from portfolio.model.base import EVER
from portfolio.model.people import Holiday
from tests.portfolio.builders import World

days = st.dates(date(2020, 1, 1), date(2030, 12, 31))
SUMMER, AUTUMN = date(2026, 7, 1), date(2026, 10, 1)
calendars = st.builds(
    WorkCalendar,
    st.text("01", min_size=7, max_size=7),
    st.frozensets(st.dates(date(2024, 1, 1), date(2024, 12, 31)), max_size=8),
    st.dictionaries(days, st.text("01", min_size=7, max_size=7), max_size=4).map(lambda it: tuple(sorted(it.items()))),
)


@given(days, st.integers(0, 400), calendars)
def test_counting_agrees_with_looking_at_every_day(first: date, length: int, calendar: WorkCalendar) -> None:
    last = first + timedelta(days=length)
    every_day = (first + timedelta(days=offset) for offset in range(length + 1))
    assert calendar.workdays(first, last) == sum(
        _mask(calendar, day)[day.weekday()] == "1" and day not in calendar.holidays for day in every_day
    )


def _mask(calendar: WorkCalendar, day: date) -> str:
    return [calendar.mask, *(mask for since, mask in calendar.later if since <= day)][-1]


@given(days, st.integers(0, 400), calendars)
def test_the_days_themselves_are_those_counted(first: date, length: int, calendar: WorkCalendar) -> None:
    last = first + timedelta(days=length)
    found = [date.fromordinal(it) for it in calendar.days(first.toordinal(), last.toordinal())]
    assert len(found) == calendar.workdays(first, last)
    assert all(calendar.workdays(day, day) for day in found)


@given(days, days, days, calendars)
def test_days_before_a_change_count_as_they_did(one: date, other: date, since: date, calendar: WorkCalendar) -> None:
    """A slip of the past stays what it was when the week has other days from some day on."""
    first, last = sorted((one, other))
    kept = [it for it in calendar.later if it[0] < since]
    changed = WorkCalendar(calendar.mask, calendar.holidays, (*kept, (since, "1010101")))
    if last < since:
        assert changed.slip(first, last) == calendar.slip(first, last)
        assert changed.mask_on(last) == calendar.mask_on(last)
    assert changed.mask_on(since) == "1010101"


@given(days, days, calendars)
def test_a_slip_there_and_back_is_opposite(one: date, other: date, calendar: WorkCalendar) -> None:
    assert calendar.slip(one, other) == -calendar.slip(other, one)


def test_a_range_backwards_has_no_working_days() -> None:
    assert WorkCalendar().workdays(date(2026, 5, 8), date(2026, 5, 4)) == 0


@pytest.mark.parametrize(
    ("baseline", "actual", "slip"),
    [
        (date(2026, 5, 8), date(2026, 5, 8), 0),
        (date(2026, 5, 8), date(2026, 5, 10), 0),  # the weekend after a Friday
        (date(2026, 5, 8), date(2026, 5, 11), 1),
        (date(2026, 5, 15), date(2026, 5, 12), -3),
        (date(2026, 4, 30), date(2026, 5, 4), 1),  # Friday the 1st is a holiday
    ],
)
def test_slips(baseline: date, actual: date, slip: int) -> None:
    assert WorkCalendar(holidays=frozenset({date(2026, 5, 1)})).slip(baseline, actual) == slip


@pytest.mark.parametrize("today", [date(2026, 5, 10), date(2026, 5, 11), date(2026, 5, 16)])
def test_a_week_is_full_at_the_end_of_its_sunday(today: date) -> None:
    assert list(full_weeks(today, 2)) == [date(2026, 4, 27), date(2026, 5, 4)]


def test_the_portfolio_calendar_comes_from_the_database(world: World) -> None:
    assert load_calendar(world.connection) == WorkCalendar()
    calendar_id = world.calendar("portfolio", (EVER, "8 8 8 8 0 0 0"))
    for day, fraction in ((date(2026, 5, 1), 1), (date(2026, 12, 24), 0.5)):
        world.connection.execute(insert(Holiday).values(calendar_id=calendar_id, day=day, fraction=fraction))
    assert load_calendar(world.connection) == WorkCalendar("1111000", frozenset({date(2026, 5, 1)}))
    told = ((EVER, "8 8 8 8 0 0 0"), (SUMMER, "7 7 7 7 0 0 0"), (AUTUMN, "8 8 8 8 8 0 0"))
    write_hours(world.connection, calendar_id, told)
    # Shorter days are working days as before.
    assert load_calendar(world.connection).later == ((AUTUMN, "1111100"),)
