"""The worked example of one thing done another way (domain rules of resource planning, W1 and W2)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from fractions import Fraction

import numpy as np
import pytest

from portfolio.calendar import WorkCalendar
from portfolio.resources.heat import heat_map
from portfolio.resources.periods import weeks_from
from portfolio.resources.plan import Plan
from portfolio.scenario.apply import apply
from portfolio.scenario.compare import persons_changed
from portfolio.scenario.finish import finishes
from portfolio.scenario.operations import Operation, Reassign, SetDue
from tests.portfolio.resources.plain import Booking, Human, Task, Term
from tests.portfolio.scenario.plans import names_of, plan_of

CLOSE = 1e-6
AS_OF = date(2026, 3, 2)
KNOWN = AS_OF.toordinal() - 30, AS_OF.toordinal() + 60
PROJECTS = ("ALPHA", "BETA", "GAMMA", "DELTA")
WEEKS = weeks_from(AS_OF, 2)


def day(number: int) -> int:
    """A day of March."""
    return date(2026, 3, number).toordinal()


def _works(hours: str, off: Mapping[int, Fraction], *holidays: int) -> Human:
    week = (Fraction(hours),) * 5 + (Fraction(0),) * 2
    return Human([Term(KNOWN[0], KNOWN[1] + 1, week, dict.fromkeys(holidays, Fraction(1)), Fraction(1))], off)


PEOPLE = {
    "ANA": _works("8", {day(9): Fraction(1)}, day(6)),
    "BEN": _works("4", {}, day(6)),
    "CY": _works("6", {day(4): Fraction(1, 2)}),
}


def _task(who: str, where: str, hours: int, start: int | None, due: int) -> Task:
    persons, projects = who.split(), where.split()
    return Task(
        {name: Fraction(1, len(persons)) for name in persons}, {name: Fraction(1, len(projects)) for name in projects},
        Fraction(hours), start, due,
    )  # fmt: skip


TASKS = {
    "T1": _task("ANA", "ALPHA", 24, day(2), day(5)),
    "T2": _task("ANA", "BETA", 16, None, day(5)),
    "T3": _task("BEN CY", "ALPHA", 12, day(2), day(4)),
    "T4": _task("CY", "BETA", 20, day(5), day(10)),
    "T5": _task("ANA", "GAMMA", 8, None, date(2026, 2, 27).toordinal()),
    "T8": _task("BEN", "ALPHA GAMMA", 10, day(9), day(13)),
}
BOOKINGS = (
    Booking("ANA", "DELTA", day(10), day(13), hard=False, share=Fraction(1, 2)),
    Booking("BEN", "DELTA", day(9), day(13), hard=True, share=Fraction(1, 4)),
    Booking("CY", "BETA", day(5), day(13), hard=True, share=Fraction(1, 2)),
)


@pytest.fixture
def plan() -> Plan:
    return plan_of(PEOPLE, PROJECTS, TASKS, BOOKINGS, AS_OF.toordinal(), KNOWN)


def _after(plan: Plan, *operations: Operation) -> Plan:
    names = names_of(list(PEOPLE), PROJECTS, list(TASKS))
    done = apply(plan, operations, names, WorkCalendar())
    assert done.left_out == ()
    return done.plan


def test_an_item_for_somebody_else(plan: Plan) -> None:
    found = heat_map(_after(plan, Reassign(item="T2", persons=("CY",))), WEEKS)
    ana, _, cy = (found.cells(place) for place in range(3))
    assert [it.hard for it in ana] == pytest.approx([30.4, 1.6], abs=CLOSE)
    assert [it.hard for it in cy] == pytest.approx([32, 19], abs=CLOSE)
    assert (ana[0].load, cy[0].load) == (pytest.approx(0.95, abs=CLOSE), pytest.approx(1.185185, abs=CLOSE))
    assert (ana[0].over, ana[0].over_days, cy[0].over) == (0, 0, pytest.approx(6.0, abs=CLOSE))


def test_an_item_due_later(plan: Plan) -> None:
    found = heat_map(_after(plan, SetDue(item="T2", day=date(2026, 3, 12))), WEEKS).cells(0)
    assert [it.hard for it in found] == pytest.approx([39.542857, 8.457143], abs=CLOSE)
    assert [it.load for it in found] == pytest.approx([1.235714, 0.264286], abs=CLOSE)


def test_whose_weeks_are_others_is_told_with_how_they_were(plan: Plan) -> None:
    before, after = (heat_map(it, WEEKS) for it in (plan, _after(plan, Reassign(item="T2", persons=("CY",)))))
    cy, ana = persons_changed(before, after, 3, [0, 1, 2], 0)
    assert (cy.place, ana.place) == (2, 0)
    assert ana.weeks_over == (1, 0)
    assert cy.weeks_over == (0, 1)
    assert ana.over == (pytest.approx(14.4, abs=CLOSE), 0)


def test_when_work_could_be_done_if_nobody_worked_more_than_they_can(plan: Plan) -> None:
    """ANA has 46.4 h planned up to Thursday the 5th and 32 h of room: 14.4 h wait until she is back on Tuesday the
    10th, and with 1.6 h of that day they are done on Wednesday the 11th."""
    found = finishes(plan, date.fromordinal(KNOWN[1]))
    assert found.planned.tolist() == [day(13), day(10), day(13), 0]
    assert found.feasible.tolist() == [day(13), day(11), day(13), 0]
    moved = _after(plan, Reassign(item="T2", persons=("CY",)))
    # CY has 32 h up to Friday and 27 h: the 5 h are done on Monday, after them what is planned for the 9th and 10th.
    later = finishes(moved, date.fromordinal(KNOWN[1]))
    assert later.feasible.tolist()[:2] == [day(13), day(11)]
    assert np.allclose(found.hours, later.hours)
