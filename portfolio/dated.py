"""What holds from a day on, until something else does. Pure.

A history says something of every day there is: its first entry begins with the first of them (`EVER`), and no entry
says what the one before it says.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from datetime import date
from typing import Generic, NamedTuple, TypeAlias, TypeVar

from portfolio.model.base import EVER, FAR

Value = TypeVar("Value")
History: TypeAlias = tuple[tuple[date, Value], ...]


class Span(NamedTuple, Generic[Value]):
    """What holds from `since` up to, not including, `until`."""

    since: date
    until: date
    value: Value


def history(entries: Iterable[tuple[date, Value]], usual: Value) -> History[Value]:
    """The history of what was said from which day on, in any order; `usual` holds before all of it."""
    found: list[tuple[date, Value]] = []
    for day, value in sorted([(EVER, usual), *entries], key=lambda it: it[0]):
        if found and found[-1][0] == day:
            found.pop()
        if not found or found[-1][1] != value:
            found.append((day, value))
    return tuple(found)


def on(told: History[Value], day: date) -> Value:
    """What holds on the day."""
    return told[bisect_right(told, day, key=lambda it: it[0]) - 1][1]


def said(told: History[Value], day: date, value: Value) -> History[Value]:
    """The history with a value from a day on, up to the next entry that is there; what was before stays."""
    return history([*told, (day, value)], told[0][1])


def taken_back(told: History[Value], day: date) -> History[Value]:
    """The history without the entry of a day: what held before it goes on. The first entry stays."""
    return history([it for it in told if it[0] != day], told[0][1])


def first_difference(before: History[Value], after: History[Value]) -> date | None:
    """The first day on which two histories differ; None: never."""
    days = sorted(day for day, _ in (*before, *after))
    return next((day for day in days if on(before, day) != on(after, day)), None)


def spans(told: History[Value]) -> list[Span[Value]]:
    """The entries with the days up to which they hold, in order."""
    ends = [day for day, _ in told[1:]] + [FAR]
    return [Span(since, until, value) for (since, value), until in zip(told, ends, strict=True)]


def holding(told: History[Value], day: date) -> Span[Value]:
    """What holds on the day, with the days on which it does."""
    return next(it for it in reversed(spans(told)) if it.since <= day)
