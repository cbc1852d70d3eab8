"""How a fact is declared.

    @fact
    def overdue(day: date) -> ColumnElement[bool]:
        '''Open items due before the day.'''
        return and_(is_open(), V.due < day)

The name is the function's, the words are its docstring; a fact to which the day does not matter takes no argument.
`@amount` declares a sum instead of a count: its function
gives the number each item adds, and the items behind it are those that add more than nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from inspect import signature
from typing import Any

from sqlalchemy import ColumnElement, func


@dataclass(frozen=True)
class Fact:
    """One declared fact. `is_amount` tells a sum from a count."""

    name: str
    words: str
    expression: Callable[[date], ColumnElement[Any]]
    is_amount: bool

    def number(self, day: date) -> ColumnElement[Any]:
        """The aggregate: how many items, or how much over the items."""
        expression = self.expression(day)
        if self.is_amount:
            return func.coalesce(func.sum(expression), 0)
        return func.count().filter(expression)

    def behind(self, day: date) -> ColumnElement[bool]:
        """The condition that holds for the items behind the number, and for no other."""
        expression = self.expression(day)
        return expression > 0 if self.is_amount else expression


DECLARED: dict[str, Fact] = {}


def fact(function: Callable[..., ColumnElement[bool]]) -> Fact:
    """Declare a count of items."""
    return _declare(function, is_amount=False)


def amount(function: Callable[..., ColumnElement[Any]]) -> Fact:
    """Declare a sum over items."""
    return _declare(function, is_amount=True)


def _declare(function: Callable[..., ColumnElement[Any]], *, is_amount: bool) -> Fact:
    name, words = function.__name__, (function.__doc__ or "").strip()
    if not words:
        raise TypeError(f"the fact {name} needs a docstring: it is what people read")
    if name in DECLARED:
        raise TypeError(f"the fact {name} is declared twice")
    expression = function if signature(function).parameters else lambda _day: function()
    declared = DECLARED[name] = Fact(name, words, expression, is_amount)
    return declared
