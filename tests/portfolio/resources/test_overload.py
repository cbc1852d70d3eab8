"""Conflicts: what weighs most stands first, and what is suggested ends them without making another."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from sqlalchemy import insert

from portfolio.audit.entry import SYSTEM
from portfolio.capacity.working_time import tell_working_time
from portfolio.model.base import EVER
from portfolio.model.people import Allocation
from portfolio.model.work import ItemProject
from portfolio.resources.heat import heat_map
from portfolio.resources.overload import Move, Over, Receiver, Room, overloads
from portfolio.resources.periods import weeks_from
from portfolio.resources.plan import Plan, read_plan
from portfolio.resources.working_time import WorkingTime
from tests.portfolio.builders import World
from tests.portfolio.conftest import Oracle
from tests.portfolio.resources.plain import Task
from tests.portfolio.resources.test_plan import Example
from tests.portfolio.scenario import plans

TODAY = date(2026, 3, 2)
HOUR = 3600


def plan_of(world: World) -> Plan:
    return read_plan(world.connection, TODAY, datetime(2026, 3, 2, 9, tzinfo=UTC))


def conflicts(plan: Plan, weight: dict[int, float] | None = None) -> list[Over]:
    weights = [(weight or {}).get(ident, 1.0) for ident in plan.projects.tolist()]
    return overloads(plan, weeks_from(TODAY, 6), np.array(weights))


def moves(plan: Plan, over: Over, *peers: int, hidden: int = 0) -> tuple[Move, ...]:
    places = np.searchsorted(plan.persons, sorted(peers))
    return Room(plan).moves(over, places, plan.projects != hidden)


@pytest.fixture
def whole_days(world: World) -> World:
    tell_working_time(world.connection, WorkingTime(overhead_percent=0), EVER, datetime.now(UTC), SYSTEM)
    return world


def test_the_worked_example_has_one(world: World, oracle: Oracle) -> None:
    example = Example(world, oracle("o3_resource")["input"])
    plan = example.plan()
    [over] = conflicts(plan)
    ana = int(np.searchsorted(plan.persons, example.persons["ANA"]))
    assert over == pytest.approx(Over(ana, 0, 14.4, 1.0))
    found = {it.item: it for it in moves(plan, over, *example.persons.values())}
    assert found[example.items["T1"]].hours == pytest.approx(24)
    # W1: with T2, CY would have too much; and W2: with T2 due on 12 March, ANA has too much still.
    t2 = found[example.items["T2"]]
    assert t2.receivers == ()
    assert t2.due == 0 or date.fromordinal(t2.due) > date(2026, 3, 12)


def test_what_weighs_most_stands_first(whole_days: World) -> None:
    world = whole_days
    small, large = world.project(), world.project()
    ada, ben = world.person("Ada"), world.person("Ben")
    told: dict[str, Any] = {"due": date(2026, 3, 6)}
    world.item(small, assignee_id=ada, remaining_s=60 * HOUR, **told)
    world.item(large, assignee_id=ben, remaining_s=50 * HOUR, **told)
    plan = plan_of(world)
    assert [it.hours for it in conflicts(plan)] == pytest.approx([20, 10])
    assert [it.score for it in conflicts(plan, {large: 3})] == pytest.approx([30, 20])


def test_who_could_take_an_item(whole_days: World) -> None:
    world = whole_days
    one, two = world.project(), world.project()
    ada, ben, cy, mia, ned = (world.person(name) for name in ("Ada", "Ben", "Cy", "Mia", "Ned"))
    told: dict[str, Any] = {"start": TODAY, "due": date(2026, 3, 6)}
    moved = world.item(one, assignee_id=ada, remaining_s=20 * HOUR, **told)
    world.item(two, assignee_id=ada, remaining_s=30 * HOUR, **told)
    # Ben works on the project already, Cy is free, Mia works on another, Ned is full.
    world.item(one, assignee_id=ben, remaining_s=16 * HOUR, **told)
    world.item(two, assignee_id=mia, remaining_s=4 * HOUR, **told)
    world.item(two, assignee_id=ned, remaining_s=21 * HOUR, **told)
    plan = plan_of(world)
    [over] = conflicts(plan)
    place = {person: int(np.searchsorted(plan.persons, person)) for person in (ben, cy, mia)}
    found = {it.item: it for it in moves(plan, over, ada, ben, cy, mia, ned)}
    assert found[moved].receivers == (
        Receiver(place[ben], is_new=False, free=pytest.approx(24)),
        Receiver(place[cy], is_new=True, free=pytest.approx(40)),
        Receiver(place[mia], is_new=True, free=pytest.approx(36)),
    )
    # What is out of sight is not suggested; nor is work that a booking would keep.
    assert moved not in {it.item for it in moves(plan, over, ben, hidden=one)}
    world._add(Allocation, person_id=ada, project_id=one, kind="hard", hours_per_day=4, **_span(told))
    plan = plan_of(world)
    [over] = conflicts(plan)
    assert moved not in {it.item for it in moves(plan, over, ben)}


def test_an_item_in_a_firm_booking_with_part_of_it_goes_to_nobody(whole_days: World) -> None:
    world = whole_days
    alpha, gamma = world.project(), world.project()
    ada, ben = world.person("Ada"), world.person("Ben")
    told: dict[str, Any] = {"start": TODAY, "due": date(2026, 3, 6), "remaining_s": 40 * HOUR}
    shared = world.item(alpha, assignee_id=ada, **told)
    for project in (alpha, gamma):
        row = {"item_id": shared, "project_id": project, "is_primary": project == alpha}
        world.connection.execute(insert(ItemProject).values(**row))
    other = world.item(gamma, assignee_id=ada, **told)
    world._add(Allocation, person_id=ada, project_id=alpha, kind="hard", hours_per_day=4, **_span(told))
    # Ben has room for what counts to GAMMA, not for the whole item.
    world.item(gamma, assignee_id=ben, **told | {"remaining_s": 18 * HOUR})
    plan = plan_of(world)
    [over] = conflicts(plan)
    assert [it.item for it in moves(plan, over, ben)] == [other]


def test_the_weight_is_known_of_hours_too_few_to_count() -> None:
    known = TODAY.toordinal(), TODAY.toordinal() + 400
    # Each day is over by less than counts, the week by more.
    hours = 40 + Fraction(2, 10**9)
    task = Task({"Ada": Fraction(1)}, {"ALPHA": Fraction(1)}, hours, known[0], known[0] + 4)
    plan = plans.plan_of({"Ada": plans.human(known)}, ["ALPHA"], {"A-1": task}, [], known[0], known)
    assert conflicts(plan, {1: 3.0}) == [Over(0, 0, 0.0, 3.0)]


def _span(told: dict[str, Any]) -> dict[str, Any]:
    return {"start": told["start"], "end": told["due"]}


@pytest.mark.parametrize("hours", [(30, 20), (12, 8, 60), (41,), (400,), (100, 39)])
def test_the_later_day_ends_the_conflict_and_is_the_first_that_does(whole_days: World, hours: tuple[int, ...]) -> None:
    world = whole_days
    project, ada = world.project(), world.person("Ada")
    items = [
        world.item(project, assignee_id=ada, start=TODAY, due=date(2026, 3, 6), remaining_s=each * HOUR)
        for each in hours
    ]
    assert_first(plan_of(world), items)


@pytest.mark.parametrize(("booked", "other"), [(8, 0), (4, 30), (8, 20), (2, 60)])
@pytest.mark.parametrize("due", [date(2026, 3, 6), date(2026, 3, 13)])
def test_what_is_booked_in_other_weeks_does_not_shrink_with_an_item_that_is_due_later(
    whole_days: World, booked: int, other: int, due: date
) -> None:
    """An item that is due later fits in what is booked for its project then, and takes nothing of it away."""
    world = whole_days
    one, two, ada = world.project(), world.project(), world.person("Ada")
    week = {"start": TODAY, "due": date(2026, 3, 6)}
    items = [
        world.item(one, assignee_id=ada, start=TODAY, due=due, remaining_s=30 * HOUR),
        world.item(two, assignee_id=ada, **week, remaining_s=36 * HOUR),
    ]
    span = {"start": date(2026, 3, 9), "end": date(2026, 3, 20)}
    world._add(Allocation, person_id=ada, project_id=one, kind="hard", hours_per_day=booked, **span)
    if other:
        world.item(two, assignee_id=ada, start=span["start"], due=span["end"], remaining_s=other * HOUR)
    assert_first(plan_of(world), items)


def assert_first(plan: Plan, items: list[int]) -> None:
    """The day that is suggested of each item is the first with which the conflict is gone and no week is worse."""
    over = conflicts(plan)[0]
    before = heat_map(plan, weeks_from(TODAY, 26)).over[over.carrier]
    for move in moves(plan, over):
        days = [date(2026, 3, 7) + timedelta(days=number) for number in range(170)]
        ending = []
        for day in days if move.due else days[::20]:
            if move.due and day.toordinal() > move.due:
                break
            work = plan.rows.work
            due = np.where(plan.rows.item == move.item, day.toordinal(), work.due)
            other = replace(plan, rows=plan.rows._replace(work=work._replace(due=due)))
            then = heat_map(other, weeks_from(TODAY, 26))
            if not then.over_in[over.carrier, over.week] and np.all(then.over[over.carrier] <= before + 1e-9):
                ending.append(day.toordinal())
        works = [day for day in ending if date.fromordinal(day).weekday() < 5]
        assert works == ([move.due] if move.due else []), (items, move)
