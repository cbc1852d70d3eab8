"""Watermelons: projects that are green outside and red inside, because they report a better colour than their figures.

How large the gap is, since when, and how many days a report lagged behind the figures the last time. A fixed number of
statements, whatever the number of projects.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, select

from portfolio.calendar import WorkCalendar
from portfolio.facts.gather import Day
from portfolio.facts.lifecycle import OVER, status_on
from portfolio.kpis.rag import OVERALL
from portfolio.kpis.reporting import CADENCE, rag_gap
from portfolio.model.oversight import KpiValue
from portfolio.model.structure import Project, StatusUpdate

WORKDAYS = 5
"""Working days in a week of reporting: a report is late when it is older than its cadence."""


class Turn(NamedTuple):
    """From this day on the colour was this one; None for words that are no colour."""

    on: date
    rag: str | None


class Episode(NamedTuple):
    """The report was better than the figures from `since` up to, not including, `until` (None: still).

    `followed`: it ended because the report gave way, not the figures.
    """

    since: date
    until: date | None
    followed: bool

    @property
    def lag(self) -> int | None:
        """Days until the report followed; None while it has not."""
        return (self.until - self.since).days if self.until is not None and self.followed else None


@dataclass(frozen=True)
class Honesty:
    """A project's two colours. `gap`: by how many steps the reported one is better, negative where it is worse, None
    where one is missing. `since` and `days`: how long it has been better. `last_lag`: days until the report followed
    the last time. `age`: working days since the report; `late`: that is more than the project's cadence."""

    project_id: int
    reported: str | None
    reported_on: date | None
    computed: str
    gap: int | None
    since: date | None
    days: int | None
    last_lag: int | None
    age: int | None
    late: bool

    @property
    def better(self) -> bool:
        """Whether it is a watermelon."""
        return self.gap is not None and self.gap > 0


def episodes(computed: Sequence[Turn], reported: Sequence[Turn]) -> list[Episode]:
    """The times the report was better than the figures, oldest first. Both in the order of their days; of several turns
    on one day the last counts."""
    said, found = dict(reported), dict(computed)
    result: list[Episode] = []
    since: date | None = None
    now_said: str | None = None
    now_found: str | None = None
    for day in sorted(said.keys() | found.keys()):
        before = now_said
        now_said, now_found = said.get(day, now_said), found.get(day, now_found)
        better = (rag_gap(now_said, now_found) or 0) > 0
        if better and since is None:
            since = day
        elif not better and since is not None:
            worse_said = (rag_gap(before, now_said) or 0) > 0
            result.append(Episode(since, day, worse_said))
            since = None
    if since is not None:
        result.append(Episode(since, None, False))
    return result


def honesty(connection: Connection, asked: Day, which: ColumnElement[bool]) -> list[Honesty]:
    """Every project that is fed, was not over on the day, and meets the condition on `Project`, whether a watermelon or
    not. The time that is asked at carries the portfolio's time zone."""
    day, zone, calendar = asked.as_of, asked.now.tzinfo or UTC, asked.calendar
    going = status_on(day, is_past=asked.is_past).not_in(OVER)
    own = select(Project.id).where(Project.fed, going, which)
    columns = (Project.id, Project.reported_rag, Project.reported_at, Project.size)
    projects = connection.execute(select(*columns).where(Project.id.in_(own)).order_by(Project.id)).all()
    found, said = _computed(connection, day, own), _reported(connection, day, zone, own)
    result = []
    for project_id, rag, at, size in projects:
        mine, spoken = found.get(project_id, []), said.get(project_id, [])
        told = _on(at, zone)
        if told is not None and (not spoken or told >= spoken[-1].on):
            spoken = [*spoken, Turn(told, rag)]
        result.append(_judged(project_id, mine, spoken, day, calendar, CADENCE.get(size or "", 1) * WORKDAYS))
    return result


def _judged(
    project_id: int, mine: Sequence[Turn], spoken: Sequence[Turn], day: date, calendar: WorkCalendar, cadence: int
) -> Honesty:
    computed = (mine[-1].rag if mine else None) or "grey"
    last = spoken[-1] if spoken else None
    gap = rag_gap(last.rag if last else None, computed)
    past = episodes(mine, spoken)
    since = past[-1].since if past and past[-1].until is None else None
    lags = [it.lag for it in past if it.lag is not None]
    age = calendar.since(last.on, day) if last else None
    return Honesty(
        project_id,
        last.rag if last else None,
        last.on if last else None,
        computed,
        gap,
        since,
        (day - since).days if since else None,
        lags[-1] if lags else None,
        age,
        age is not None and age > cadence,
    )


def _on(at: datetime | None, zone: tzinfo) -> date | None:
    return None if at is None else at.astimezone(zone).date()


def _computed(connection: Connection, day: date, own: Any) -> dict[int, list[Turn]]:
    query = (
        select(KpiValue.scope_id, KpiValue.as_of, KpiValue.rag)
        .where(
            KpiValue.scope_type == "project",
            KpiValue.kpi == OVERALL,
            KpiValue.superseded_at.is_(None),
            KpiValue.as_of <= day,
            KpiValue.scope_id.in_(own),
        )
        .order_by(KpiValue.scope_id, KpiValue.as_of)
    )
    return _turns((project_id, Turn(as_of, rag)) for project_id, as_of, rag in connection.execute(query))


def _reported(connection: Connection, day: date, zone: tzinfo, own: Any) -> dict[int, list[Turn]]:
    query = (
        select(StatusUpdate.project_id, StatusUpdate.created_at, StatusUpdate.rag)
        .where(StatusUpdate.project_id.in_(own))
        .order_by(StatusUpdate.project_id, StatusUpdate.created_at, StatusUpdate.id)
    )
    dated = ((project_id, at.astimezone(zone).date(), rag) for project_id, at, rag in connection.execute(query))
    return _turns((project_id, Turn(on, rag)) for project_id, on, rag in dated if on <= day)


def _turns(rows: Iterable[tuple[int, Turn]]) -> dict[int, list[Turn]]:
    found: dict[int, list[Turn]] = defaultdict(list)
    for project_id, turn in rows:
        found[project_id].append(turn)
    return found
