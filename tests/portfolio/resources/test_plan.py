"""The plan is read from the stored model: the worked example once more, from rows."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from sqlalchemy import insert, update

from portfolio.audit.entry import SYSTEM
from portfolio.capacity.working_time import tell_working_time
from portfolio.model.base import EVER, FAR
from portfolio.model.people import Allocation, Holiday, Person, TimeOff
from portfolio.model.resources import PersonTerms
from portfolio.model.work import ItemAssignee, ItemProject, ItemSprint, Sprint, WorkItem
from portfolio.resources.booked import NO_ROLE
from portfolio.resources.load import by_period
from portfolio.resources.plan import Plan, read_plan
from portfolio.resources.points import Rate, rates
from portfolio.resources.working_time import WorkingTime
from tests.portfolio.builders import World
from tests.portfolio.conftest import Oracle

CLOSE = 1e-6
HOUR = 3600


def terms(world: World, person_id: int, *spans: tuple[date, date, float], **values: Any) -> None:
    for since, until, fte in spans:
        row = {"person_id": person_id, "valid_from": since, "valid_to": until, "fte": fte} | values
        world.connection.execute(insert(PersonTerms).values(**row))


def _date(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


class Example:
    """The example as rows."""

    def __init__(self, world: World, given: Mapping[str, Any]) -> None:
        self.world, add = world, world._add
        self.as_of = date.fromisoformat(given["as_of"])
        calendars = {}
        for name, it in given["calendars"].items():
            week = " ".join("8" if day in it["workdays"] else "0" for day in range(7))
            calendars[name] = world.calendar(name, (EVER, week))
            for day in it["holidays"]:
                world.connection.execute(insert(Holiday).values(calendar_id=calendars[name], day=_date(day), name=""))
        self.persons = {it["id"]: world.person(it["id"]) for it in given["people"]}
        for it in given["people"]:
            # What meetings and support take is the organisation's to say: here it is in the share of the week.
            share = it["fte"] * (1 - it["overhead"])
            terms(world, self.persons[it["id"]], (EVER, FAR, share), calendar_id=calendars[it["cal"]])
        tell_working_time(world.connection, WorkingTime(overhead_percent=0), EVER, datetime.now(UTC), SYSTEM)
        for it in given["time_off"]:
            day = _date(it["date"])
            add(TimeOff, person_id=self.persons[it["person"]], start=day, end=day, fraction=it["fraction"])
        names = {name for it in given["tasks"] for name in it["projects"]}
        self.projects = {
            name: world.project(name) for name in sorted(names | {it["project"] for it in given["allocations"]})
        }
        self.items = {it["key"]: self._item(it) for it in given["tasks"]}
        for it in given["allocations"]:
            add(
                Allocation, person_id=self.persons[it["person"]], project_id=self.projects[it["project"]],
                start=_date(it["from"]), end=_date(it["to"]), percent=100 * it["pct"], kind=it["kind"],
            )  # fmt: skip

    def _item(self, it: Mapping[str, Any]) -> int:
        first, *others = map(self.persons.get, it["assignees"] or [""])
        hours = it["remaining_h"]
        item = self.world.item(
            self.projects[it["projects"][0]], start=_date(it["start"]), due=_date(it["due"]), assignee_id=first,
            remaining_s=None if hours is None else hours * HOUR, role=it.get("role"),
        )  # fmt: skip
        for other in others:
            self.world.connection.execute(insert(ItemAssignee).values(item_id=item, person_id=other))
        for place, name in enumerate(it["projects"]):
            row = {"item_id": item, "project_id": self.projects[name], "is_primary": not place}
            self.world.connection.execute(insert(ItemProject).values(**row))
        return item

    def plan(self) -> Plan:
        return read_plan(self.world.connection, self.as_of, datetime(2026, 3, 2, 9, tzinfo=UTC))


def test_the_worked_example_from_rows(world: World, oracle: Oracle) -> None:
    told = oracle("o3_resource")
    example, expected = Example(world, told["input"]), told["expected"]
    plan = example.plan()
    weeks = told["input"]["weeks"]
    load = plan.load(date.fromisoformat(weeks[0][0]), date.fromisoformat(weeks[-1][1]))
    starts = np.array([0, 7])
    for name, person_id in example.persons.items():
        row = int(np.searchsorted(plan.persons, person_id))
        for what, hours in (("capacity", load.capacity), ("hard", load.hard), ("soft", load.soft)):
            assert by_period(hours, starts)[row] == pytest.approx(expected[what][name], abs=CLOSE), (name, what)
    for role, hours in expected["unassigned_by_role"].items():
        nobody = len(plan.persons) + plan.roles.index(role)
        assert by_period(load.hard, starts)[nobody] == pytest.approx(hours, abs=CLOSE)
    assert plan.no_estimate.item.tolist() == [example.items[key] for key in expected["no_estimate"]]
    whose = plan.persons[plan.no_date.carrier].tolist()
    undated = dict(zip(whose, plan.no_date.hours.tolist(), strict=True))
    assert undated == {example.persons[name]: hours for name, hours in expected["unscheduled"].items()}
    assert not len(plan.nothing_left.item)
    for key, quotas in expected["multi_home"].items():
        of_item = plan.rows.item == example.items[key]
        where = plan.projects[plan.rows.work.project[of_item]].tolist()
        shares = dict(zip(where, plan.rows.work.hours[of_item].tolist(), strict=True))
        assert shares == {example.projects[name]: hours for name, hours in quotas.items()}


def _plan(world: World) -> Plan:
    return read_plan(world.connection, date(2026, 3, 2), datetime(2026, 3, 2, 9, tzinfo=UTC))


def test_work_of_nobody_is_its_roles(world: World) -> None:
    ada, project = world.person("Ada"), world.project("Build")
    nobodys = {"remaining_s": 3 * HOUR, "due": date(2026, 3, 4)}
    assigned = world.item(project, role="QA", assignee_id=ada, **nobodys)
    shared = world.item(project, role="QA", **nobodys)
    world.connection.execute(insert(ItemAssignee).values(item_id=shared, person_id=ada))
    unknown, of_role, undated = (
        world.item(project, **nobodys | own) for own in ({}, {"role": "QA"}, {"role": "UX", "due": None})
    )
    world.item(world.project("Over", status="closed"), role="PM", **nobodys)
    world._add(
        Allocation, placeholder="QA", project_id=project, start=date(2026, 3, 2), end=date(2026, 3, 2),
        hours_per_day=5, kind="hard",
    )  # fmt: skip
    plan = _plan(world)
    assert plan.roles == (NO_ROLE, "QA", "UX")
    whose = {
        item: carrier - len(plan.persons)
        for item, carrier in zip(plan.rows.item.tolist(), plan.rows.work.carrier.tolist(), strict=True)
    }
    assert {item: whose[item] for item in (unknown, of_role, undated)} == {unknown: 0, of_role: 1, undated: 2}
    assert whose[assigned] == whose[shared] == int(np.searchsorted(plan.persons, ada)) - len(plan.persons)
    # The booking is an envelope around the work of the same role, as it is around a person's.
    assert plan.load(date(2026, 3, 2), date(2026, 3, 4)).hard[len(plan.persons) + 1].tolist() == [5, 1, 1]


def _hours(plan: Plan) -> dict[int, float]:
    return dict(zip(plan.rows.item.tolist(), plan.rows.work.hours.tolist(), strict=True))


def test_what_remains_is_what_is_told_else_what_is_left_of_the_estimate(world: World) -> None:
    project, mia = world.project(), world.person("Mia")
    base: dict[str, Any] = {"assignee_id": mia, "due": date(2026, 3, 6)}
    told = world.item(project, remaining_s=2 * HOUR, estimate_s=9 * HOUR, **base)
    left = world.item(project, estimate_s=9 * HOUR, **base)
    used_up = world.item(project, "in_progress", estimate_s=HOUR, **base)
    below = world.item(project, "in_progress", remaining_s=-HOUR, **base)
    unknown = world.item(project, **base)
    spent = update(WorkItem).where(WorkItem.id.in_((left, used_up, unknown))).values(spent_s=3 * HOUR)
    world.connection.execute(spent)
    world.item(project, "done", remaining_s=HOUR, **base)
    world.item(project, is_leaf=False, remaining_s=HOUR, **base)
    world.item(project, kind="milestone", remaining_s=HOUR, **base)
    world.item(project, deleted=date(2026, 2, 1), remaining_s=HOUR, **base)
    world.item(world.project(status="closed"), remaining_s=HOUR, **base)
    plan = _plan(world)
    assert _hours(plan) == {told: 2.0, left: 6.0}
    assert plan.nothing_left.item.tolist() == [used_up, below]
    assert plan.no_estimate.item.tolist() == [unknown]


def test_without_a_date_work_is_due_when_its_sprint_ends(world: World) -> None:
    project = world.project()
    item = world.item(project, remaining_s=HOUR)
    for number, (state, day) in enumerate((("closed", 30), ("active", 13), ("future", 20))):
        sprint = world._add(
            Sprint, connection_id=world.tracker_id, external_id=str(number), name="", state=state,
            end_at=datetime(2026, 3, day, 23, 30, tzinfo=UTC),
        )  # fmt: skip
        if state != "future":
            world.connection.execute(insert(ItemSprint).values(item_id=item, sprint_id=sprint))
    assert _plan(world).rows.work.due.tolist() == [date(2026, 3, 13).toordinal()]


def test_who_has_no_calendar_works_as_the_organisation_does(world: World) -> None:
    ada, half = world.person("Ada"), world.person("Bea")
    terms(world, half, (EVER, FAR, 0.5))
    away = world._add(Person, name="Gone", active=False)
    tell_working_time(
        world.connection, WorkingTime(minutes_per_day=420, overhead_percent=50), EVER, datetime.now(UTC), SYSTEM
    )

    def told() -> dict[int, list[float]]:
        plan = _plan(world)
        days = plan.capacity.daily(date(2026, 3, 2).toordinal(), date(2026, 3, 8).toordinal())
        return {int(ident): hours for ident, hours in zip(plan.persons, days.tolist(), strict=False)}

    assert told() == {ada: [3.5] * 5 + [0, 0], half: [1.75] * 5 + [0, 0], away: [0] * 7}
    calendar = world.calendar("portfolio", (EVER, "6 6 6 6 0 0 0"))
    world.connection.execute(insert(Holiday).values(calendar_id=calendar, day=date(2026, 3, 3), name="", fraction=0.5))
    assert told() == {ada: [3, 1.5, 3, 3, 0, 0, 0], half: [1.5, 0.75, 1.5, 1.5, 0, 0, 0], away: [0] * 7}


def _sprint(world: World, number: int, first: date, project: int, *spent_of_points: tuple[float, float]) -> None:
    """A closed sprint of two weeks, with items that were finished in it: hours spent, and points."""
    last = first + timedelta(days=13)
    sprint = world._add(
        Sprint, connection_id=world.tracker_id, external_id=f"s{number}", name="", state="closed", start_on=first,
        end_on=last,
    )  # fmt: skip
    for hours, points in spent_of_points:
        item = world.item(project, "done", points=points, finished_on=last)
        world.connection.execute(update(WorkItem).where(WorkItem.id == item).values(spent_s=hours * HOUR))
        world.connection.execute(insert(ItemSprint).values(item_id=item, sprint_id=sprint))


def test_points_become_hours_by_what_they_took_in_the_last_sprints(world: World) -> None:
    measured, unknown = world.project(), world.project()
    sprints = [((90, 1),), ((6, 2),), ((8, 4), (0, 100)), ((10, 1), (2, 3)), ((5, 1),), ((4, 1),), ((12, 2),)]
    for number, spent in enumerate(sprints):
        _sprint(world, number, date(2025, 10, 6) + number * timedelta(weeks=2), measured, *spent)
    for number in (10, 11):
        _sprint(world, number, date(2026, 1, 5) + (number - 10) * timedelta(weeks=2), unknown, (3, 1))
    told: dict[str, Any] = {"points": 5, "due": date(2026, 3, 6)}
    made = world.item(measured, **told)
    estimated = world.item(measured, remaining_s=HOUR, **told)
    without = world.item(unknown, **told)
    # Of the last six sprints a point took 2, 3, 3, 4, 5 and 6 hours; the oldest counts no more.
    assert rates(world.connection, date(2026, 3, 2)) == {measured: Rate(3, 3, 5, 6)}
    plan = _plan(world)
    assert _hours(plan) == {made: 15, estimated: 1}
    assert plan.rows.derived.tolist() == [True, False]
    assert (plan.rows.low[0], plan.rows.high[0]) == (15, 25)
    assert plan.no_estimate.item.tolist() == [without]


def test_what_changes_on_a_day_changes_capacity_from_then_on_and_nothing_before(world: World) -> None:
    ada = world.person("Ada")
    begins, half, leaves = date(2026, 3, 3), date(2026, 3, 5), date(2026, 3, 6)
    terms(world, ada, (EVER, begins, 0), (begins, half, 1), (half, leaves, 0.5), (leaves, FAR, 0))
    tell_working_time(world.connection, WorkingTime(overhead_percent=0), EVER, datetime.now(UTC), SYSTEM)
    days = _plan(world).capacity.daily(date(2026, 3, 2).toordinal(), date(2026, 3, 8).toordinal())
    assert days[0].tolist() == [0, 8, 8, 4, 0, 0, 0]


def test_a_project_that_is_over_takes_no_part_of_an_item(world: World) -> None:
    going_on, other, over = world.project(), world.project(), world.project(status="closed")
    told: dict[str, Any] = {"remaining_s": 12 * HOUR, "due": date(2026, 3, 6)}
    single, double = world.item(going_on, **told), world.item(going_on, **told)
    for item, projects in ((single, (going_on, over)), (double, (going_on, other, over))):
        for place, project in enumerate(projects):
            row = {"item_id": item, "project_id": project, "is_primary": not place}
            world.connection.execute(insert(ItemProject).values(**row))
    rows = _plan(world).rows
    assert list(zip(rows.item.tolist(), rows.work.hours.tolist(), strict=True)) == [
        (single, 12),
        (double, 6),
        (double, 6),
    ]


def test_of_a_booking_of_hours_in_all_only_the_part_of_the_days_ahead_is_ahead(world: World) -> None:
    ada, day = world.person("Ada"), date(2026, 3, 2)
    tell_working_time(world.connection, WorkingTime(overhead_percent=0), EVER, datetime.now(UTC), SYSTEM)
    span = {"start": day - timedelta(weeks=150), "end": day + timedelta(weeks=50, days=-1)}
    world._add(Allocation, person_id=ada, project_id=world.project(), total_hours=2000, kind="hard", **span)
    week = _plan(world).load(day, day + timedelta(days=6)).hard
    assert week.sum() == pytest.approx(10)
