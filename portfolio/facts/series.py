"""Every fact of every project on each day of a series, from one reading of the states.

A state counts in a fact from one day to another. So it adds what it adds on the first of these days and takes it away
on the last, and the sums up to each day are the numbers of that day (a difference array). The database says once what
holds of a state, as bits; which days that means is reckoned here (`portfolio.facts.differences`).

The same numbers as `numbers` gives for each day; a test holds them equal.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date
from functools import reduce
from operator import add
from typing import Any, TypeAlias

import numpy as np
from sqlalchemy import BigInteger, ColumnElement, Connection, case, func, literal_column, select, type_coerce
from sqlalchemy.types import NullType

from portfolio.facts.catalogue import FACTS
from portfolio.facts.declare import Fact, Population
from portfolio.facts.differences import BITS, Array, Calendar, Ordinals, Span, States, add_up
from portfolio.facts.states import V, within

Days: TypeAlias = Mapping[date, Mapping[str, int]]

# How many states are looked at together. A few megabytes, and enough that numpy's own work is what costs.
AT_ONCE = 20_000


def series(
    connection: Connection, days: Collection[date], project_ids: Collection[int] | None = None
) -> Iterator[tuple[int, Days]]:
    """For one project after the other, by id: the number of each fact by day and name, as `numbers` gives it.

    A day without items is left out, and a project without any. Reads while it is asked for more: the connection may be
    used meanwhile. What it holds is bounded by the states of `AT_ONCE` and by one project's numbers.
    """
    calendar = Calendar(sorted(set(days)))
    if not calendar.days:
        return
    form = _Form(tuple(FACTS.values()))
    statement = within(select(*form.columns), calendar.days[0], calendar.days[-1], project_ids).order_by(V.project_id)
    ordinals, rest = Ordinals(), None
    for rows in connection.execute(statement, execution_options={"yield_per": AT_ONCE}).partitions():
        states = form.states(rows, ordinals)
        ids, numbers = add_up(states, form.spans, calendar)
        if rest is not None:
            # The last project of a part may go on in the next.
            if rest[0] == ids[0]:
                numbers[0] += rest[1]
            else:
                yield rest[0], _told(rest[1], calendar)
        for project_id, of_project in zip(ids[:-1], numbers[:-1], strict=True):
            yield project_id, _told(of_project, calendar)
        rest = ids[-1], numbers[-1]
    if rest is not None:
        yield rest[0], _told(rest[1], calendar)


def _told(numbers: Array, calendar: Calendar) -> Days:
    """From numbers by fact and day, where the first row counts all items."""
    return {
        day: dict(zip(FACTS, values, strict=True))
        for day, (present, *values) in zip(calendar.days, numbers.T.tolist(), strict=True)
        if present
    }


class _Form:
    """What is asked of each state, and how the answers are put together again."""

    def __init__(self, facts: Sequence[Fact]) -> None:
        self._conditions: list[ColumnElement[bool]] = [population.condition for population in Population]
        self._dates: list[Any] = [V.valid_from, V.valid_to, V.parent_from, V.parent_to]
        self._amounts: list[ColumnElement[Any]] = []
        # All items, whatever they are, for whether there are any.
        self.spans: list[Span] = [Span()]
        self.spans += [self._span(fact) for fact in facts]
        words = [self._conditions[at : at + BITS] for at in range(0, len(self._conditions), BITS)]
        self._words = len(words)
        self.columns = (
            V.project_id,
            *(type_coerce(column, NullType()) for column in self._dates),
            *(_word(conditions) for conditions in words),
            *(func.coalesce(amount, 0) for amount in self._amounts),
        )

    def _span(self, fact: Fact) -> Span:
        needs = [list(Population).index(fact.over)]
        amount = None
        if fact.is_amount:
            amount = len(self._amounts)
            self._amounts.append(fact.expression())
        else:
            needs.append(len(self._conditions))
            self._conditions.append(fact.expression())
        since, until = (
            None if bound is None else (self._date(bound[0]), bound[1]) for bound in (fact.since, fact.until)
        )
        return Span(tuple(needs), fact.over.leaves, since, until, fact.on, amount)

    def _date(self, column: Any) -> int:
        for position, known in enumerate(self._dates):
            if known is column:
                return position
        self._dates.append(column)
        return len(self._dates) - 1

    def states(self, rows: Sequence[Any], ordinals: Ordinals) -> States:
        projects, *columns = zip(*rows, strict=True)
        dates, rest = columns[: len(self._dates)], columns[len(self._dates) :]
        return States(
            np.array(projects, np.int64),
            [ordinals.of(column) for column in dates],
            [np.array(column, np.int64) for column in rest[: self._words]],
            [np.array(column, np.int64) for column in rest[self._words :]],
        )


def _word(conditions: Sequence[ColumnElement[bool]]) -> ColumnElement[Any]:
    """One number that has a bit for each condition that holds."""
    bits = (case((condition, literal_column(str(1 << bit))), else_=0) for bit, condition in enumerate(conditions))
    return type_coerce(reduce(add, bits), BigInteger)
