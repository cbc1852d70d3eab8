"""Applying operations to a copy of the plan. Pure: the plan itself stays as it is.

Operations are applied in their order. One that does not fit is left out and told with its reason; the others are
applied. No hours are lost but by what says so: a project that is dropped, effort that is scaled down.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import numpy as np

from portfolio.calendar import WorkCalendar
from portfolio.resources.capacity import Numbers
from portfolio.resources.pieces import NEVER
from portfolio.resources.plan import AHEAD, Plan, Rows, Unplanned
from portfolio.resources.rows import take
from portfolio.scenario.bookings import add_booking, converted
from portfolio.scenario.columns import joined, with_person, with_role
from portfolio.scenario.delay import delayed
from portfolio.scenario.drop import dropped
from portfolio.scenario.faults import Fault, Unfit
from portfolio.scenario.names import Names
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


@dataclass(frozen=True)
class Added:
    """Somebody a scenario adds: the number that stands for an id in its plan, what they are called, and their role."""

    number: int
    name: str
    role: str


@dataclass(frozen=True)
class Applied:
    """The plan as it would be; who is new in it, what was left out, by how many working days projects (places) are
    later, and which are dropped. `touched` are the carriers (places in it) of whom anything may be another."""

    plan: Plan
    added: tuple[Added, ...] = ()
    left_out: tuple[Fault, ...] = ()
    delays: Mapping[int, int] = field(default_factory=dict)
    dropped: frozenset[int] = frozenset()
    touched: frozenset[int] = frozenset()

    def touched_of(self, before: Plan) -> list[int]:
        """Those who are touched and were there before, by their places then."""
        persons, now, roles = len(before.persons), len(self.plan.persons), before.roles
        as_they_were = [it for it in self.touched if it < persons]
        named = (self.plan.roles[it - now] for it in self.touched if it >= now)
        return as_they_were + [persons + roles.index(role) for role in named if role in roles]


@dataclass(frozen=True)
class _Draft:
    """`touched` are the carriers of whom work or bookings are others than they were, by their places."""

    plan: Plan
    names: Names
    calendar: WorkCalendar
    added: tuple[Added, ...] = ()
    delays: Mapping[int, int] = field(default_factory=dict)
    dropped: frozenset[int] = frozenset()
    touched: frozenset[int] = frozenset()

    def carrier(self, whom: int | str) -> int:
        added = {it.name: it.number for it in self.added}
        return int(np.searchsorted(self.plan.persons, self.names.person(whom, added)))

    def rows_of(self, key: str, connection: str | None) -> Any:
        """Which rows are the item's."""
        found = self.plan.rows.item == self.names.item(key, connection)
        if not found.any():
            raise Unfit(
                f"Nothing is planned of the item {key}: it has no estimate, nothing is left of it, or it is a milestone"
                " or a parent. Mend it in the tracker, or take the operation out."
            )
        return found


def apply(plan: Plan, operations: Sequence[Operation], names: Names, calendar: WorkCalendar) -> Applied:
    """The plan after all operations that fit. `calendar` is the portfolio's: by it projects are delayed."""
    draft = _Draft(plan, names, calendar)
    left_out = []
    for number, operation in enumerate(operations, 1):
        try:
            draft = _STEPS[type(operation)](draft, operation)
        except Unfit as error:
            left_out.append(Fault(number, str(error)))
    rows = draft.plan.rows
    undated = rows.some(rows.work.due >= NEVER)
    no_date = Unplanned(undated.item, undated.work.carrier, undated.work.project, undated.work.hours)
    done = replace(draft.plan, no_date=no_date).following(plan, draft.touched)
    return Applied(done, draft.added, tuple(left_out), draft.delays, draft.dropped, draft.touched)


def _reassign(draft: _Draft, it: Reassign) -> _Draft:
    rows, mine = draft.plan.rows, draft.rows_of(it.item, it.connection)
    carriers = np.unique([draft.carrier(whom) for whom in it.persons])
    places = np.flatnonzero(mine)
    # Each project has one row for each who did it, all with the same share: one of them stands for all.
    _, first, among = np.unique(rows.work.project[places], return_index=True, return_counts=True)
    each = np.repeat(places[first], len(carriers))
    share = np.repeat(among, len(carriers)) / len(carriers)
    work = take(rows.work, each)
    work = work._replace(carrier=np.tile(carriers, len(first)), hours=work.hours * share)
    fresh = Rows(rows.item[each], rows.running[each], work, rows.low[each] * share, rows.high[each] * share)
    return _with_rows(draft, joined(rows.some(~mine), fresh), rows.work.carrier[mine], carriers)


def _set_due(draft: _Draft, it: SetDue) -> _Draft:
    mine, work = draft.rows_of(it.item, it.connection), draft.plan.rows.work
    due = np.where(mine, _near(draft, it.day), work.due)
    return _with_rows(draft, draft.plan.rows._replace(work=work._replace(due=due)), work.carrier[mine])


def _set_start(draft: _Draft, it: SetStart) -> _Draft:
    mine, work = draft.rows_of(it.item, it.connection), draft.plan.rows.work
    start = np.where(mine, _near(draft, it.day), work.start)
    return _with_rows(draft, draft.plan.rows._replace(work=work._replace(start=start)), work.carrier[mine])


