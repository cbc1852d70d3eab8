"""Cumulative flow, and with it the burn-up: how much work there was at the end of each of some days, and how far.

cumulative_flow(connection, project_id, days) -> tuple[FlowDay, ...]    one for each day, in the order of `days`
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date
from itertools import accumulate
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, func, literal, select, union_all

from portfolio.facts.spans import earlier_of, later_of
from portfolio.facts.states import AnySelect, V, counts, is_effort

_OPEN_TO_DONE = ("todo", "in_progress", "done")


class FlowDay(NamedTuple):
    """Work items at the end of a day by category. Leaves only, no milestones, none that is cancelled or gone."""

    day: date
    todo: int
    in_progress: int
    done: int

    @property
    def scope(self) -> int:
        """All the work there was that day: the upper line of a burn-up, `done` is the lower one."""
        return self.todo + self.in_progress + self.done


def cumulative_flow(connection: Connection, project_id: int, days: Sequence[date]) -> tuple[FlowDay, ...]:
    """The work of a project at the end of each of the days, which come in order, the oldest first."""
    if not days:
        return ()
    changes: dict[str, dict[date, int]] = {category: defaultdict(int) for category in _OPEN_TO_DONE}
    for day, category, more in connection.execute(union_all(*_changes(project_id, days[0], days[-1]))):
        changes[category][day] += more
    columns = [_at_ends(changes[category], days) for category in _OPEN_TO_DONE]
    return tuple(FlowDay(*row) for row in zip(days, *columns, strict=True))


def _changes(project_id: int, first: date, last: date) -> Iterator[AnySelect]:
    """(day, category, by how many): what begins to count on a day, and what counts no more.

    A state counts on its days but for those on which other items hang on it: they are taken off as a span of their own.
    """
    whole = (V.valid_from, V.valid_to)
    no_leaf = (later_of(V.valid_from, V.parent_from), earlier_of(V.valid_to, V.parent_to))
    for (begin, end), sign, which in (
        (whole, 1, V.valid_to > first),
        (no_leaf, -1, (no_leaf[0] < no_leaf[1]) & (no_leaf[1] > first)),
    ):
        seen = later_of(begin, literal(first, V.valid_from.type))
        yield _of(seen, sign, project_id, which & (begin <= last))
        yield _of(end, -sign, project_id, which & (end <= last) & (begin <= last))


def _of(day: Any, sign: int, project_id: int, which: ColumnElement[bool]) -> AnySelect:
    work = (V.project_id == project_id, counts(), is_effort(), V.category.in_(_OPEN_TO_DONE))
    return select(day, V.category, func.count() * sign).where(*work, which).group_by(day, V.category)


def _at_ends(changes: dict[date, int], days: Sequence[date]) -> list[int]:
    """The sums of all changes up to each of the days."""
    in_order = sorted(changes.items())
    sums = [0, *accumulate(more for _, more in in_order)]
    found, passed = [], 0
    for day in days:
        while passed < len(in_order) and in_order[passed][0] <= day:
            passed += 1
        found.append(sums[passed])
    return found
