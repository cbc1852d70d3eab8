"""From which day to which day a state counts, and what that adds up to on each day of a series. Pure arithmetic.

Days are numbers here (`date.toordinal`), and bounds are positions in the series: the first day that counts and the
first that counts no more. Everything is done for many states at a time; no loop goes over states.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from portfolio.calendar import same_day

Array: TypeAlias = NDArray[np.int64]

NEVER = 2**30
"""For no date: later than any."""
# Where these stand among the dates of a state.
VALID_FROM, VALID_TO, PARENT_FROM, PARENT_TO = range(4)


class Span(NamedTuple):
    """When a state counts in a fact: if all conditions in `needs` hold (by their number), it is a leaf (`leaves`) and
    the day is within the bounds: (which date of the state, days to add), asked for the day that `on` gives.
    `amount`: which amount it adds; None where it counts as one.
    """

    needs: tuple[int, ...] = ()
    leaves: bool = False
    since: tuple[int, int] | None = None
    until: tuple[int, int] | None = None
    on: Callable[[date], date] = same_day
    amount: int | None = None


class States(NamedTuple):
    """Some states, in order of their projects: one number of each for every state.

    `conditions` are bits, as many to a number as `BITS` says.
    """

    projects: Array
    dates: Sequence[Array]
    conditions: Sequence[Array]
    amounts: Sequence[Array]


BITS = 62


class Calendar:
    """The days of a series, in order, each once."""

    def __init__(self, days: Sequence[date]) -> None:
        self.days = days
        self._tables: dict[Callable[[date], date], tuple[int, Array]] = {}

    def position(self, dates: Array, add: int = 0, on: Callable[[date], date] = same_day) -> Array:
        """How many days of the series (as `on` gives them) lie before each date so many days later.

        `on` must not go back where days go on.
        """
        if on not in self._tables:
            asked = np.array([on(day).toordinal() for day in self.days], np.int64)
            first, last = (int(asked[0]), int(asked[-1])) if len(asked) else (0, 0)
            self._tables[on] = first, np.searchsorted(asked, np.arange(first, last + 2)).astype(np.int64)
        first, table = self._tables[on]
        return table[np.clip(dates + (add - first), 0, len(table) - 1)]


def add_up(states: States, spans: Sequence[Span], calendar: Calendar) -> tuple[list[int], Array]:
    """The projects in the states, in order, and for each of them the numbers by span and day."""
    changed = np.flatnonzero(np.diff(states.projects, prepend=states.projects[0] - 1))
    ids: list[int] = states.projects[changed].tolist()
    width = len(calendar.days) + 1
    # Where the line of a state's project begins, in an array that holds one line after the other.
    lines = np.repeat(np.arange(len(ids)) * width, np.diff(changed, append=len(states.projects)))
    numbers = np.zeros((len(ids), len(spans), width), np.int64)
    positions: dict[Span, tuple[Array, Array]] = {}
    for row, span in enumerate(spans):
        when = span._replace(needs=(), amount=None, leaves=False)
        if when not in positions:
            positions[when] = _bounds(states, when, calendar)
        begins, ends = positions[when]
        chosen = _holding(states, span.needs)
        line, begins, ends = lines[chosen], begins[chosen], ends[chosen]
        weights = None if span.amount is None else states.amounts[span.amount][chosen]
        changes = _changes(line, begins, ends, weights, len(ids) * width)
        if span.leaves:
            childless, childful = (calendar.position(states.dates[each][chosen]) for each in (PARENT_FROM, PARENT_TO))
            hole = np.maximum(begins, childless), np.minimum(ends, childful)
            changes -= _changes(line, *hole, weights, len(ids) * width)
        numbers[:, row] = changes.reshape(len(ids), width)
    return ids, np.cumsum(numbers, axis=2)[:, :, :-1]


def _bounds(states: States, span: Span, calendar: Calendar) -> tuple[Array, Array]:
    begins = calendar.position(states.dates[VALID_FROM])
    ends = calendar.position(states.dates[VALID_TO])
    if span.since is not None:
        date_of, days = span.since
        begins = np.maximum(begins, calendar.position(states.dates[date_of], days, span.on))
    if span.until is not None:
        date_of, days = span.until
        last = calendar.position(states.dates[date_of], days, span.on)
        # A state without the date is within no bound.
        ends = np.where(states.dates[date_of] == NEVER, 0, np.minimum(ends, last))
    return begins, ends


def _holding(states: States, needs: Sequence[int]) -> NDArray[np.intp]:
    held = np.ones(len(states.projects), np.bool_)
    for word, bits in enumerate(states.conditions):
        wanted = sum(1 << need % BITS for need in needs if need // BITS == word)
        if wanted:
            held &= bits & wanted == wanted
    return np.flatnonzero(held)


def _changes(lines: Array, begins: Array, ends: Array, weights: Array | None, length: int) -> Array:
    """What is added on each day of each line, and taken away again; nothing where the end is not after the begin."""
    some = np.flatnonzero(begins < ends)
    first, last = (lines + begins)[some], (lines + ends)[some]
    if weights is None:
        return np.bincount(first, minlength=length) - np.bincount(last, minlength=length)
    changes = np.zeros(length, np.int64)
    np.add.at(changes, first, weights[some])
    np.subtract.at(changes, last, weights[some])
    return changes
