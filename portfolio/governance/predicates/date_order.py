"""Whether dates follow each other."""

from __future__ import annotations

from typing import Any, Literal

from sqlalchemy import ColumnElement, and_, exists, false, or_
from sqlalchemy.orm import aliased

from portfolio.facts.gather import Day
from portfolio.facts.links import breaks
from portfolio.facts.states import I, V
from portfolio.governance.predicates import sources
from portfolio.governance.predicates.declare import Check, predicate
from portfolio.governance.rules import Part
from portfolio.model.work import Dependency, ItemVersion


class DateOrder(Part, frozen=True, kw_only=True):
    """start_due: no start after the due date. child_parent: no child due after its parent. links: nothing starts, or is
    due, before what it waits for can be there (as SCH-14)."""

    pairs: tuple[Literal["start_due", "child_parent"], ...] = ("start_due", "child_parent")
    links: bool = True


@predicate("date_order", DateOrder)
def date_order(params: DateOrder, day: Day) -> Check:
    """The dates of open items follow each other."""
    wrong: list[ColumnElement[bool]] = []
    if "start_due" in params.pairs:
        wrong.append(and_(V.start.is_not(None), V.due.is_not(None), V.start > V.due))
    if "child_parent" in params.pairs:
        wrong.append(_after_parent(day))
    if params.links:
        wrong.append(_before_predecessor(day))
    asked = and_(V.category.in_(("todo", "in_progress")), or_(V.start.is_not(None), V.due.is_not(None)))
    return Check(sources.items(day), asked, or_(false(), *wrong))


def _after_parent(day: Day) -> ColumnElement[bool]:
    other, there = _open_item(day)
    return exists().where(other.item_id == I.parent_id, there, V.due > other.due).correlate(V, I)


def _before_predecessor(day: Day) -> ColumnElement[bool]:
    other, there = _open_item(day)
    tie = aliased(Dependency)
    linked = and_(tie.to_item_id == I.id, tie.type == "FS", other.item_id == tie.from_item_id)
    return exists().where(linked, there, breaks(other.due, V.start, V.due, day.as_of)).correlate(V, I)


def _open_item(day: Day) -> tuple[Any, ColumnElement[bool]]:
    other: Any = aliased(ItemVersion)
    standing = and_(other.valid_from <= day.as_of, other.valid_to > day.as_of)
    return other, and_(standing, other.category.in_(("todo", "in_progress")))
