"""Working days and slips."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import insert

from portfolio.calendar import WorkCalendar, full_weeks, load_calendar
from portfolio.model.people import Calendar, Holiday
from tests.portfolio.builders import World

days = st.dates(date(2020, 1, 1), date(2030, 12, 31))
calendars = st.builds(
    WorkCalendar,
    st.text("01", min_size=7, max_size=7),
    st.frozensets(st.dates(date(2024, 1, 1), date(2024, 12, 31)), max_size=8),
)


@given(days, st.integers(0, 400), calendars)
def test_counting_agrees_with_looking_at_every_day(first: date, length: int, calendar: WorkCalendar) -> None:
    last = first + timedelta(days=length)
    every_day = (first + timedelta(days=offset) for offset in range(length + 1))
    assert calendar.workdays(first, last) == sum(
        calendar.mask[day.weekday()] == "1" and day not in calendar.holidays for day in every_day
    )


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
    calendar_id = world._add(Calendar, name="portfolio", workdays="1111000")
    for day, fraction in ((date(2026, 5, 1), 1), (date(2026, 12, 24), 0.5)):
        world.connection.execute(insert(Holiday).values(calendar_id=calendar_id, day=day, fraction=fraction))
    assert load_calendar(world.connection) == WorkCalendar("1111000", frozenset({date(2026, 5, 1)}))
