"""What was observed of the items of a project beyond counting them, pooled so that no single item is left."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, tzinfo
from typing import Any

from sqlalchemy import Connection

from portfolio.calendar import WorkCalendar
from portfolio.facts.blocked import WorkDays, work_days
from portfolio.facts.commitments import Commitment, commitments
from portfolio.facts.defects import Fix, escaped, fixes
from portfolio.facts.durations import Lead, leads
from portfolio.facts.effort import Estimated, Logged, UsedUp, estimates, logged, used_up
from portfolio.facts.links import Links, links
from portfolio.facts.over_days import Asked
from portfolio.facts.ownership import Owned, owned
from portfolio.facts.pace import paces
from portfolio.facts.promises import Overdue, overdues, postponed
from portfolio.facts.updates import updated


@dataclass(frozen=True)
class Samples:
    """The samples of one project, or of several together. `links`, `escaped`, `updated` and `owned` are known of the
    present only: they are empty for a past day."""

    pace: tuple[int, ...] = ()
    leads: tuple[Lead, ...] = ()
    overdue_since: tuple[Overdue, ...] = ()
    fixes: tuple[Fix, ...] = ()
    work_days: WorkDays = field(default_factory=WorkDays)
    postponed: int = 0
    estimates: tuple[Estimated, ...] = ()
    logged: Logged = field(default_factory=Logged)
    used_up: UsedUp = field(default_factory=UsedUp)
    commitments: tuple[Commitment, ...] = ()
    links: Links = field(default_factory=Links)
    escaped: int = 0
    updated: int = 0
    owned: tuple[Owned, ...] = ()


def samples(
    connection: Connection,
    as_of: date,
    project_ids: Collection[int] | None,
    *,
    over: Asked,
    zone: tzinfo | None,
    calendar: WorkCalendar,
    is_past: bool,
) -> dict[int, Samples]:
    """The samples of every project that has any. `over` are the days that are asked about with this one."""
    asked = (connection, as_of, project_ids)
    found: dict[str, Mapping[int, Any]] = {
        "pace": paces(*asked),
        "leads": leads(*asked),
        "overdue_since": overdues(*asked),
        "fixes": fixes(*asked),
        "work_days": work_days(*asked),
        "postponed": postponed(*asked, zone),
        "estimates": estimates(*asked),
        "logged": over.on(as_of, logged),
        "used_up": used_up(*asked),
        "commitments": over.on(as_of, commitments),
    }
    if not is_past:
        found |= {
            "links": links(*asked),
            "escaped": escaped(*asked),
            "updated": updated(*asked, zone, calendar),
            "owned": owned(*asked),
        }
    kept: dict[int, dict[str, Any]] = {}
    for name, by_project in found.items():
        for project_id, sample in by_project.items():
            kept.setdefault(project_id, {})[name] = tuple(sample) if isinstance(sample, list) else sample
    return {project_id: Samples(**of_project) for project_id, of_project in kept.items()}


def together(members: Iterable[Samples]) -> Samples:
    """The samples of several projects as one: only those that figures over several projects are computed anew from."""
    every = list(members)
    return Samples(
        leads=tuple(row for member in every for row in member.leads),
        overdue_since=tuple(row for member in every for row in member.overdue_since),
        fixes=tuple(row for member in every for row in member.fixes),
        work_days=WorkDays(
            sum(member.work_days.in_progress for member in every), sum(member.work_days.blocked for member in every)
        ),
        estimates=tuple(row for member in every for row in member.estimates),
    )


SOURCES: Mapping[str, Callable[..., Any]] = {
    "pace": paces,
    "leads": leads,
    "overdue_since": overdues,
    "fixes": fixes,
    "work_days": work_days,
    "postponed": postponed,
    "estimates": estimates,
    "logged": logged,
    "used_up": used_up,
    "commitments": commitments,
    "links": links,
    "escaped": escaped,
    "updated": updated,
    "owned": owned,
}
"""By which function each sample is gathered."""
