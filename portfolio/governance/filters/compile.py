"""Filters as conditions on items: on their state at the end of a day, or, for related items, on what they are now.

Every condition is true or false, never unknown: what an item does not have fits nothing, and `not` of it fits.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, case, exists, false, func, or_, select, true
from sqlalchemy.orm import aliased

from portfolio.facts.gather import Day
from portfolio.facts.states import I, V, is_leaf
from portfolio.governance.filters import terms
from portfolio.governance.filters.read import (
    All,
    Among,
    AnyOf,
    Filled,
    Filter,
    Labelled,
    Leaf,
    Limit,
    Not,
    Related,
)
from portfolio.governance.working_days import first_beyond, last_of_age
from portfolio.model.mapping import ItemAttribute
from portfolio.model.structure import Project
from portfolio.model.work import Dependency, ItemVersion, WorkItem

_HOUR = 3600
_FIFTHS = (Decimal("0.2"), Decimal("0.4"), Decimal("0.6"), Decimal("0.8"), Decimal(1))


class Place(NamedTuple):
    """Where the columns of an item stand: `state` those that have a history, `item` the others."""

    state: Any
    item: Any

    @property
    def is_now(self) -> bool:
        return self.state is self.item


STATE = Place(V, I)
"""The items of `portfolio.facts.states`, as they stood."""


def compile_filter(filter_: Filter, day: Day, place: Place = STATE) -> ColumnElement[bool]:
    """The condition that holds for the items the filter means."""
    match filter_:
        case All(parts):
            return and_(true(), *(compile_filter(part, day, place) for part in parts))
        case AnyOf(parts):
            return or_(false(), *(compile_filter(part, day, place) for part in parts))
        case Not(part):
            return ~compile_filter(part, day, place)
        case Among(name, words, is_attribute):
            return _among(name, words, is_attribute, place)
        case Labelled(label):
            labels = "," + place.item.labels + ","
            # SQLite lowers ASCII only; a label written as it is there must fit all the same.
            as_written = labels.contains(f",{label},", autoescape=True)
            return or_(as_written, func.lower(labels).contains(f",{label.lower()},", autoescape=True))
        case Leaf(wanted):
            leaf = place.item.is_leaf.is_(True) if place.is_now else is_leaf(day.as_of)
            return leaf if wanted else ~leaf
        case Filled(fields):
            return and_(true(), *(filled(field, place) for field in fields))
        case Limit(name, operator, number):
            return _limit(name, operator, number, day, place)
        case Related(how, inner):
            return _related(how, inner, day, place)


def filled(field: str, place: Place = STATE) -> ColumnElement[bool]:
    """That a field of `terms.FIELDS` is filled in. Whoever an item is assigned to owns it where nobody else does."""
    state, item = place
    match field:
        case "assignee":
            return _true(state.assignee_id.is_not(None))
        case "owner":
            return or_(_true(state.assignee_id.is_not(None)), _attribute(field, place, true()))
        case "due" | "start" | "points":
            return _true(getattr(state, field).is_not(None))
        case "finished":
            return _true(state.finished_on.is_not(None))
        case "estimate":
            return _sure(state.estimate_s, state.estimate_s > 0)
        case "remaining":
            return _true(state.remaining_s.is_not(None))
        case "parent":
            return _true(item.parent_id.is_not(None))
        case _:
            return _attribute(field, place, true())


def _among(name: str, words: tuple[str, ...], is_attribute: bool, place: Place) -> ColumnElement[bool]:
    # SQLite lowers ASCII only; a word written as it is there must fit all the same.
    lowered = sorted({*words, *(word.lower() for word in words)})
    if is_attribute or name == "severity":
        text = ItemAttribute.text
        return _attribute(name, place, _sure(text, func.lower(text).in_(lowered)))
    if name == "priority":
        return _sure(place.item.priority, func.lower(place.item.priority).in_(lowered))
    return _true(getattr(place.state, name).in_(words))


def _attribute(name: str, place: Place, condition: ColumnElement[bool]) -> ColumnElement[bool]:
    own = exists().where(ItemAttribute.item_id == place.item.id, ItemAttribute.name == name, condition)
    return own.correlate(*_tables(place))


def _limit(name: str, operator: str, number: Decimal, day: Day, place: Place) -> ColumnElement[bool]:
    if name in terms.AMOUNTS:
        amount = _amount(name, place)
        return _sure(amount, _compared(amount, operator, number))
    whole = int(number)
    if name == terms.AHEAD:
        # At most so many days ahead: before the first date that is farther.
        beyond = first_beyond(day.calendar, day.as_of, whole if operator in ("lte", "gt") else whole - 1)
        due = place.state.due
        return _sure(due, due < beyond if operator in ("lte", "lt") else due >= beyond)
    last = last_of_age(day.calendar, day.as_of, whole + 1 if operator in ("gt", "lte") else whole)
    old_enough, there = _of_age(name, last, day, place)
    return and_(there, old_enough if operator in ("gt", "gte") else ~old_enough)


def _of_age(name: str, last: date, day: Day, place: Place) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """That the date is `last` or earlier, and that there is one. Each is true or false."""
    state, item = place
    if name == "updated_wd":
        ends = last < date.max
        end = datetime.combine(last + timedelta(days=1), time(), day.now.tzinfo) if ends else None
        return (_true(item.updated_at < end) if ends else true()), true()
    if name == "blocked_wd":
        blocked = _true(state.flow == "blocked")
        version = aliased(ItemVersion)
        # No state since that day, the day itself included, in which it was not blocked.
        other = exists().where(version.item_id == item.id, version.flow != "blocked", version.valid_to > last)
        return and_(state.created_on <= last, ~other.correlate(*_tables(place))), blocked
    column = {
        "age_wd": state.created_on,
        "overdue_wd": state.due,
        "started_wd": state.started_on,
        "finished_wd": state.finished_on,
    }[name]
    return _sure(column, column <= last), _true(column.is_not(None))


def _amount(name: str, place: Place) -> Any:
    state = place.state
    match name:
        case "estimate_h":
            return state.estimate_s / float(_HOUR)
        case "remaining_h":
            return state.remaining_s / float(_HOUR)
        case "points":
            return state.points
        case "risk_score":
            probability, impact = (
                _value("probability", place, ItemAttribute.number),
                _value("impact_score", place, ItemAttribute.text),
            )
            fifths = case(*((probability <= share, step) for step, share in enumerate(_FIFTHS, 1)), else_=None)
            return fifths * case({str(step): step for step in range(1, 6)}, value=impact, else_=None)
        case _:
            probability, impact = (_value(each, place, ItemAttribute.number) for each in ("probability", "impact_cost"))
            currency = _value("impact_cost", place, ItemAttribute.currency)
            same = and_(
                Project.id == state.project_id, Project.contingency > 0, Project.contingency_currency == currency
            )
            contingency = select(Project.contingency).where(same).correlate(*_tables(place)).scalar_subquery()
            return probability * impact / contingency


def _value(name: str, place: Place, column: Any) -> Any:
    own = select(column).where(ItemAttribute.item_id == place.item.id, ItemAttribute.name == name)
    return own.correlate(*_tables(place)).scalar_subquery()


def _related(how: str, inner: Filter, day: Day, place: Place) -> ColumnElement[bool]:
    other = aliased(WorkItem)
    fits = and_(other.deleted_at.is_(None), compile_filter(inner, day, Place(other, other)))
    if how == "linked":
        link = aliased(Dependency)
        there = exists().where(link.from_item_id == place.item.id, link.to_item_id == other.id, fits)
        back = exists().where(link.to_item_id == place.item.id, link.from_item_id == other.id, fits)
        return or_(there.correlate(*_tables(place)), back.correlate(*_tables(place)))
    if how == "child":
        # Asked once for all: looked for from each item anew, the children may cost a walk over all items.
        parents = select(other.parent_id).where(other.parent_id.is_not(None), fits)
        return and_(place.item.id.in_(parents))
    return exists().where(other.id == place.item.parent_id, fits).correlate(*_tables(place))


def _tables(place: Place) -> tuple[Any, ...]:
    """The tables of the statement around a subquery. That of a related item is no column of the outermost one."""
    return (place.item,) if place.is_now else (place.state, place.item)


def _compared(column: Any, operator: str, number: Any) -> ColumnElement[bool]:
    compared: ColumnElement[bool] = {
        "gt": column > number,
        "gte": column >= number,
        "lt": column < number,
        "lte": column <= number,
    }[operator]
    return compared


def _sure(column: Any, condition: Any) -> ColumnElement[bool]:
    return and_(column.is_not(None), condition)


def _true(condition: Any) -> ColumnElement[bool]:
    """For the type checker, which cannot follow the columns of an alias that is passed around."""
    found: ColumnElement[bool] = condition
    return found
