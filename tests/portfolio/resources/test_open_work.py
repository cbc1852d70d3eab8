"""Open items are read as columns of numbers; row by row they are the same."""

from __future__ import annotations

from datetime import date
from random import Random
from typing import Any

import numpy as np
import pytest
from sqlalchemy import select, update

from portfolio.model.work import WorkItem
from portfolio.resources.booked import NOBODY
from portfolio.resources.open_work import read_open_work
from portfolio.resources.pieces import NEVER
from portfolio.store import columns
from portfolio.store.columns import read_numbers
from tests.portfolio.builders import World

POINTS = (None, 0.0, 0.1, 1 / 3, 1e-9, 13.7, 5.0, 0.1 + 0.2, 1e16 + 2, 1.7976931348623157e308)
DAYS = (None, date(1, 1, 1), date(9999, 12, 31), date(2026, 2, 28), date(2024, 2, 29), date(1900, 3, 1))
SECONDS = (None, -7200, 0, 1, 3600, 5400, 2**40 + 1)
ROLES = (None, "", "QA", "a,b", "1,2\n3", "'; -- \\", "Ünïcode 🙂")


def plainly(world: World) -> list[tuple[Any, ...]]:
    """What is to be read of every item, one after the other."""
    found = []
    for it in world.connection.execute(select(WorkItem.__table__).order_by(WorkItem.id)):
        effort = it.kind not in ("milestone", "heading") and (it.kind != "risk" or (it.estimate_s or 0) > 0)
        if it.category not in ("todo", "in_progress") or it.deleted_at or not it.is_leaf or not effort:
            continue
        if it.project_id is None:
            continue
        left = None if it.estimate_s is None else max(it.estimate_s - (it.spent_s or 0), 0)
        seconds = left if it.remaining_s is None else max(it.remaining_s, 0)
        found.append(
            (
                it.id,
                NOBODY if it.assignee_id is None else it.assignee_id,
                it.project_id,
                0 if it.start is None else it.start.toordinal(),
                NEVER if it.due is None else it.due.toordinal(),
                np.nan if seconds is None else seconds / 3600,
                np.nan if it.points is None else it.points,
                int(it.category == "in_progress"),
            )
        )
    return found


def hostile(world: World) -> None:
    """Items with whatever a tracker may say of them."""
    projects, persons, any_of = [world.project() for _ in range(3)], [None, world.person("A")], Random(1).choice
    for number in range(150):
        item = world.item(
            any_of([*projects * 4, None]),
            any_of(("todo", "in_progress") * 3 + ("done", "cancelled")),
            kind=any_of(("task",) * 5 + ("milestone", "risk", "heading")),
            start=any_of(DAYS),
            due=any_of(DAYS),
            estimate_s=any_of(SECONDS),
            remaining_s=any_of((None, *SECONDS)),
            points=any_of(POINTS),
            assignee_id=any_of(persons),
            role=any_of(ROLES),
            is_leaf=number % 13 > 0,
            deleted=date(2026, 3, 1) if number % 17 == 0 else None,
        )
        spent = update(WorkItem).where(WorkItem.id == item).values(spent_s=any_of((None, 0, 1800, 10**6)))
        world.connection.execute(spent)


@pytest.mark.parametrize("at_once", [1, 7, 150, 50_000])
def test_open_items_are_what_they_are_row_by_row(world: World, monkeypatch: pytest.MonkeyPatch, at_once: int) -> None:
    monkeypatch.setattr(columns, "AT_ONCE", at_once)
    hostile(world)
    read, plain = read_open_work(world.connection, None), plainly(world)
    assert len(plain) > 50
    for column, values in zip(read.items, zip(*plain, strict=True), strict=True):
        assert np.array_equal(column, np.array(values, column.dtype), equal_nan=True)
    told = select(WorkItem.id, WorkItem.role).where(WorkItem.assignee_id.is_(None), WorkItem.role.is_not(None))
    open_ones = {row[0] for row in plain}
    assert read.roles == {ident: role for ident, role in world.connection.execute(told) if ident in open_ones}


def test_where_nothing_is_open_there_is_nothing(world: World) -> None:
    read = read_open_work(world.connection, None)
    assert [len(column) for column in read.items] == [0] * 8


def test_a_column_without_a_number_in_some_row_moves_no_other(world: World) -> None:
    project = world.project()
    for seconds in (1, None, 3):
        world.item(project, estimate_s=seconds)
    with pytest.raises(ValueError, match="no number"):
        read_numbers(world.connection, WorkItem.id, [WorkItem.estimate_s], WorkItem.is_leaf)
