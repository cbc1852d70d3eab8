"""A series of days gives, for each day, the numbers of that day."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event

from portfolio.facts import series as module
from portfolio.facts.catalogue import FACTS
from portfolio.facts.declare import Population
from portfolio.facts.numbers import numbers
from portfolio.facts.series import series
from portfolio.model.base import FAR
from portfolio.model.work import CATEGORIES
from tests.portfolio.builders import World

FIRST = date(2026, 1, 1)
DAYS = st.integers(-30, 60).map(lambda days: FIRST + timedelta(days=days))
MAYBE = st.none() | DAYS
STATES = st.fixed_dictionaries(
    {
        "project": st.sampled_from((0, 0, 1, 2, None)),
        "category": st.sampled_from(CATEGORIES),
        "kind": st.sampled_from(("task", "task", "bug", "epic", "milestone", "heading")),
        "flow": st.sampled_from(("active", "blocked")),
        "due": MAYBE,
        "started_on": MAYBE,
        "finished_on": MAYBE,
        "estimate_s": st.none() | st.integers(0, 2**40),
        "assigned": st.booleans(),
        "parent_from": MAYBE,
        "parent_to": st.none() | DAYS | st.just(FAR),
        "synthetic": st.booleans(),
    }
)
ITEMS = st.tuples(
    st.integers(0, 30), st.lists(st.tuples(st.integers(1, 15), STATES), min_size=1, max_size=4), st.booleans()
)


def _add(world: World, projects: list[int], person: int, item: Any) -> None:
    since, states, goes = item
    day, versions = FIRST + timedelta(days=since), []
    for gap, state in states:
        given = {name: value for name, value in state.items() if name not in ("project", "assigned")}
        project_id = None if state["project"] is None else projects[state["project"]]
        versions.append((day, given | {"project_id": project_id, "assignee_id": person if state["assigned"] else None}))
        day += timedelta(days=gap)
    world.item(projects[0], created=versions[0][0], versions=versions, deleted=day if goes else None)


@settings(
    max_examples=25, deadline=None, derandomize=True, database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip
@given(items=st.lists(ITEMS, min_size=1, max_size=8), days=st.sets(DAYS, max_size=12))
def test_each_day_of_a_series_is_what_the_numbers_of_that_day_are(
    world: World, items: list[Any], days: set[date]
) -> None:
    with world.connection.begin_nested() as kept_apart:
        projects, person = [world.project() for _ in range(3)], world.person("Someone")
        for item in items:
            _add(world, projects, person, item)
        found = dict(series(world.connection, days, projects))
        for day in days:
            of_day = {project: told[day] for project, told in found.items() if day in told}
            assert of_day == numbers(world.connection, day, projects)
        kept_apart.rollback()


def test_a_project_is_told_whole_however_few_states_are_looked_at_together(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "AT_ONCE", 2)
    projects = [world.project() for _ in range(3)]
    for count, project in zip((3, 1, 2), projects, strict=True):
        for _ in range(count):
            world.item(project)
    day = date(2026, 3, 1)
    told = list(series(world.connection, [day]))
    assert [project for project, _ in told] == projects
    assert [of_project[day]["open_items"] for _, of_project in told] == [3, 1, 2]


def test_a_series_is_one_query_and_leaves_the_connection_free_for_others(world: World) -> None:
    for _ in range(3):
        world.item(world.project())
    days = [date(2026, 3, 1) + timedelta(days=week * 7) for week in range(52)]
    statements: list[str] = []
    event.listen(world.connection, "before_cursor_execute", lambda *given: statements.append(given[2]))
    told = series(world.connection, days)
    next(told)
    assert numbers(world.connection, days[0])
    assert len(list(told)) == 2
    assert len(statements) == 1 + len(Population)


def test_no_days_and_no_items_tell_nothing(world: World) -> None:
    project = world.project()
    assert list(series(world.connection, [])) == []
    assert list(series(world.connection, [FIRST])) == []
    world.item(project, created=date(2026, 2, 1))
    [(_, told)] = series(world.connection, [FIRST, date(2026, 2, 1)])
    assert list(told) == [date(2026, 2, 1)]
    assert told[date(2026, 2, 1)].keys() == FACTS.keys()
