"""Facts: each counts what its words say, on the day asked about, and names the items behind it."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Any

import pytest
from sqlalchemy import Column, event, func, select
from sqlalchemy.sql import visitors

from portfolio.facts.catalogue import FACTS
from portfolio.facts.declare import Population
from portfolio.facts.gather import Day, ProjectFacts, gather
from portfolio.facts.items import item_ids
from portfolio.facts.numbers import numbers
from portfolio.facts.states import V, standing
from portfolio.figures.rollup import roll_up
from portfolio.model.base import Base
from tests.portfolio.builders import World, noon
from tests.portfolio.test_registers import BEHIND

TODAY = date(2026, 3, 13)


# A bug that was done once before, late by its due date and on time by the first one.
_MENDED: dict[str, Any] = {
    "kind": "bug",
    "started_on": date(2026, 2, 12),
    "finished_on": date(2026, 3, 3),
    "reopened_on": date(2026, 2, 20),
    "due": date(2026, 3, 2),
    "first_due": date(2026, 3, 9),
    "active_s": 3600,
    "flow_s": 7200,
}


def _mixed(world: World) -> tuple[int, dict[str, int]]:
    """A project with one item of each sort, by a name for it."""
    project, person = world.project(), world.person("Someone")
    early = date(2026, 2, 2)
    epic = world.item(project, "in_progress", kind="epic", is_leaf=False, due=date(2026, 3, 1))
    return project, {
        "epic": epic,
        "todo": world.item(project, "todo", estimate_s=3600, due=TODAY, parent_id=epic),
        "late": world.item(project, "todo", due=date(2026, 3, 12), assignee_id=person, flow="blocked"),
        "doing": world.item(project, "in_progress", started_on=early, estimate_s=7200, assignee_id=person),
        "put back": world.item(project, "todo", started_on=early, created=date(2026, 3, 10)),
        "done": world.finished(project, date(2026, 3, 2), date(2026, 3, 10), estimate_s=1800),
        "mended": world.item(project, "done", created=date(2026, 2, 10), **_MENDED),
        "done long ago": world.finished(project, date(2025, 6, 2), date(2025, 6, 10)),
        "cancelled": world.item(project, "cancelled", due=early, estimate_s=9999),
        "milestone": world.item(project, "todo", kind="milestone", due=date(2026, 3, 2)),
        "assumed": world.item(project, "todo", synthetic=True),
        "heading": world.item(project, "todo", kind="heading", due=early, estimate_s=60, flow="blocked"),
    }


EXPECTED = {
    "items": {"epic", "todo", "late", "doing", "put back", "done", "done long ago", "milestone", "assumed", "mended"},
    "open_items": {"epic", "todo", "late", "doing", "put back", "milestone", "assumed"},
    "done_items": {"done", "done long ago", "mended"},
    "cancelled_items": {"cancelled"},
    "work": {"todo", "late", "doing", "put back", "done", "done long ago", "assumed", "mended"},
    "work_open": {"todo", "late", "doing", "put back", "assumed"},
    "work_done": {"done", "done long ago", "mended"},
    "work_open_with_remaining": {"todo", "doing"},
    "remaining_effort": {"todo", "doing"},
    "effort": {"todo", "doing", "done"},
    "effort_done": {"done"},
    "created_in_week": {"put back"},
    "created_in_12_weeks": {"todo", "late", "doing", "put back", "done", "assumed", "mended"},
    "open_with_due": {"epic", "todo", "late", "milestone"},
    "open_with_due_recorded": {"epic", "todo", "late", "milestone"},
    "overdue": {"epic", "late", "milestone"},
    "milestones_open": {"milestone"},
    "milestones_overdue": {"milestone"},
    "in_progress": {"doing", "put back"},
    "in_progress_unassigned": {"put back"},
    "blocked": {"late"},
    "finished_in_week": {"done"},
    "finished_in_90_days": {"done", "mended"},
    "finished_in_12_full_weeks": {"mended"},
    "work_with_estimate": {"todo", "doing", "done"},
    "work_open_unassigned": {"todo", "put back", "assumed"},
    "work_without_history": {"assumed"},
    "created_in_90_days": {"todo", "late", "doing", "put back", "done", "assumed", "mended"},
    "bugs": {"mended"},
    "bugs_open": set(),
    "bugs_created_in_90_days": {"mended"},
    "finished_with_due": {"mended"},
    "finished_with_due_recorded": {"mended"},
    "finished_on_time": set(),
    "finished_late": {"mended"},
    "finished_with_first_due": {"mended"},
    "finished_by_first_due": {"mended"},
    "finished_recorded": {"done", "mended"},
    "finished_reopened": {"mended"},
    "finished_timed": {"mended"},
    "time_active": {"mended"},
    "time_in_flow": {"mended"},
    "near_effort": {"todo"},
    "near_effort_unassigned": {"todo"},
}
AMOUNTS = {
    "remaining_effort": 3600 + 7200,
    "effort": 3600 + 7200 + 1800,
    "effort_done": 1800,
    "time_active": 3600,
    "time_in_flow": 7200,
    "near_effort": 3600,
    "near_effort_unassigned": 3600,
}


def test_every_fact_has_a_case_here() -> None:
    assert EXPECTED.keys() | BEHIND.keys() == FACTS.keys()


def test_every_fact_counts_the_items_behind_it(world: World) -> None:
    project, items = _mixed(world)
    names = {item_id: name for name, item_id in items.items()}
    counted = numbers(world.connection, TODAY)[project]
    for fact_name, expected in EXPECTED.items():
        behind = world.connection.scalars(item_ids(fact_name, project, TODAY)).all()
        assert sorted(names[item_id] for item_id in behind) == sorted(expected), fact_name
        assert counted[fact_name] == AMOUNTS.get(fact_name, len(expected)), fact_name


def test_all_facts_of_all_projects_take_one_query_for_each_population(world: World) -> None:
    for _ in range(3):
        world.item(world.project(), "todo")
    statements: list[str] = []
    event.listen(world.connection, "before_cursor_execute", lambda *arguments: statements.append(arguments[2]))
    assert len(numbers(world.connection, TODAY)) == 3
    assert len(statements) == len(Population)


def test_facts_read_nothing_that_the_index_does_not_hold() -> None:
    table = Base.metadata.tables["item_version"]
    [index] = [index for index in table.indexes if index.name == "ix_item_version_facts"]
    held = {column.name for column in index.columns}
    for fact in FACTS.values():
        statement = standing(select(V.project_id, fact.number(TODAY)), TODAY).where(fact.behind(TODAY))
        read = {
            part.name for part in visitors.iterate(statement) if isinstance(part, Column) and part.table is not None
        }
        assert read - {"id"} <= held, f"{fact.name}: give the index ix_item_version_facts what the fact reads"


def test_sqlite_asks_the_index_alone_for_each_project(world: World) -> None:
    if world.connection.dialect.name != "sqlite":
        return
    found_by = "project_id=? AND category=? AND valid_to>?"
    statements: list[tuple[str, Any]] = []
    event.listen(world.connection, "before_cursor_execute", lambda *given: statements.append((given[2], given[3])))
    numbers(world.connection, TODAY)
    for statement, values in statements[: len(Population)]:
        plan = [row[3] for row in world.connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)]
        assert f"SEARCH v USING COVERING INDEX ix_item_version_facts ({found_by})" in plan
        assert not any("TEMP B-TREE" in step for step in plan)


def test_a_past_day_is_seen_as_it_was(world: World) -> None:
    project, other = world.project(), world.project()
    item = world.item(
        project,
        versions=[
            (date(2026, 1, 5), {"due": date(2026, 1, 20)}),
            (date(2026, 1, 22), {"due": date(2026, 2, 20)}),
            (date(2026, 2, 10), {"project_id": other, "category": "done", "finished_on": date(2026, 2, 10)}),
        ],
        created=date(2026, 1, 5),
    )
    assert numbers(world.connection, date(2026, 1, 4)) == {}
    assert numbers(world.connection, date(2026, 1, 20))[project]["overdue"] == 0
    assert numbers(world.connection, date(2026, 1, 21))[project]["overdue"] == 1
    assert numbers(world.connection, date(2026, 1, 22))[project]["overdue"] == 0
    assert world.connection.scalars(item_ids("open_items", project, date(2026, 2, 9))).all() == [item]
    later = numbers(world.connection, date(2026, 2, 10))
    assert project not in later
    assert later[other]["done_items"] == 1


def test_items_that_are_gone_count_up_to_the_day_before_and_items_of_no_project_nowhere(world: World) -> None:
    project = world.project()
    world.item(project, "todo", created=date(2026, 1, 1), deleted=date(2026, 2, 1))
    world.item(None, "todo", created=date(2026, 1, 1))
    assert numbers(world.connection, date(2026, 1, 31))[project]["open_items"] == 1
    assert numbers(world.connection, date(2026, 2, 1)) == {}
    assert numbers(world.connection, TODAY) == {}


def test_only_the_projects_asked_for_are_counted(world: World) -> None:
    first, second = world.project(), world.project()
    world.item(first)
    world.item(second)
    assert numbers(world.connection, TODAY, [second]).keys() == {second}


def test_an_unknown_fact_has_no_items(world: World) -> None:
    with pytest.raises(KeyError):
        item_ids("no_such_fact", 1, TODAY)


def test_the_select_of_items_can_stand_in_a_larger_query(world: World) -> None:
    project, _ = _mixed(world)
    roll_up(world.connection, as_of=TODAY, now=noon(TODAY))
    inner = item_ids("overdue", project, TODAY).subquery()
    assert world.connection.scalar(select(func.count()).select_from(inner)) == 3


def test_headings_are_in_no_figure_at_all(world: World) -> None:
    project, person = world.project(), world.person("Someone")
    early = date(2026, 2, 2)
    heading = {"kind": "heading", "created": early, "started_on": early, "due": early, "estimate_s": 60}
    world.item(project, "in_progress", assignee_id=person, **heading)
    world.item(project, "done", finished_on=TODAY, **heading)
    [facts] = gather(world.connection, Day(TODAY, datetime.combine(TODAY, time(9), UTC))).values()
    assert facts == ProjectFacts()


def test_entries_of_registers_are_work_only_where_somebody_estimated_them(world: World) -> None:
    project = world.project()
    for kind in ("risk", "issue", "decision", "acceptance", "change_request"):
        world.item(project, kind=kind)
    world.item(project, kind="change_request", estimate_s=3600)
    world.item(project)
    found = numbers(world.connection, TODAY)[project]
    assert (found["items"], found["work"], found["work_open"], found["effort"]) == (7, 2, 2, 3600)
