"""Every fact of every project on each day of a series, from one reading of the states.

A state counts in a fact from one day to another. So it adds what it adds on the first of these days and takes it away
on the last, and the sums up to each day are the numbers of that day (a difference array). The database says once what
holds of a state, as bits; which days that means is reckoned here (`portfolio.facts.differences`). It writes that down
as texts, each of many states (`portfolio.store.columns`).

The same numbers as `numbers` gives for each day; a test holds them equal.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date
from functools import cache, reduce
from operator import add
from typing import Any, TypeAlias

import numpy as np
from sqlalchemy import BigInteger, ColumnElement, Connection, case, func, literal_column, select, true, type_coerce
from sqlalchemy.sql.elements import True_

from portfolio.facts.catalogue import FACTS
from portfolio.facts.declare import Fact
from portfolio.facts.differences import BITS, NEVER, Array, Calendar, Span, States, add_up
from portfolio.facts.spans import ordinal
from portfolio.facts.states import AnySelect, V, within
from portfolio.store.columns import numbers_of, text_of

Days: TypeAlias = Mapping[date, Mapping[str, int]]

# How many states are looked at together, at least. A few megabytes, and enough that numpy's own work is what costs.
AT_ONCE = 20_000
# How many texts are taken at a time: those of most are short.
_GROUPS = 10


def series(
    connection: Connection, days: Collection[date], project_ids: Collection[int] | None = None
) -> Iterator[tuple[int, Days]]:
    """For one project after the other, by id: the number of each fact by day and name, as `numbers` gives it.

    A day without items is left out, and a project without any. Reads while it is asked for more: the connection may be
    used meanwhile. What it holds is bounded by the states of `AT_ONCE`, by those of one category of one project, and by
    one project's numbers.
    """
    calendar = Calendar(sorted(set(days)))
    if not calendar.days:
        return
    form, rest = _form(), None
    statement = within(form.asked, calendar.days[0], calendar.days[-1], project_ids)
    for rows in _parts(connection, statement):
        ids, numbers = add_up(form.states(rows), form.spans, calendar)
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


def _parts(connection: Connection, statement: AnySelect) -> Iterator[Sequence[Any]]:
    """The rows, so many together as tell of `AT_ONCE` states."""
    part, states = list[Any](), 0
    for row in connection.execute(statement, execution_options={"yield_per": _GROUPS}):
        part.append(row)
        states += row[1]
        if states >= AT_ONCE:
            yield part
            part, states = [], 0
    if part:
        yield part


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
        self._conditions: list[ColumnElement[bool]] = []
        self._dates: list[Any] = [V.valid_from, V.valid_to, V.parent_from, V.parent_to]
        self._amounts: list[ColumnElement[Any]] = []
        # All items, whatever they are, for whether there are any.
        self.spans: list[Span] = [Span()]
        self.spans += [self._span(fact) for fact in facts]
        words = [self._conditions[at : at + BITS] for at in range(0, len(self._conditions), BITS)]
        self._words = len(words)
        columns = (
            *(func.coalesce(ordinal(column), NEVER) for column in self._dates),
            *(_word(conditions) for conditions in words),
            *(func.coalesce(amount, 0) for amount in self._amounts),
        )
        # By category too, which keeps the texts of a large project short. The index has the states in this order.
        order = (V.project_id, V.category)
        self.asked: AnySelect = select(V.project_id, func.count(), *map(text_of, columns)).group_by(*order)
        self.asked = self.asked.order_by(*order)

    def _span(self, fact: Fact) -> Span:
        conditions = (fact.over.condition, true() if fact.is_amount else fact.expression())
        needs = (_place(self._conditions, each) for each in conditions if not isinstance(each, True_))
        since, until = (
            None if bound is None else (_place(self._dates, bound[0]), bound[1]) for bound in (fact.since, fact.until)
        )
        amount = _place(self._amounts, fact.expression()) if fact.is_amount else None
        return Span(tuple(needs), fact.over.leaves, since, until, fact.on, amount)

    def states(self, rows: Sequence[Any]) -> States:
        """Of rows as `asked` gives them. All texts of a row have its states in the same order."""
        projects, counts, *texts = zip(*rows, strict=True)
        columns = [numbers_of(",".join(column)) for column in texts]
        dates, rest = columns[: len(self._dates)], columns[len(self._dates) :]
        return States(np.repeat(np.array(projects, np.int64), counts), dates, rest[: self._words], rest[self._words :])


@cache
def _form() -> _Form:
    return _Form(tuple(FACTS.values()))


def _place(known: list[Any], asked: Any) -> int:
    """Where it stands in the list. What several facts ask of a state the database is asked once."""
    for place, each in enumerate(known):
        if each.compare(asked):
            return place
    known.append(asked)
    return len(known) - 1


def _word(conditions: Sequence[ColumnElement[bool]]) -> ColumnElement[Any]:
    """One number that has a bit for each condition that holds."""
    bits = (case((condition, literal_column(str(1 << bit))), else_=0) for bit, condition in enumerate(conditions))
    return type_coerce(reduce(add, bits), BigInteger)
