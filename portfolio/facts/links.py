"""Dependencies between items: those that still bind, and those whose dates do not fit together."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Date, and_, func, literal, select

from portfolio.facts.spans import later_of
from portfolio.facts.states import V, is_open, standing
from portfolio.model.named import named
from portfolio.model.work import Dependency, ItemVersion


class Links(NamedTuple):
    """Open links, those of them with dates on both ends, and those whose dates break; then the same of the links that
    come from other projects."""

    all: int = 0
    dated: int = 0
    broken: int = 0
    cross: int = 0
    cross_dated: int = 0
    cross_broken: int = 0


def breaks(before: Any, start: Any, due: Any, day: date) -> ColumnElement[bool]:
    """That what is due on `before`, and still open, comes after the start of what waits for it, or after its due date
    where it has no start; nothing that is open comes before `day`. Not so where dates are missing. All are columns.
    """
    wanted = func.coalesce(start, due)
    return and_(before.is_not(None), wanted.is_not(None), later_of(before, literal(day, Date)) > wanted)


def links(connection: Connection, as_of: date, project_ids: Collection[int] | None = None) -> dict[int, Links]:
    """The finish-to-start links both ends of which are open, by the project of the successor.

    A link is broken by dates that do not fit together (`breaks`). Links keep no history: they are the present ones.
    """
    first = named(ItemVersion, "predecessor")
    there = and_(first.valid_from <= as_of, first.valid_to > as_of, first.category.in_(("todo", "in_progress")))
    dated = and_(first.due.is_not(None), func.coalesce(V.start, V.due).is_not(None))
    broken = breaks(first.due, V.start, V.due, as_of)
    cross = first.project_id != V.project_id
    kinds = (dated, broken, cross, and_(cross, dated), and_(cross, broken))
    statement = (
        standing(select(V.project_id, func.count(), *(func.count().filter(kind) for kind in kinds)), as_of, project_ids)
        .join(Dependency, and_(Dependency.to_item_id == V.item_id, Dependency.type == "FS"))
        .join(first, and_(first.item_id == Dependency.from_item_id, there))
        .where(is_open())
    )
    return {
        project_id: Links(*numbers) for project_id, *numbers in connection.execute(statement.group_by(V.project_id))
    }
