"""Differences of dates in SQL, and spans of days cut to those that are asked about."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Integer, case, literal
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement


class days_between(FunctionElement[int]):
    """`days_between(earlier, later)`: the whole days from one date to another; negative where they are the other way.

    Both are dates: columns, or literals that say so.
    """

    type = Integer()
    inherit_cache = True


@compiles(days_between)
def _subtracted(element: days_between, compiler: SQLCompiler, **rest: Any) -> str:
    earlier, later = element.clauses
    return f"({compiler.process(later, **rest)} - {compiler.process(earlier, **rest)})"


@compiles(days_between, "sqlite")
def _by_julian_day(element: days_between, compiler: SQLCompiler, **rest: Any) -> str:
    earlier, later = (f"julianday({compiler.process(each, **rest)})" for each in element.clauses)
    return f"CAST({later} - {earlier} AS INTEGER)"


def ordinal(day: Any) -> ColumnElement[int]:
    """The number of a date, as `date.toordinal` gives it."""
    return days_between(literal(date.min), day) + 1


def later_of(one: Any, other: Any) -> ColumnElement[Any]:
    """The later of two dates."""
    return case((one > other, one), else_=other)


def earlier_of(one: Any, other: Any) -> ColumnElement[Any]:
    """The earlier of two dates."""
    return case((one < other, one), else_=other)
