"""Issues: the serious ones that are open, and how long it took to resolve those that were.

How serious an issue is keeps no history. What was resolved is counted per pair of days.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import NamedTuple

from sqlalchemy import Connection, and_, func, select

from portfolio.facts.attributes import with_attributes
from portfolio.facts.durations import WINDOW_DAYS
from portfolio.facts.states import I, V, at, is_open, standing

SERIOUS = ("blocker", "critical", "highest", "high", "major", "urgent")
"""Words of severity, or where that is not told of priority, in lower case, of what cannot wait."""


class Resolved(NamedTuple):
    """`issues` issues raised and resolved on these days."""

    raised_on: date
    resolved_on: date
    issues: int


@dataclass(frozen=True)
class Issues:
    """`open` serious issues, of which `late` are past their due date; what was resolved in the last 90 days."""

    open: int = 0
    late: int = 0
    resolved: tuple[Resolved, ...] = ()


@dataclass
class _Growing:
    open: int = 0
    late: int = 0
    resolved: list[Resolved] = field(default_factory=list)


def issues(connection: Connection, as_of: date, project_ids: Collection[int] | None = None) -> dict[int, Issues]:
    """The issues of each project that has any of these."""
    query, its = with_attributes(at(select(V.project_id), as_of, project_ids), "severity")
    how = func.lower(func.coalesce(its["severity"].text, I.priority))
    query = query.add_columns(func.count(), func.count().filter(and_(V.due.is_not(None), V.due < as_of)))
    query = query.where(V.kind == "issue", is_open(), how.in_(SERIOUS)).group_by(V.project_id)
    growing: dict[int, _Growing] = defaultdict(_Growing)
    for project_id, count, late in connection.execute(query):
        growing[project_id].open, growing[project_id].late = count, late
    days = (V.project_id, V.created_on, V.finished_on)
    since = as_of - timedelta(days=WINDOW_DAYS - 1)
    done = standing(select(*days, func.count()), as_of, project_ids)
    done = done.where(V.kind == "issue", V.category == "done", V.finished_on.between(since, as_of)).group_by(*days)
    for project_id, raised_on, resolved_on, count in connection.execute(done):
        growing[project_id].resolved.append(Resolved(raised_on, resolved_on, count))
    return {ident: Issues(it.open, it.late, tuple(it.resolved)) for ident, it in growing.items()}
