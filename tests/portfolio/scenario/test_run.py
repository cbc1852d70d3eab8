"""A scenario of what is stored: what it names is found, what does not fit is left out, and what it changes is told."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from sqlalchemy import insert, select, update

from portfolio.audit.entry import SYSTEM
from portfolio.capacity.working_time import tell_working_time
from portfolio.model.base import EVER
from portfolio.model.finance import CostRate
from portfolio.model.people import Allocation, Person
from portfolio.model.work import ItemProject, WorkItem
from portfolio.resources.periods import weeks_from
from portfolio.resources.plan import Plan, read_plan
from portfolio.resources.working_time import WorkingTime
from portfolio.scenario.naming import InSight, everything
from portfolio.scenario.operations import Operation
from portfolio.scenario.read import read_operations
from portfolio.scenario.run import Outcome, run
from tests.portfolio.builders import World

AS_OF = date(2026, 3, 2)
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
HOUR = 3600


class Company:
    """Ada has 48 h of ALPHA in the first week, Ben 8 h of BETA. ALPHA finishes two items a week."""

    def __init__(self, world: World) -> None:
        self.world = world
        tell_working_time(world.connection, WorkingTime(overhead_percent=0), EVER, NOW, SYSTEM)
        self.ada, self.ben = (world._add(Person, name=name, role="Dev") for name in ("Ada", "Ben"))
        self.gone = world._add(Person, name="Cy", active=False)
        self.alpha, self.beta = world.project("ALPHA"), world.project("BETA")
        told: dict[str, Any] = {"due": AS_OF + timedelta(days=4)}
        self.first = self.key(world.item(self.alpha, assignee_id=self.ada, remaining_s=24 * HOUR, **told))
        self.second = self.key(world.item(self.alpha, assignee_id=self.ada, remaining_s=24 * HOUR, **told))
        self.third = self.key(world.item(self.beta, assignee_id=self.ben, remaining_s=8 * HOUR, **told))
        self.unknown = self.key(world.item(self.beta, assignee_id=self.ben, **told))
        for week in range(1, 13):
            for _ in range(2):
                day = AS_OF - timedelta(weeks=week)
                world.item(self.alpha, "done", created=AS_OF - timedelta(weeks=20), finished_on=day)
        world._add(
            Allocation, person_id=self.ben, project_id=self.beta, start=AS_OF, end=told["due"], percent=50, kind="soft"
        )

    def key(self, item: int) -> str:
        return str(self.world.connection.scalar(select(WorkItem.key).where(WorkItem.id == item)))

    def plan(self) -> Plan:
        return read_plan(self.world.connection, AS_OF, NOW)

    def run(self, *raw: dict[str, Any], sight: InSight | None = None, with_cost: bool = False) -> Outcome:
        plan, operations = self.plan(), read_operations(list(raw))
        found: tuple[Operation, ...] = operations
        seen = sight or everything(plan)
        return run(self.world.connection, plan, found, seen, weeks_from(AS_OF, 2), with_cost=with_cost)


@pytest.fixture
def company(world: World) -> Company:
    return Company(world)


def test_an_item_for_somebody_else_by_name_or_id(company: Company) -> None:
    for whom in ("Ben", company.ben, str(company.ben)):
        told = company.run({"op": "reassign", "item": company.first, "persons": [whom]})
        assert told.left_out == ()
        ada, ben = sorted(told.changes, key=lambda it: it.place)
        assert (ada.before[0].hard, ada.after[0].hard, ben.after[0].hard) == pytest.approx((48, 24, 32))
        assert told.weeks_over == (1, 0)
        assert told.over == (pytest.approx(8), 0)
    assert company.plan().rows.work.hours.sum() == 56


def test_when_projects_are_finished(company: Company) -> None:
    later = company.run({"op": "delay_project", "project": "ALPHA", "workdays": 5})
    (alpha,) = later.projects
    assert (alpha.later, alpha.paced) == (7, True)
    # 48 h of 40 h a week: Monday the 9th; five working days later Monday the 16th.
    before, after = alpha.finish
    assert (before.planned, before.feasible) == (date(2026, 3, 6), date(2026, 3, 9))
    assert (after.planned, after.feasible) == (date(2026, 3, 13), date(2026, 3, 16))
    # Two items at two a week take one week; and five working days more.
    assert (before.half, before.likely) == (date(2026, 3, 9), date(2026, 3, 9))
    assert (after.half, after.likely) == (date(2026, 3, 16), date(2026, 3, 16))
    more = company.run({"op": "scale_effort", "project": "ALPHA", "factor": 3})
    assert more.projects[0].hours == (48, 144)
    assert more.projects[0].finish[1].likely == AS_OF + timedelta(weeks=3)
    (gone,) = company.run({"op": "drop_project", "project": "ALPHA"}).projects
    assert gone.hours == (48, 0)
    assert (gone.finish[1].feasible, gone.finish[1].likely) == (None, None)
    (beta,) = company.run({"op": "set_due", "item": company.third, "day": "2026-03-10"}).projects
    assert (beta.paced, beta.unestimated, beta.finish[1].planned) == (False, 1, date(2026, 3, 10))


def test_the_pace_counts_items_whatever_part_of_them_is_of_the_project(company: Company) -> None:
    shared = company.world.connection.scalar(select(WorkItem.id).where(WorkItem.key == company.first))
    for project in (company.alpha, company.beta):
        row = {"item_id": shared, "project_id": project, "is_primary": project == company.alpha}
        company.world.connection.execute(insert(ItemProject).values(**row))

    def alpha(*raw: dict[str, Any]) -> tuple[tuple[float, float], int | None]:
        it = next(it for it in company.run(*raw).projects if company.plan().projects[it.place] == company.alpha)
        likely = it.finish[1].likely
        return it.hours, None if likely is None else (likely - AS_OF).days // 7

    # All of its hours are of ALPHA then, but it is one item still, of two.
    assert alpha({"op": "drop_project", "project": "BETA"}) == ((36, 48), 1)
    # It is nine times as much, and so both five times as much: ten items at two a week.
    assert alpha({"op": "scale_effort", "project": "BETA", "factor": 9}) == ((36, 132), 5)
    assert alpha({"op": "drop_project", "project": "ALPHA"}) == ((36, 0), None)


def test_a_project_that_is_dropped_is_never_finished_whatever_was_estimated(company: Company) -> None:
    company.world.connection.execute(update(WorkItem).values(remaining_s=None, estimate_s=None))
    (alpha,) = company.run({"op": "drop_project", "project": "ALPHA"}).projects
    assert (alpha.hours, alpha.paced) == ((0, 0), True)
    before, after = alpha.finish
    assert (before.half, before.likely) == (date(2026, 3, 9), date(2026, 3, 9))
    assert (after.half, after.likely) == (None, None)


def test_what_roles_lack_by_month(company: Company) -> None:
    told = company.run(
        {"op": "add_person", "role": "QA", "from": "2026-03-09", "name": "Tess"},
        {"op": "add_allocation", "role": "QA", "project": "BETA", "from": "2026-03-09", "to": "2026-03-13",
         "kind": "hard", "total_hours": 10},
        {"op": "reassign", "item": company.first, "persons": ["Tess"]},
        {"op": "convert_soft", "person": "Ben"},
    )  # fmt: skip
    assert told.left_out == ()
    assert [(it.number, it.name, it.role) for it in told.added] == [(told.persons[-1], "Tess", "QA")]
    by_role = {it.role: it for it in told.roles}
    before, after = by_role["QA"].before[0], by_role["QA"].after[0]
    assert (before.capacity, before.unassigned) == (0, 0)
    # 17 working days from the 9th on; her item was due before, so that all of it stands on that day.
    assert (after.capacity, after.firm, after.unassigned, after.gap) == (136, 24, 10, 102)
    dev = by_role["Dev"]
    assert (dev.before[0].proposed, dev.after[0].proposed) == (20, 0)
    assert (dev.before[0].firm, dev.after[0].firm) == (56, 44)


def test_what_hours_cost_for_whom_may_know(company: Company) -> None:
    rate = {"currency": "EUR", "valid_from": date(2025, 1, 1), "entered_by": "", "entered_at": NOW}
    add = insert(CostRate)
    company.world.connection.execute(add.values(person_id=company.ada, amount=100, **rate))
    company.world.connection.execute(add.values(role="QA", amount=50, **rate))
    moved = {"op": "reassign", "item": company.first, "persons": ["Ben"]}
    booked = {"op": "add_allocation", "role": "QA", "project": "BETA", "from": "2026-03-09", "to": "2026-03-13",
              "kind": "hard", "total_hours": 10}  # fmt: skip
    assert [it.cost for it in company.run(moved, booked).projects] == [None]
    alpha, beta = sorted(company.run(moved, booked, with_cost=True).projects, key=lambda it: it.place)
    assert alpha.cost is not None
    assert beta.cost is not None
    assert [(it.amounts, it.unrated) for it in alpha.cost] == [({"EUR": 4800}, 0), ({"EUR": 2400}, 24)]
    assert [(it.amounts, it.unrated) for it in beta.cost] == [({}, 8), ({"EUR": pytest.approx(500)}, 8)]


def test_a_booking_costs_the_same_however_late(company: Company) -> None:
    rate = {"currency": "EUR", "valid_from": date(2025, 1, 1), "entered_by": "", "entered_at": NOW}
    company.world.connection.execute(insert(CostRate).values(role="QA", amount=50, **rate))
    booked = {"op": "add_allocation", "role": "QA", "project": "BETA", "kind": "hard", "percent": 50}
    soon = booked | {"from": "2026-03-02", "to": "2026-03-27"}
    late = booked | {"from": "2027-02-15", "to": "2027-03-12"}
    for dated in (soon, late):
        for workdays in (5, 300):
            delay = {"op": "delay_project", "project": "BETA", "workdays": workdays}
            (beta,) = company.run(dated, delay, with_cost=True).projects
            assert beta.cost is not None
            # 80 h, whether they are within the year or not; Ben's hours have no rate.
            assert [it.amounts for it in beta.cost] == [{}, {"EUR": pytest.approx(4000)}]


def test_what_does_not_fit_is_left_out_with_its_reason(company: Company) -> None:
    world = company.world
    done = company.key(world.item(company.alpha, "done", finished_on=AS_OF))
    other = world.tracker("Tracker two")
    twin = world.item(company.alpha, remaining_s=HOUR)
    world.connection.execute(WorkItem.__table__.update().where(WorkItem.id == twin).values(  # type: ignore[attr-defined]
        key=company.first, connection_id=other))  # fmt: skip
    world._add(Person, name="Ben")
    due = {"op": "set_due", "day": "2026-03-10"}
    told = company.run(
        due | {"item": "NO-1"},
        due | {"item": done},
        due | {"item": company.first},
        due | {"item": company.unknown},
        due | {"item": company.second, "day": "2206-03-10"},
        {"op": "reassign", "item": company.second, "persons": ["Ben"]},
        {"op": "reassign", "item": company.second, "persons": ["Cy"]},
        {"op": "reassign", "item": company.second, "persons": ["Nobody"]},
        {"op": "drop_project", "project": "GAMMA"},
        {"op": "convert_soft", "person": "Ada"},
        {"op": "add_person", "role": "QA", "from": "2026-03-09", "calendar": "Moon"},
        {"op": "add_person", "role": "QA", "from": "2026-03-09", "name": "Ada"},
        due | {"item": company.first, "connection": "Tracker two"},
    )
    says = (
        "No item NO-1 is in sight",
        "is done or cancelled",
        "on Tracker one and Tracker two. Name its connection",
        "it has no estimate",
        "Check the year",
        "2 persons in sight are called Ben. Use the id",
        "Cy does not work here",
        "No person Nobody",
        "No project GAMMA",
        "No proposed booking",
        "no calendar Moon",
        "somebody called Ada already",
    )
    assert [it.number for it in told.left_out] == list(range(1, 13))
    for fault, part in zip(told.left_out, says, strict=True):
        assert part in fault.text


def test_nothing_out_of_sight_can_be_named_or_is_told(company: Company) -> None:
    plan = company.plan()
    ben, beta = (int(np.searchsorted(*it)) for it in ((plan.persons, company.ben), (plan.projects, company.beta)))
    sight = InSight(np.arange(len(plan.projects)) == beta, [ben])
    told = company.run(
        {"op": "set_due", "item": company.first, "day": "2026-03-10"},
        {"op": "drop_project", "project": "ALPHA"},
        {"op": "reassign", "item": company.third, "persons": ["Ada"]},
        {"op": "delay_project", "project": "BETA", "workdays": 1},
        sight=sight,
    )
    assert [it.number for it in told.left_out] == [1, 2, 3]
    assert [it.place for it in told.changes] == [ben]
    assert [it.place for it in told.projects] == [beta]
    both = company.world.item(company.alpha, assignee_id=company.ben, remaining_s=HOUR, due=AS_OF)
    for project, first in ((company.alpha, True), (company.beta, False)):
        row = {"item_id": both, "project_id": project, "is_primary": first}
        company.world.connection.execute(insert(ItemProject).values(**row))
    assert company.run(
        {"op": "set_due", "item": company.key(both), "day": "2026-03-10"}, sight=sight
    ).left_out == ()  # fmt: skip
