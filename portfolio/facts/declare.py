"""How a fact is declared.

    @fact(over=OPEN_ITEMS, since=(V.due, 1))
    def overdue() -> ColumnElement[bool]:
        '''Open items due before the day.'''
        return V.due.is_not(None)

The name is the function's, the words are its docstring. The condition speaks of the state an item is in and knows no
day. What depends on the day is said by two bounds: the item counts `since` a date of its own plus so many days, and
`until`, not including, another. So one declaration gives the number on a day, and the numbers on a series of days from
one reading of the states: each state counts from one day to another.

`over` is the population the items are of; it is part of the condition. Facts over a small population cost little,
however many items there are. `on` says for which day the bounds are asked, where that is not the day itself.

`@amount` declares a sum instead of a count: its function gives the number each item adds, and the items behind it are
those that add anything.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum
from typing import Any, TypeAlias

from sqlalchemy import ColumnElement, and_, case, func, or_, true
from sqlalchemy.sql.elements import True_

from portfolio.calendar import same_day
from portfolio.facts.states import V, is_effort, is_leaf, is_open

Bound: TypeAlias = tuple[Any, int]
"""A date column of a state, and days to add to it."""


class Population(Enum):
    """What a fact is about. Work is what `states.is_work` says; `leaves` says that only leaves are in it."""

    ITEMS = "items that are no headings"
    OPEN_ITEMS = "items that are neither done nor cancelled"
    WORK = "work that is not cancelled"
    OPEN_WORK = "work that is neither done nor cancelled"
    FINISHED_WORK = "work that is done, with the day it was"

    @property
    def leaves(self) -> bool:
        return self not in (Population.ITEMS, Population.OPEN_ITEMS)

    @property
    def condition(self) -> ColumnElement[bool]:
        """What holds for its states, but for being a leaf, which depends on the day."""
        match self:
            case Population.ITEMS:
                return true()
            case Population.OPEN_ITEMS:
                return is_open()
            case Population.WORK:
                return and_(V.category.in_(("todo", "in_progress", "done")), is_effort())
            case Population.OPEN_WORK:
                return and_(is_open(), is_effort())
            case Population.FINISHED_WORK:
                return and_(V.category == "done", V.finished_on.is_not(None), is_effort())

    def holds(self, day: date) -> ColumnElement[bool]:
        """What holds, on the day, for its states."""
        return and_(self.condition, is_leaf(day)) if self.leaves else self.condition


ITEMS, OPEN_ITEMS = Population.ITEMS, Population.OPEN_ITEMS
WORK, OPEN_WORK, FINISHED_WORK = Population.WORK, Population.OPEN_WORK, Population.FINISHED_WORK


@dataclass(frozen=True)
class Fact:
    """One declared fact. `is_amount` tells a sum from a count."""

    name: str
    words: str
    expression: Callable[[], ColumnElement[Any]]
    is_amount: bool
    over: Population
    since: Bound | None
    until: Bound | None
    on: Callable[[date], date]

    def counts(self, day: date) -> ColumnElement[bool]:
        """What holds, on the day, for the states that count. For an amount: for those that may add something."""
        return and_(self.over.holds(day), *self._among(day))

    def number(self, day: date) -> ColumnElement[Any]:
        """The aggregate over the states of its population: how many items, or how much over the items."""
        among = self._among(day)
        if not self.is_amount:
            return func.count().filter(*among)
        added = case((and_(*among), self.expression()), else_=0) if among else self.expression()
        return func.coalesce(func.sum(added), 0)

    def _among(self, day: date) -> Sequence[ColumnElement[bool]]:
        """What holds, on the day, for the states that count, as against the others of the population. That which holds
        for the fewest comes first: what comes after it is not asked of the others."""
        asked = self.on(day)
        parts = []
        if self.until is not None:
            column, days = self.until
            parts.append(column > asked - timedelta(days=days))
        if self.since is not None:
            column, days = self.since
            parts.append(column <= asked - timedelta(days=days))
        condition = true() if self.is_amount else self.expression()
        return parts if isinstance(condition, True_) else [condition, *parts]

    def behind(self, day: date) -> ColumnElement[bool]:
        """The condition that holds for the items behind the number, and for no other."""
        return and_(self.counts(day), self.expression() > 0) if self.is_amount else self.counts(day)


def not_over(facts: Collection[Fact], day: date) -> ColumnElement[bool]:
    """What holds, on the day, for every state that any of the facts counts: that it is not over for all of them."""
    earliest: dict[Any, date] = {}
    for fact in facts:
        if fact.until is None:
            return true()
        column, days = fact.until
        last = fact.on(day) - timedelta(days=days)
        earliest[column] = min(last, earliest.get(column, last))
    return or_(*(column > last for column, last in earliest.items()))


DECLARED: dict[str, Fact] = {}


def fact(
    *,
    over: Population = ITEMS,
    since: Bound | None = None,
    until: Bound | None = None,
    on: Callable[[date], date] = same_day,
) -> Callable[[Callable[[], ColumnElement[bool]]], Fact]:
    """Declare a count of items."""
    return lambda function: _declare(function, False, over, since, until, on)


def amount(
    *,
    over: Population = ITEMS,
    since: Bound | None = None,
    until: Bound | None = None,
    on: Callable[[date], date] = same_day,
) -> Callable[[Callable[[], ColumnElement[Any]]], Fact]:
    """Declare a sum over items. What an item adds is a whole number, and nothing where the column is empty."""
    return lambda function: _declare(function, True, over, since, until, on)


def _declare(
    function: Callable[[], ColumnElement[Any]],
    is_amount: bool,
    over: Population,
    since: Bound | None,
    until: Bound | None,
    on: Callable[[date], date],
) -> Fact:
    name, words = function.__name__, (function.__doc__ or "").strip()
    if not words:
        raise TypeError(f"the fact {name} needs a docstring: it is what people read")
    if name in DECLARED:
        raise TypeError(f"the fact {name} is declared twice")
    declared = DECLARED[name] = Fact(name, words, function, is_amount, over, since, until, on)
    return declared
