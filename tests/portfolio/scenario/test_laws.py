"""The laws of scenarios: the same twice, nothing of nothing, no hours lost, and the plan itself as it was."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import fields, replace
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from portfolio.calendar import WorkCalendar
from portfolio.resources.heat import COLUMNS, heat_map
from portfolio.resources.periods import weeks_from
from portfolio.resources.pieces import NEVER
from portfolio.resources.plan import Plan
from portfolio.scenario.apply import Applied, apply
from portfolio.scenario.finish import finishes
from portfolio.scenario.operations import (
    AddAllocation,
    AddPerson,
    ConvertSoft,
    DelayProject,
    DropProject,
    Operation,
    Reassign,
    ScaleEffort,
    SetDue,
    SetStart,
)
from portfolio.scenario.read import read_json, written
from tests.portfolio.resources.plain import Booking, Task
from tests.portfolio.scenario.plans import human, names_of, plan_of

AS_OF = date(2026, 3, 4)
KNOWN = AS_OF.toordinal() - 200, AS_OF.toordinal() + 700
PEOPLE, PROJECTS, KEYS = ("Ada", "Ben", "Cy"), ("A", "B"), ("K-1", "K-2", "K-3", "K-4")
HELD = tuple(it.name for it in fields(Plan) if it.init and it.name != "capacity")
CALENDAR = WorkCalendar(holidays=frozenset([date(2026, 4, 3)]))
_DAYS = st.integers(-20, 90).map(lambda days: date.fromordinal(AS_OF.toordinal() + days))
_KEYS, _PROJECTS, _PEOPLE = st.sampled_from(KEYS), st.sampled_from(PROJECTS), st.sampled_from(PEOPLE)
_WHOM = st.lists(_PEOPLE, min_size=1, max_size=3, unique=True).map(tuple)
_MOVING = (
    st.builds(Reassign, item=_KEYS, persons=_WHOM)
    | st.builds(SetDue, item=_KEYS, day=_DAYS)
    | st.builds(SetStart, item=_KEYS, day=_DAYS)
    | st.builds(DelayProject, project=_PROJECTS, workdays=st.integers(1, 60))
)
_ANY = (
    _MOVING
    | st.builds(ScaleEffort, item=_KEYS, factor=st.sampled_from([0.5, 1.5]))
    | st.builds(ScaleEffort, project=_PROJECTS, factor=st.sampled_from([0.5, 2.0]))
    | st.builds(
        lambda first, days, **values: AddAllocation(first=first, last=first + timedelta(days=days), **values),
        first=_DAYS, days=st.integers(0, 30), project=_PROJECTS, person=_PEOPLE, percent=st.just(50.0),
        kind=st.sampled_from(["hard", "soft"]),
    )
    | st.builds(AddPerson, role=st.just("Tester"), first=_DAYS)
    | st.builds(DropProject, project=_PROJECTS)
    | st.builds(ConvertSoft, project=st.none() | _PROJECTS)
)  # fmt: skip


def _equal(names: tuple[str, ...]) -> dict[str, Fraction]:
    return {name: Fraction(1, len(names)) for name in names}


def _several(names: tuple[str, ...]) -> st.SearchStrategy[dict[str, Fraction]]:
    return st.lists(st.sampled_from(names), min_size=1, unique=True).map(lambda some: _equal(tuple(some)))


_DAY = st.integers(AS_OF.toordinal() - 15, AS_OF.toordinal() + 60)
_TASK = st.builds(
    Task,
    _several((*PEOPLE, "")),
    _several(PROJECTS),
    st.integers(1, 90).map(Fraction),
    st.none() | _DAY,
    st.none() | _DAY,
)
_BOOKING = st.builds(
    lambda first, days, **values: Booking(first=first, last=max(first + days, AS_OF.toordinal()), **values),
    first=_DAY, days=st.integers(0, 40), person=_PEOPLE, project=_PROJECTS, hard=st.booleans(),
    total=st.integers(1, 90).map(Fraction),
)  # fmt: skip


def _plan(tasks: list[Task], bookings: list[Booking]) -> Plan:
    people = {name: human(KNOWN) for name in PEOPLE}
    return plan_of(people, PROJECTS, dict(zip(KEYS, tasks, strict=True)), bookings, AS_OF.toordinal(), KNOWN)


_PLANS = st.builds(_plan, st.lists(_TASK, min_size=4, max_size=4), st.lists(_BOOKING, max_size=3))
_SCENARIOS = st.lists(_ANY, max_size=6)


def _apply(plan: Plan, operations: list[Operation]) -> Applied:
    return apply(plan, operations, names_of(PEOPLE, PROJECTS, KEYS), CALENDAR)


def _bookings_of(plan: Plan) -> Plan:
    """The plan without its work."""
    return replace(plan, rows=plan.rows.some(np.zeros(len(plan.rows.item), np.bool_)))


def _same(one: Any, other: Any) -> bool:
    """Whether two values hold the same, arrays within them, too."""
    if isinstance(one, np.ndarray):
        return bool(np.array_equal(one, other, equal_nan=one.dtype.kind == "f"))
    if isinstance(one, tuple):
        return len(one) == len(other) and all(map(_same, one, other))
    if isinstance(one, Plan):
        return all(_same(getattr(one, name), getattr(other, name)) for name in HELD)
    return bool(one == other)


@given(_PLANS)
@settings(max_examples=30)
def test_the_empty_scenario_changes_nothing(plan: Plan) -> None:
    done = _apply(plan, [])
    assert _same(done.plan, plan)
    assert done.plan.capacity is plan.capacity


@given(_PLANS, _SCENARIOS)
@settings(max_examples=40)
def test_the_same_twice_is_the_same_and_the_plan_stays_as_it_was(plan: Plan, operations: list[Operation]) -> None:
    was = replace(plan, **{name: deepcopy(getattr(plan, name)) for name in HELD})
    one, other = _apply(plan, operations), _apply(plan, operations)
    assert _same(one.plan, other.plan)
    assert one.left_out == other.left_out
    assert _same(plan, was)
    days = AS_OF, date.fromordinal(KNOWN[1])
    assert _same(tuple(plan.load(*days)), tuple(was.load(*days)))


@given(_PLANS, st.lists(_MOVING, max_size=6))
@settings(max_examples=60)
def test_no_hours_are_lost_by_moving_work(plan: Plan, operations: list[Operation]) -> None:
    done = _apply(plan, operations)
    before, after = plan.rows, done.plan.rows
    assert abs(before.work.hours.sum() - after.work.hours.sum()) < 1e-6
    for item in np.unique(before.item):
        for project in range(len(PROJECTS)):
            one, other = (
                it.work.hours[(it.item == item) & (it.work.project == project)].sum() for it in (before, after)
            )
            assert abs(one - other) < 1e-6
    if not len(plan.hard.carrier):
        load = done.plan.load(AS_OF, date.fromordinal(KNOWN[1]))
        assert abs(load.hard.sum() - after.work.hours[after.work.due < NEVER].sum()) < 1e-6


@given(_PLANS, _SCENARIOS, _SCENARIOS)
@settings(max_examples=60)
def test_what_is_told_of_it_is_what_would_be_worked_out(
    plan: Plan, operations: list[Operation], more: list[Operation]
) -> None:
    weeks, last = weeks_from(AS_OF, 12), date.fromordinal(KNOWN[1])
    heat_map(plan, weeks)
    finishes(plan, last)
    # A copy has nothing worked out yet; the second scenario follows from what was never asked of the first.
    one = _apply(plan, operations).plan
    for done in (_apply(one, more).plan, one):
        plain = replace(done)
        for name in COLUMNS:
            assert np.allclose(*(getattr(heat_map(it, weeks), name) for it in (done, plain)), rtol=0, atol=1e-9)
        assert all(np.allclose(*both) for both in zip(finishes(done, last), finishes(plain, last), strict=True))


@given(_PLANS, st.integers(1, 40))
@settings(max_examples=30)
def test_a_project_delayed_keeps_the_hours_of_its_bookings_and_has_none_before(plan: Plan, workdays: int) -> None:
    done = _apply(plan, [DelayProject(project="A", workdays=workdays), DropProject(project="B")])
    was = _apply(plan, [DropProject(project="B")])
    one, other, load = (
        it.load(AS_OF, date.fromordinal(KNOWN[1]))
        for it in (_bookings_of(was.plan), _bookings_of(done.plan), done.plan)
    )
    assert abs(one.soft.sum() - other.soft.sum()) < 1e-6
    assert abs(one.hard.sum() - other.hard.sum()) < 1e-6
    days = (date.fromordinal(load.first + place) for place in range(load.hard.shape[1]))
    begins = next(place for place, day in enumerate(days) if CALENDAR.since(AS_OF, day) >= workdays)
    assert not load.hard[:, :begins].any()
    assert not load.soft[:, :begins].any()


@given(_PLANS)
@settings(max_examples=20)
def test_the_order_is_as_written(plan: Plan) -> None:
    new = AddPerson(role="Tester", first=AS_OF)
    hers = Reassign(item="K-1", persons=("New Tester",))
    assert [it.number for it in _apply(plan, [hers, new]).left_out] == [1]
    done = _apply(plan, [new, hers])
    assert done.left_out == ()
    mine = done.plan.rows.item == 1
    assert set(done.plan.rows.work.carrier[mine].tolist()) == {len(PEOPLE)}
    # Whatever nobody was named for is still carried by nobody.
    was = plan.rows.work.carrier[plan.rows.item != 1] == len(PEOPLE)
    assert (was == (done.plan.rows.work.carrier[~mine] == len(PEOPLE) + 1)).all()


@given(_SCENARIOS)
@settings(max_examples=50)
def test_what_is_written_reads_back_the_same(operations: list[Operation]) -> None:
    assert read_json(written(operations)) == tuple(operations)
