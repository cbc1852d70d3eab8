"""What the params of predicates over items mean: filters, ages, shares, fields."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any, TypeAlias

from sqlalchemy import ColumnElement, false

from portfolio.facts.gather import Day
from portfolio.governance.filters import terms
from portfolio.governance.filters.compile import compile_filter
from portfolio.governance.filters.read import read
from portfolio.governance.rules import RuleError
from portfolio.governance.working_days import MOST

Json: TypeAlias = Mapping[str, Any]


def meant(given: Json, day: Day, field: str = "filter") -> ColumnElement[bool]:
    """The items a filter means."""
    return compile_filter(read(given, field), day)


def meant_if_given(given: Json | None, day: Day, field: str) -> ColumnElement[bool]:
    """What an optional filter means; without one, nothing."""
    return false() if given is None else meant(given, day, field)


def older(date: str, n_wd: int, day: Day) -> ColumnElement[bool]:
    """Items whose date lies more than so many working days back. Raises `RuleError` for what is no date of theirs."""
    if date not in terms.DATES:
        raise RuleError("params", f"date: {date[:40]!r} is none of {', '.join(terms.DATES)}.")
    return meant({terms.DATES[date]: {"gt": working_days(n_wd)}}, day)


def working_days(number: int) -> int:
    """The number, if it is one of working days. Raises `RuleError`."""
    if not 0 <= number <= MOST:
        raise RuleError("params", f"n_wd: give a number of working days from 0 to {MOST}.")
    return number


def known_fields(fields: tuple[str, ...]) -> tuple[str, ...]:
    """The fields, if items have them. Raises `RuleError`."""
    if unknown := set(fields) - set(terms.FIELDS):
        raise RuleError("params", f"fields: {', '.join(sorted(unknown))[:80]} is none of {', '.join(terms.FIELDS)}.")
    return fields


def share_of(text: str) -> Fraction:
    """A share of rows from 0 to 1. Raises `RuleError`."""
    try:
        share = Fraction(text)
    except (ValueError, ZeroDivisionError) as error:
        raise RuleError("params", 'min_share: give a share as text, such as "0.95".') from error
    if not 0 <= share <= 1:
        raise RuleError("params", "min_share: give a share from 0 to 1.")
    return share
