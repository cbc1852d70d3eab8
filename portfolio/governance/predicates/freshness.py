"""Whether what should be said or read regularly was."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Literal

from sqlalchemy import ColumnElement, case, exists, or_, true
from sqlalchemy.orm import aliased

from portfolio.facts.gather import Day
from portfolio.governance.predicates import sources
from portfolio.governance.predicates.declare import Check, predicate
from portfolio.governance.predicates.projects import instant_after, reported_since
from portfolio.governance.rules import Part, RuleError
from portfolio.model.landing import Connection as Tracker
from portfolio.model.landing import UnmappedValue
from portfolio.model.oversight import NOT_OF_ALL, SyncRun
from portfolio.model.structure import Project

_MOST_MINUTES = 1_000_000


class Fresh(Part, frozen=True, kw_only=True):
    """status_report: within `n_wd` working days, or what `by_size` says. connection: within so many `minutes`."""

    entity: Literal["status_report", "connection"]
    n_wd: int = 5
    by_size: Mapping[Literal["S", "M", "L"], int] = {}
    minutes: int = 240


@predicate("fresh", Fresh, of_now=True)
def fresh(params: Fresh, day: Day) -> Check:
    """The last status report, or the last whole reading of what feeds the project, is recent."""
    if params.entity == "connection":
        return _of_connections(params, day)
    late: list[tuple[ColumnElement[bool], ColumnElement[bool]]] = [
        (Project.size == size, ~reported_since(instant_after(age, day))) for size, age in sorted(params.by_size.items())
    ]
    usual = ~reported_since(instant_after(params.n_wd, day))
    return Check(sources.projects(), true(), case(*late, else_=usual) if late else usual)


def _of_connections(params: Fresh, day: Day) -> Check:
    if not 0 < params.minutes <= _MOST_MINUTES:
        raise RuleError("params", f"minutes: give a number from 1 to {_MOST_MINUTES}.")
    since = day.now - timedelta(minutes=params.minutes)
    run, bad, newer = aliased(SyncRun), aliased(SyncRun), aliased(SyncRun)
    whole = exists().where(
        run.connection_id == Tracker.id, run.state == "done", run.mode.not_in(NOT_OF_ALL), run.finished_at >= since
    )
    since_then = exists().where(
        newer.connection_id == bad.connection_id,
        newer.state.in_(("done", "partial")),
        newer.started_at > bad.started_at,
    )
    failed = exists().where(bad.connection_id == Tracker.id, bad.state == "failed", ~since_then.correlate(bad))
    fails = or_(~whole.correlate(Tracker), failed.correlate(Tracker))
    return Check(sources.feeds(), true(), fails, of_sync=True)


class MappingComplete(Part, frozen=True, kw_only=True):
    """Nothing to say: all words are asked about."""


@predicate("mapping_complete", MappingComplete)
def mapping_complete(_params: MappingComplete, _day: Day) -> Check:
    """No word of a tracker that feeds the project is without a meaning."""
    word = exists().where(UnmappedValue.connection_id == Tracker.id, UnmappedValue.items > 0)
    return Check(sources.feeds(), true(), word.correlate(Tracker))
