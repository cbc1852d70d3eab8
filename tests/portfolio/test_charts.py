"""What charts of a project show: the same as the facts say, day by day."""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy import update

from portfolio.facts.charts.ageing import ageing
from portfolio.facts.charts.blockers import blockers
from portfolio.facts.charts.cone import cone
from portfolio.facts.charts.cumulative import FlowDay, cumulative_flow
from portfolio.facts.numbers import numbers
from portfolio.facts.pace import paces
from portfolio.model.work import ItemVersion
from tests.portfolio.builders import World

TODAY = date(2026, 3, 15)  # a Sunday
DAYS = [TODAY - timedelta(weeks=back) for back in range(8, -1, -1)]


def test_cumulative_flow_is_what_the_facts_say_of_each_day(world: World) -> None:
    project = world.project()
    for week in range(7):
        begun = date(2026, 1, 19) + timedelta(weeks=week)
        world.finished(project, begun, begun + timedelta(days=9 + week))
        world.item(project, created=begun)
        world.item(project, "cancelled", created=begun)
        world.item(project, kind="heading", created=begun)
        world.item(project, "in_progress", created=begun, started_on=begun, deleted=begun + timedelta(days=20))
    begun = date(2026, 1, 5)
    parent = world.item(project, created=begun, versions=[(begun, {}), (date(2026, 2, 9), {"points": 1})])
    hangs = {"parent_from": date(2026, 2, 3), "parent_to": date(2026, 2, 20)}
    world.connection.execute(update(ItemVersion).where(ItemVersion.item_id == parent).values(**hangs))
    world.item(project, is_leaf=False, kind="epic")
    flow = cumulative_flow(world.connection, project, DAYS)
    assert [day.day for day in flow] == DAYS
    for day in flow:
        facts = numbers(world.connection, day.day)[project]
        assert (day.scope, day.done, day.todo + day.in_progress) == (
            facts["work"], facts["work_done"], facts["work_open"],
        )  # fmt: skip
    assert flow[-1] == FlowDay(TODAY, 8, 2, 6)
    assert cumulative_flow(world.connection, project, ()) == ()
    assert cumulative_flow(world.connection, world.project(), DAYS[:1]) == (FlowDay(DAYS[0], 0, 0, 0),)


def test_ageing_work_and_blockers_are_named_the_longest_first(world: World) -> None:
    project = world.project()
    first, second = date(2026, 3, 2), date(2026, 3, 9)
    young = world.item(project, "in_progress", created=first, started_on=second, flow="wait")
    old = world.item(project, "in_progress", created=first, started_on=first)
    world.item(project, "in_progress", created=first)
    assert [(each.item_id, each.age, each.flow) for each in ageing(world.connection, project, TODAY)] == [
        (old, 14, "active"),
        (young, 7, "wait"),
    ]
    assert [each.age for each in ageing(world.connection, project, date(2026, 3, 10))] == [9, 2]
    blocked = {"flow": "blocked", "category": "in_progress"}
    again = [(first, blocked), (date(2026, 3, 4), {}), (second, blocked), (date(2026, 3, 11), blocked | {"points": 3})]
    relapsed = world.item(project, created=first, versions=again, labels="vendor,infra")
    always = world.item(project, created=first, flow="blocked")
    world.item(project, "done", created=first, flow="blocked")
    assert [
        (each.item_id, each.since, each.days, each.labels) for each in blockers(world.connection, (project,), TODAY)
    ] == [
        (always, first, 14, ()),
        (relapsed, second, 7, ("vendor", "infra")),
    ]


def test_the_cone_needs_six_weeks_something_finished_and_something_left(world: World) -> None:
    project, young, still = world.project(), world.project(), world.project()
    for week in range(5):
        for each in (project, young):
            monday = date(2026, 2, 9) + timedelta(weeks=week)
            world.finished(each, monday, monday)
    world.item(project, created=date(2026, 2, 4))
    world.item(young, created=date(2026, 2, 9))
    world.item(still)
    found = cone(world.connection, project, TODAY)
    assert found is not None
    # Weeks 0, 1, 1, 1, 1, 1: one item is done within a week with 5/6, within two with 35/36.
    assert (found.backlog, found.half, found.likely) == (1, date(2026, 3, 22), date(2026, 3, 29))
    assert found.score is None
    assert paces(world.connection, TODAY)[project][-6:] == (0, 1, 1, 1, 1, 1)
    assert cone(world.connection, young, TODAY) is None
    assert cone(world.connection, still, TODAY) is None
    # On a day within a week, the week does not count.
    assert paces(world.connection, TODAY - timedelta(days=1))[project][-5:] == (0, 1, 1, 1, 1)
