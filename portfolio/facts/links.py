"""Dependencies between items: those that still bind, and those whose dates do not fit together."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import NamedTuple

from sqlalchemy import Connection, Date, and_, func, literal, select

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


def links(connection: Connection, as_of: date, project_ids: Collection[int] | None = None) -> dict[int, Links]:
    """The finish-to-start links both ends of which are open, by the project of the successor.

    A predecessor is expected on its due date, and not before `as_of`; it breaks the link if that is after the day its
    successor starts, or is due where it has no start. Links keep no history: they are the present ones.
    """
    first = named(ItemVersion, "predecessor")
    there = and_(first.valid_from <= as_of, first.valid_to > as_of, first.category.in_(("todo", "in_progress")))
    wanted = func.coalesce(V.start, V.due)
    dated = and_(first.due.is_not(None), wanted.is_not(None))
    broken = and_(dated, later_of(first.due, literal(as_of, Date)) > wanted)
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
