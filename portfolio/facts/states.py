"""Items as they stood at the end of a day, and the conditions facts are made of.

Items that are gone from the tracker count up to the day before they went: their last version ends on that day. Headings
count on no day: a heading is a line of text between items. An item counts in the project it was in on that day, once.
Which item hangs on which keeps no history but the day since when it does.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Any, TypeAlias

from sqlalchemy import BindParameter, ColumnElement, Select, and_, literal_column, or_, select

from portfolio.model.named import named
from portfolio.model.structure import Project
from portfolio.model.work import CATEGORIES, ItemVersion, WorkItem

# The columns of these selects come from declarations, which the type checker cannot follow.
AnySelect: TypeAlias = Select[*tuple[Any, ...]]

Projects: TypeAlias = Collection[int] | BindParameter[Any] | None
"""Ids of projects, or a parameter for them; None for all projects."""

REGISTERS = ("risk", "issue", "decision", "acceptance", "change_request")
"""Kinds of items that are entries of a register."""

V = named(ItemVersion, "v")
I = named(WorkItem, "i")  # noqa: E741 - the short names keep the conditions readable
# To find states by. That each is in one of all categories decides nothing: it is no column that a number rests on.
_CATEGORY: ColumnElement[str] = literal_column("v.category", V.category.type)


def at(statement: AnySelect, day: date, project_ids: Projects = None) -> AnySelect:
    """Join the states of all items that count at the end of `day` to a select over V and I; None for all projects."""
    return standing(statement.select_from(V).join(I, I.id == V.item_id), day, project_ids)


def standing(statement: AnySelect, day: date, project_ids: Projects = None) -> AnySelect:
    """A select over V alone, kept to the states of all items that count at the end of `day`."""
    return within(statement, day, day, project_ids)


def within(statement: AnySelect, first: date, last: date, project_ids: Projects = None) -> AnySelect:
    """A select over V alone, kept to the states of items that count at the end of any day from `first` to `last`."""
    # All projects and all categories by name too: the index begins with these, and finds the states of a day in each.
    projects = select(Project.id) if project_ids is None else project_ids
    found_by = (V.project_id.in_(projects), _CATEGORY.in_(CATEGORIES))
    return statement.where(*found_by, V.valid_from <= last, V.valid_to > first, counts())


def counts() -> ColumnElement[bool]:
    """What is an item at all. `at` asks for it, so that every fact does."""
    return V.kind != "heading"


def is_open() -> ColumnElement[bool]:
    """Neither done nor cancelled."""
    return V.category.in_(("todo", "in_progress"))


def is_leaf(day: date) -> ColumnElement[bool]:
    """That no other item hangs on it on the day."""
    return or_(V.parent_from.is_(None), V.parent_from > day, V.parent_to <= day)


def is_effort() -> ColumnElement[bool]:
    """That doing it is work, if it is a leaf: a milestone is a date, and an entry of a register (a risk, a decision) is
    work only where somebody estimated it."""
    # Most work has an estimate, and a number is compared sooner than a list is looked through.
    return or_(and_(V.estimate_s > 0, V.kind != "milestone"), V.kind.not_in(("milestone", *REGISTERS)))


def is_work(day: date) -> ColumnElement[bool]:
    """A leaf that is work: parents repeat their children."""
    return and_(is_effort(), is_leaf(day))


def is_scope(day: date) -> ColumnElement[bool]:
    """Work that is done or still to be done: not cancelled."""
    return and_(V.category != "cancelled", is_work(day))


def is_finished(day: date) -> ColumnElement[bool]:
    """Work that is done, by the last time it became done."""
    return and_(V.category == "done", V.finished_on.is_not(None), is_work(day))


def is_in_progress(day: date) -> ColumnElement[bool]:
    """Work that was started and is not finished, also when it was put back to the start since."""
    return and_(is_open(), started(), is_work(day))


def started() -> ColumnElement[bool]:
    """That it was ever started. A state that says when began on that day or later."""
    return or_(V.category == "in_progress", V.started_on.is_not(None))
