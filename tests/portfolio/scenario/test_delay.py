"""A project later: by working days, whatever day today and the days of its work are."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portfolio.calendar import WorkCalendar
from portfolio.resources.plan import Plan
from portfolio.scenario.delay import delayed
from tests.portfolio.resources.plain import Booking, Task
from tests.portfolio.scenario.plans import human, plan_of

MONDAY = date(2026, 3, 2)
ONE = Fraction(1)
LOOKED_AT = 120


def plan_with(day: date, tasks: list[Task], bookings: list[Booking]) -> Plan:
    known = day.toordinal() - 60, day.toordinal() + 400
    named = {f"A-{number}": task for number, task in enumerate(tasks)}
    return plan_of({"Ada": human(known)}, ["A"], named, bookings, day.toordinal(), known)


def hours(plan: Plan) -> list[float]:
    """Ada's hours of each working day from today on; there are none on the others."""
    load = plan.load(plan.as_of, plan.as_of + timedelta(days=LOOKED_AT))
    works = (np.arange(load.first, load.first + load.hard.shape[1]) - 1) % 7 < 5
    assert not load.hard[0, ~works].any()
    found: list[float] = load.hard[0, works].tolist()
    return found


def test_one_working_day_from_a_saturday_on() -> None:
    saturday = MONDAY + timedelta(days=5)
    # Overdue, and due on Friday the 13th: both from Monday to Friday, then from Tuesday to Monday.
    for due in (MONDAY, saturday + timedelta(days=6)):
        plan = plan_with(saturday, [Task({"Ada": ONE}, {"A": ONE}, Fraction(10), None, due.toordinal())], [])
        assert hours(plan)[:6] == pytest.approx([2, 2, 2, 2, 2, 0])
        assert hours(delayed(plan, 0, 1, WorkCalendar()))[:7] == pytest.approx([0, 2, 2, 2, 2, 2, 0])


_DAYS, _LONG = st.integers(-15, 40), st.integers(0, 25)


@given(
    st.integers(0, 6), st.lists(st.tuples(_DAYS, _LONG), max_size=3), st.lists(st.tuples(_DAYS, _LONG), max_size=2),
    st.integers(1, 30),
)  # fmt: skip
@settings(max_examples=60, deadline=None)
def test_every_day_has_what_the_one_so_many_working_days_before_had(
    today: int, tasks: list[tuple[int, int]], bookings: list[tuple[int, int]], workdays: int
) -> None:
    day = MONDAY + timedelta(days=today)
    as_of = day.toordinal()

    def works(first: int, last: int) -> bool:
        """Whether there is any working day; what has none stands on a day of its own."""
        return WorkCalendar().workdays(date.fromordinal(max(first, as_of)), date.fromordinal(last)) > 0

    spans = [(as_of + start, as_of + start + long) for start, long in tasks]
    booked = [(as_of + start, as_of + start + long) for start, long in bookings]
    plan = plan_with(
        day,
        [
            Task({"Ada": ONE}, {"A": ONE}, Fraction(20), *span)
            for span in spans
            if span[1] < as_of or works(*span)
        ],
        [Booking("Ada", "A", *span, hard=True, share=Fraction(1, 2)) for span in booked if works(*span)],
    )  # fmt: skip
    before, after = hours(plan), hours(delayed(plan, 0, workdays, WorkCalendar()))
    assert after == pytest.approx(([0.0] * workdays + before)[: len(after)])


def test_a_booking_of_days_off_alone_keeps_its_hours() -> None:
    saturday = MONDAY.toordinal() + 5
    booking = Booking("Ada", "A", saturday, saturday + 1, hard=True, total=Fraction(6))
    plan = plan_with(MONDAY, [], [booking])
    # On Monday the 9th at the earliest; four working days later it is Friday.
    assert sum(hours(delayed(plan, 0, 4, WorkCalendar()))) == 6
    assert hours(delayed(plan, 0, 4, WorkCalendar()))[9] == 6
