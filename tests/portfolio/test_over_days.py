"""Sources that read many days at once tell of each day what they tell when it is asked for alone."""

from __future__ import annotations

import sqlite3
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import event, insert

from portfolio.facts.baselined import baselined
from portfolio.facts.commitments import commitments
from portfolio.facts.costs import hours
from portfolio.facts.effort import logged
from portfolio.facts.expenses import expenses
from portfolio.facts.numbers import counted
from portfolio.facts.over_days import Asked, OverDays
from portfolio.facts.plan import plans
from portfolio.kpis.dependence import columns_read
from portfolio.model.finance import CostRate, Expense
from portfolio.model.work import Baseline, BaselineItem, Sprint, Worklog
from tests.portfolio.builders import World, noon

FIRST = date(2026, 1, 1)
DAYS = tuple(FIRST + timedelta(days=back) for back in (0, 9, 10, 11, 20, 30, 31, 45, 99, 100, 101, 140))


def on(number: int) -> date:
    return FIRST + timedelta(days=number)


@pytest.fixture
def projects(world: World) -> list[int]:
    """Two projects with sprints, hours at two rates, and expenses of both kinds; one item moves to the other."""
    one, other = world.project(), world.project()
    person, second = world.person("One"), world.person("Two")
    for number in range(3):
        values = {"start_on": on(10 * number), "end_on": on(10 * number + 9), "state": "closed", "name": "Sprint"}
        world.connection.execute(
            insert(Sprint).values(connection_id=world.tracker_id, external_id=str(number), **values)
        )
    moved = [(on(0), {}), (on(10), {"project_id": other, "kind": "bug"}), (on(31), {"reopened_on": on(31)})]
    ids = [
        world.item(one, created=on(0), versions=moved, sprint="0", points=3),
        world.item(one, created=on(9), sprint="1", points=5, deleted=on(100)),
        world.item(other, "done", created=on(9), finished_on=on(20), sprint="2", points=2, labels="expense"),
        world.item(other, "done", created=on(11), finished_on=on(30), labels="expense", deleted=on(101)),
    ]
    for item_id in ids[2:]:
        world.attribute(item_id, "cost", number=Decimal("12.50"), currency="EUR")
    rate = {"amount": Decimal(90), "currency": "EUR", "entered_by": "someone", "entered_at": noon(FIRST)}
    world.connection.execute(insert(CostRate).values(person_id=person, valid_from=on(10), **rate))
    for number, day in enumerate((0, 9, 10, 11, 29, 45, 100)):
        _log(world, ids[number % 3], (one, other)[number % 2], (person, second)[number % 2], on(day), number)
    spent: dict[str, Any] = {"kind": "travel", "state": "actual", "entered_by": "x", "entered_at": noon(FIRST)}
    for day in (10, 31):
        row = spent | {"project_id": one, "spent_on": on(day), "amount": Decimal("0.10"), "currency": "EUR"}
        world.connection.execute(insert(Expense).values(**row))
    return [one, other]


def _log(world: World, item_id: int, project_id: int, person_id: int, day: date, number: int) -> None:
    row = {"item_id": item_id, "project_id": project_id, "person_id": person_id, "work_date": day}
    world.connection.execute(
        insert(Worklog).values(
            connection_id=world.tracker_id, external_id=str(number), seconds=3600 + number, rejected=False, **row
        )
    )


@pytest.mark.parametrize(
    "source", [commitments, counted, expenses, hours, logged], ids=lambda each: each.reads.__name__
)
def test_each_of_many_days_is_told_as_it_is_alone(world: World, projects: list[int], source: OverDays[Any]) -> None:
    asked = Asked(world.connection, reversed(DAYS), projects)
    told = [asked.on(day, source) for day in DAYS]
    assert told == [source(world.connection, day, projects) for day in DAYS]
    assert len({repr(of_day) for of_day in told}) > 2
    assert [source(world.connection, day, projects[1:]).get(projects[0]) for day in DAYS] == [None] * len(DAYS)


def test_a_source_reads_once_whatever_the_number_of_days(world: World, projects: list[int]) -> None:
    def statements(days: tuple[date, ...]) -> int:
        asked, seen = Asked(world.connection, days), []
        event.listen(world.connection, "before_cursor_execute", lambda *rest: seen.append(rest))
        for day in days:
            asked.on(day, hours), asked.on(day, expenses), asked.on(day, commitments), asked.on(day, logged)
        return len(seen)

    assert statements(DAYS) == statements(DAYS[:2])


def test_a_plan_among_many_days_is_that_of_its_day_alone(world: World, projects: list[int]) -> None:
    """Three baselines, each in force for some of the days; one item of each is planned, and done on a day between."""
    one, other = projects
    done = world.item(one, created=on(0), versions=[(on(0), {}), (on(31), {"category": "done", "finished_on": on(31)})])
    for number, (project, day) in enumerate(((one, 9), (one, 30), (other, 99))):
        _baseline(world, project, number + 1, on(day), done, on(40 + 10 * number))
    asked = Asked(world.connection, DAYS)
    told = [plans(world.connection, day, over=asked) for day in DAYS]
    assert told == [plans(world.connection, day) for day in DAYS]
    assert [told[DAYS.index(on(day))][one].curve.finish for day in (9, 30)] == [on(40), on(50)]
    assert [of_day[one].earned for of_day in told[-6:]] == [3600] * 6
    assert all(
        of_day[other].derived for day, of_day in zip(DAYS, told, strict=True) if day < on(99) and other in of_day
    )
    assert len(asked.on(on(99), baselined)) == 3


def _baseline(world: World, project_id: int, version: int, day: date, item_id: int, finish: date) -> None:
    row = {"project_id": project_id, "version": version, "taken_on": day, "state": "approved"}
    made = {"reason": "why", "proposed_by": "x", "proposed_at": noon(day)}
    ident = world.connection.execute(insert(Baseline).values(**row, **made).returning(Baseline.id)).scalar_one()
    of_item = {"item_id": item_id, "start": day, "finish": finish, "estimate_s": 3600}
    world.connection.execute(insert(BaselineItem).values(baseline_id=ident, **of_item))


def test_where_no_sprint_ended_no_item_is_asked_for_its_own(world: World) -> None:
    project = world.project()
    for _ in range(200):
        world.item(project, created=on(0), sprint="0", points=3)
    driver = world.connection.connection.driver_connection
    steps: list[None] = []
    if isinstance(driver, sqlite3.Connection):
        driver.set_progress_handler(lambda: steps.append(None), 10)
    assert commitments(world.connection, on(30)) == {}
    # Ten instructions of the database each: to go through the items takes some for every one of them.
    assert len(steps) < 100


def test_on_what_commitments_rest_is_known_where_no_sprint_ended() -> None:
    assert "sprint" in columns_read()["SCP-06"]