def _scale_effort(draft: _Draft, it: ScaleEffort) -> _Draft:
    rows = draft.plan.rows
    if it.item is not None:
        mine = draft.rows_of(it.item, it.connection)
    else:
        assert it.project is not None
        of_project = rows.work.project == draft.names.project(it.project)
        if not of_project.any():
            raise Unfit(f"Nothing with an estimate is planned for the project {it.project}. Take the operation out.")
        mine = np.isin(rows.item, rows.item[of_project])
    times = np.where(mine, it.factor, 1.0)
    work = rows.work._replace(hours=rows.work.hours * times)
    return _with_rows(draft, rows._replace(work=work, low=rows.low * times, high=rows.high * times), work.carrier[mine])


def _add_allocation(draft: _Draft, it: AddAllocation) -> _Draft:
    project = draft.names.project(it.project)
    first, last = _near(draft, it.first), _near(draft, it.last)
    if last < draft.plan.as_of.toordinal():
        raise Unfit(f"The booking is over since {it.last}. Give it days to come.")
    if it.person is not None:
        plan, carrier = draft.plan, draft.carrier(it.person)
    else:
        assert it.role is not None
        plan = with_role(draft.plan, it.role, draft.names.role)
        carrier = len(plan.persons) + plan.roles.index(it.role)
    return _touching(replace(draft, plan=add_booking(plan, it, carrier, project, first, last)), [carrier])


def _add_person(draft: _Draft, it: AddPerson) -> _Draft:
    if it.called in {*draft.names.persons.values(), *draft.names.gone.values(), *(one.name for one in draft.added)}:
        raise Unfit(f"There is somebody called {it.called} already. Give another name.")
    first = _near(draft, it.first)
    until = None if it.last is None else _near(draft, it.last) + 1
    number = int(draft.plan.persons[-1]) + 1 if len(draft.plan.persons) else 1
    plan = with_person(draft.plan, number, draft.names.calendar(it.calendar), first, until, it.fte)
    # Roles have moved up by one.
    place = len(draft.plan.persons)
    touched = frozenset(carrier + (carrier >= place) for carrier in draft.touched)
    return replace(draft, plan=plan, added=(*draft.added, Added(number, it.called, it.role)), touched=touched)


def _drop_project(draft: _Draft, it: DropProject) -> _Draft:
    project = draft.names.project(it.project)
    done = replace(draft, plan=dropped(draft.plan, project), dropped=draft.dropped | {project})
    return _touching(done, *_carriers_of(draft.plan, project))


def _delay_project(draft: _Draft, it: DelayProject) -> _Draft:
    project = draft.names.project(it.project)
    plan = delayed(draft.plan, project, it.workdays, draft.calendar)
    later = draft.delays.get(project, 0) + it.workdays
    done = replace(draft, plan=plan, delays={**draft.delays, project: later})
    return _touching(done, *_carriers_of(draft.plan, project))


def _convert_soft(draft: _Draft, it: ConvertSoft) -> _Draft:
    plan, soft = draft.plan, draft.plan.soft
    # All means all in sight.
    chosen = np.isin(soft.project, list(draft.names.projects.values()))
    if it.project is not None:
        chosen &= soft.project == draft.names.project(it.project)
    if it.person is not None:
        chosen &= soft.carrier == draft.carrier(it.person)
    if it.role is not None:
        place = plan.roles.index(it.role) if it.role in plan.roles else -1
        chosen &= soft.carrier == (len(plan.persons) + place if place >= 0 else -1)
    if not chosen.any():
        raise Unfit("No proposed booking in sight is meant. Take the operation out, or name another.")
    return _touching(replace(draft, plan=converted(plan, chosen)), soft.carrier[chosen])


def _with_rows(draft: _Draft, rows: Rows, *touched: Numbers) -> _Draft:
    return _touching(replace(draft, plan=replace(draft.plan, rows=rows)), *touched)


def _touching(draft: _Draft, *carriers: Iterable[int]) -> _Draft:
    return replace(draft, touched=draft.touched.union(*(map(int, it) for it in carriers)))


def _carriers_of(plan: Plan, project: int) -> Iterator[Numbers]:
    """Who does any item of the project, in whatever project, or is booked for it."""
    rows = plan.rows
    yield rows.work.carrier[np.isin(rows.item, rows.item[rows.work.project == project])]
    for part in (plan.hard, plan.soft):
        yield part.carrier[part.project == project]


def _near(draft: _Draft, day: date) -> int:
    """The day as a number, if it is one to plan with."""
    as_of = draft.plan.as_of
    if not as_of - AHEAD <= day <= as_of + AHEAD:
        raise Unfit(f"The day {day} is more than ten years from {as_of}. Check the year.")
    return day.toordinal()


_STEPS: dict[type[Operation], Callable[[_Draft, Any], _Draft]] = {
    Reassign: _reassign,
    SetDue: _set_due,
    SetStart: _set_start,
    ScaleEffort: _scale_effort,
    AddAllocation: _add_allocation,
    AddPerson: _add_person,
    DropProject: _drop_project,
    DelayProject: _delay_project,
    ConvertSoft: _convert_soft,
}
