"""Whether dates follow each other."""

from __future__ import annotations

from typing import Any, Literal

from sqlalchemy import ColumnElement, and_, exists, false, func, or_
from sqlalchemy.orm import aliased

from portfolio.facts.gather import Day
from portfolio.facts.states import I, V
from portfolio.governance.predicates import sources
from portfolio.governance.predicates.declare import Check, predicate
from portfolio.governance.rules import Part
from portfolio.model.work import Dependency, ItemVersion


class DateOrder(Part, frozen=True, kw_only=True):
    """start_due: no start after the due date. child_parent: no child due after its parent. links: nothing starts, or is
    due, before what it waits for is due."""

    pairs: tuple[Literal["start_due", "child_parent"], ...] = ("start_due", "child_parent")
    links: bool = True


@predicate("date_order", DateOrder)
def date_order(params: DateOrder, day: Day) -> Check:
    """The dates of open items follow each other."""
    wrong: list[ColumnElement[bool]] = []
    if "start_due" in params.pairs:
        wrong.append(and_(V.start.is_not(None), V.due.is_not(None), V.start > V.due))
    if "child_parent" in params.pairs:
        wrong.append(and_(I.parent_id.is_not(None), _another(day, V.due, I.parent_id, None)))
    if params.links:
        wrong.append(_another(day, func.coalesce(V.start, V.due), None, "FS"))
    asked = and_(V.category.in_(("todo", "in_progress")), or_(V.start.is_not(None), V.due.is_not(None)))
    return Check(sources.items(day), asked, or_(false(), *wrong))


def _another(day: Day, own: Any, item_id: Any, link: str | None) -> ColumnElement[bool]:
    """That an open item (the parent, or by a link the predecessor) is due on the wrong side of the item's own date."""
    other: Any = aliased(ItemVersion)
    standing = and_(other.valid_from <= day.as_of, other.valid_to > day.as_of, other.due.is_not(None))
    open_ = other.category.in_(("todo", "in_progress"))
    if link is None:
        return exists().where(other.item_id == item_id, standing, open_, own > other.due).correlate(V, I)
    tie = aliased(Dependency)
    before = exists().where(
        tie.to_item_id == I.id, tie.type == link, other.item_id == tie.from_item_id, standing, open_, own < other.due
    )
    return and_(own.is_not(None), before.correlate(V, I))
