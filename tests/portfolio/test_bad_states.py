"""States that no plan would have: facts neither break nor lie."""

from __future__ import annotations

from datetime import date, timedelta

from portfolio.facts.numbers import numbers
from portfolio.facts.series import series
from portfolio.model.base import FAR
from tests.portfolio.builders import World

DAY = date(2026, 3, 13)
TEN_MILLION_HOURS = 10_000_000 * 3600


def test_ten_million_hours_add_up_exactly(world: World) -> None:
    project = world.project()
    for _ in range(3):
        world.item(project, "done", finished_on=DAY, estimate_s=TEN_MILLION_HOURS + 1)
    [(_, told)] = series(world.connection, [DAY])
    assert numbers(world.connection, DAY)[project]["effort"] == 3 * (TEN_MILLION_HOURS + 1)
    assert told[DAY]["effort_done"] == 3 * (TEN_MILLION_HOURS + 1)


def test_items_that_hang_on_each_other_are_items_but_no_work(world: World) -> None:
    project = world.project()
    for _ in range(2):
        world.item(project, "in_progress", is_leaf=False, estimate_s=60)
    counted = numbers(world.connection, DAY)[project]
    assert (counted["items"], counted["open_items"], counted["work"], counted["effort"]) == (2, 2, 0, 0)


def test_due_before_start_and_finished_before_started_count_by_what_each_says(world: World) -> None:
    project, late, early = world.project(), DAY, DAY - timedelta(days=30)
    world.item(project, "todo", start=late, due=early)
    world.item(project, "done", started_on=late, finished_on=early)
    counted = numbers(world.connection, DAY)[project]
    assert (counted["overdue"], counted["work_done"], counted["finished_in_90_days"]) == (1, 1, 1)


def test_the_last_and_the_first_of_all_days_are_days(world: World) -> None:
    project = world.project()
    world.item(project, "todo", due=FAR)
    world.item(project, "todo", due=date(1, 1, 1))
    [(_, told)] = series(world.connection, [DAY])
    assert told[DAY] == numbers(world.connection, DAY)[project]
    assert told[DAY]["overdue"] == 1


def test_a_project_without_items_is_told_of_nowhere(world: World) -> None:
    empty = world.project()
    assert numbers(world.connection, DAY, [empty]) == {}
    assert list(series(world.connection, [DAY], [empty])) == []
