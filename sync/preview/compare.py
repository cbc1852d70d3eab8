"""What is different in the shadow: one row for each item that changes, and in which aspects. All in SQL.

The rows stand in a temporary table, so that counts, moves and examples are asked of it and not computed again.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    CompoundSelect,
    Integer,
    MetaData,
    Table,
    and_,
    case,
    func,
    insert,
    or_,
    select,
    union,
)

from portfolio.model.base import Base
from portfolio.model.mapping import ItemAttribute, ItemTemplate
from portfolio.model.structure import Project
from portfolio.model.work import Dependency, ItemAssignee, ItemVersion, WorkItem
from portfolio.store.shadow import Shadow
from sync.preview.result import ASPECTS, Change, Move
from sync.tables import table_of

ITEM = table_of(WorkItem)
CHANGED = Table(
    "preview_changed",
    MetaData(),
    Column("item_id", BigInteger, primary_key=True, autoincrement=False),
    *(Column(aspect, Integer, nullable=False) for aspect in ASPECTS),
    prefixes=["TEMPORARY"],
)
# Whose values stand in the item's own row.
OWN = {
    "kind": ("kind",),
    "category": ("category",),
    "flow": ("flow",),
    "project": ("project_id",),
    "dates": ("start", "due"),
    "estimate": ("estimate_s", "remaining_s"),
    "points": ("points",),
    "role": ("role",),
}
MOVING = ("kind", "category", "flow", "project", "role")
MOST_MOVES = 25


def note_changes(ours: Shadow) -> None:
    """Write down which items change, and in which aspects."""
    before = ours.real(ITEM).alias("before")
    tests: dict[str, ColumnElement[bool]] = {
        aspect: or_(*(ITEM.c[name].is_distinct_from(before.c[name]) for name in names)) for aspect, names in OWN.items()
    }
    others = {
        "assignees": _hanging(ours, ItemAssignee),
        "links": _links(ours),
        "attributes": _hanging(ours, ItemAttribute),
        "templates": _hanging(ours, ItemTemplate),
        "history": _hanging(ours, ItemVersion),
    }
    tests |= {aspect: ITEM.c.id.in_(found) for aspect, found in others.items()}
    flags = [case((tests[aspect], 1), else_=0).label(aspect) for aspect in ASPECTS]
    found = select(ITEM.c.id, *flags).join(before, before.c.id == ITEM.c.id).subquery()
    any_of_them = or_(*(found.c[aspect] == 1 for aspect in ASPECTS))
    ours.store.execute(insert(CHANGED).from_select(["item_id", *ASPECTS], select(found).where(any_of_them)))


def changes(ours: Shadow) -> tuple[int, tuple[Change, ...]]:
    """How many items change, and how many in each aspect."""
    sums = [func.coalesce(func.sum(CHANGED.c[aspect]), 0) for aspect in ASPECTS]
    total, *each = ours.store.execute(select(func.count(), *sums).select_from(CHANGED)).one()
    return total, tuple(Change(aspect, count) for aspect, count in zip(ASPECTS, each, strict=True) if count)


def moves(ours: Shadow) -> tuple[Move, ...]:
    """From which word to which items go, in the aspects that have words; of each aspect those with the most items."""
    before, found = ours.real(ITEM).alias("before"), []
    known, renamed = project_names(ours, real=True), project_names(ours, real=False)
    for aspect in MOVING:
        (name,) = OWN[aspect]
        old, new = before.c[name], ITEM.c[name]
        query = (
            select(old, new, func.count())
            .select_from(CHANGED)
            .join(ITEM, ITEM.c.id == CHANGED.c.item_id)
            .join(before, before.c.id == CHANGED.c.item_id)
            .where(CHANGED.c[aspect] == 1)
            .group_by(old, new)
            .order_by(func.count().desc(), old, new)
            .limit(MOST_MOVES)
        )
        for was, becomes, count in ours.store.execute(query):
            if aspect == "project":
                was, becomes = known.get(was), renamed.get(becomes)
            found.append(Move(aspect, was, becomes, count))
    return tuple(found)


def project_names(ours: Shadow, *, real: bool) -> dict[int, str]:
    """Project -> name, in the shadow or in reality."""
    table = ours.real(table_of(Project)) if real else table_of(Project)
    return {row.id: row.name for row in ours.store.execute(select(table.c.id, table.c.name))}


def _links(ours: Shadow) -> CompoundSelect[Any]:
    """The ends of the dependencies that are made, changed or gone."""
    ends = ("from_item_id", "to_item_id")
    return _unlike(ours, table_of(Dependency), ("id",), ("type", *ends), ends)


def _hanging(ours: Shadow, model: type[Base]) -> CompoundSelect[Any]:
    """The items of which rows of a table are made, changed or gone."""
    table = table_of(model)
    keys = tuple(column.name for column in table.primary_key)
    return _unlike(ours, table, keys, [column.name for column in table.c if column.name not in keys], ("item_id",))


def _unlike(
    ours: Shadow, table: Table, keys: Sequence[str], values: Sequence[str], items: Sequence[str]
) -> CompoundSelect[Any]:
    """What stands in the columns `items` of rows that only one side has, or that are different on the two."""
    real = ours.real(table).alias("before")
    found = []
    for this, other in ((table, real), (real, table)):
        same = and_(*(this.c[name] == other.c[name] for name in keys))
        unlike = or_(other.c[keys[0]].is_(None), *(this.c[name].is_distinct_from(other.c[name]) for name in values))
        found += [
            select(this.c[name]).select_from(this.outerjoin(other, same)).where(unlike, this.c[name].is_not(None))
            for name in items
        ]
    return union(*found)
