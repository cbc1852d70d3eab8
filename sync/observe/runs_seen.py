"""What is wrong with the runs of a connection: whether they take place, and end well. Pure."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from datetime import datetime
from itertools import takewhile

from sync.observe.condition import Condition, Timed
from sync.observe.said import BROKEN, OK, WARNING, Said, spanned
from sync.run.runs import CANCELLED, DONE, FAILED, INTERRUPTED, PARTIAL, RUNNING
from sync.schedule.cron import ScheduleError, last_due, next_due
from sync.schedule.staleness import stale_since

IN_A_ROW = 3


def last_run(found: Condition, _now: datetime) -> Iterator[Said]:
    """How the last run went, and how many before it came to nothing."""
    about = "last run"
    if not found.runs:
        yield WARNING, about, f"never run; run `sightline sync {shlex.quote(found.name)}`"
        return
    last = found.runs[0]
    if last.state == FAILED:
        bad = list(takewhile(lambda run: run.state in (FAILED, INTERRUPTED), found.runs))
        often = f"{len(bad)} runs in a row came to nothing; the last: " if len(bad) >= IN_A_ROW else ""
        yield BROKEN, about, often + (last.error or "failed without a word")
        return
    when = last.finished_at.isoformat(timespec="minutes") if last.finished_at else "not finished"
    if last.state == PARTIAL:
        when += ": some parts could not be read; its page on the site says which, and what to do"
    elif last.state in (INTERRUPTED, CANCELLED) and last.error:
        when += f": {last.error}"
    yield (OK if last.state in (DONE, RUNNING) else WARNING), about, f"{last.state}, {when}"


def staleness(found: Condition, now: datetime) -> Iterator[Said]:
    """Whether what is shown is older than the schedules allow."""
    in_force = [(each.cron, each.time_zone) for each in found.schedules if each.enabled]
    limit = stale_since(in_force, found.current_at) if found.current_at is not None else None
    if limit is not None and found.current_at is not None and limit <= now:
        since = spanned(now - found.current_at)
        yield BROKEN, "freshness", f"what is shown is {since} old, three times its schedule; see the last run"


def schedules(found: Condition, now: datetime) -> Iterator[Said]:
    """Whether anything is read by itself."""
    about, command = "schedule", f"`sightline connection schedule {shlex.quote(found.name)}`"
    if not found.schedules:
        yield WARNING, about, f"none, so that nothing is read by itself; {command} writes the usual one"
    elif not any(each.enabled for each in found.schedules):
        yield WARNING, about, f"all are disabled; {command} with --enable takes them up again"
    for each in found.schedules:
        fault = _fault(each, now)
        if fault:
            yield BROKEN, about, f"the one for {each.mode} runs cannot be read: {fault} Correct it with {command}"


def _fault(schedule: Timed, now: datetime) -> str:
    try:
        return "" if next_due(schedule.cron, schedule.time_zone, now) else "It is never due."
    except ScheduleError as error:
        return str(error)


def lease(found: Condition, _now: datetime) -> Iterator[Said]:
    """Whether a run was left open."""
    if found.abandoned_by is not None:
        detail = f"left open by {found.abandoned_by}, which is gone; the next run takes over, nothing is lost"
        yield WARNING, "run under way", detail


def due_since(found: Condition, now: datetime) -> datetime | None:
    """Since when a run of the connection has been due that nobody began; None when none is."""
    if not found.enabled or under_way(found):
        return None
    last = max((run.started_at for run in found.runs), default=None)
    waits = [found.asked_at] if found.asked_at is not None else []
    for schedule in found.schedules:
        try:
            at = last_due(schedule.cron, schedule.time_zone, now) if schedule.enabled else None
        except ScheduleError:
            continue
        if at is not None and last is not None and last < at:
            waits.append(next_due(schedule.cron, schedule.time_zone, last) or at)
    return min(waits, default=None)


def under_way(found: Condition) -> bool:
    """Whether a run is under way whose process lives."""
    return found.abandoned_by is None and any(run.state == RUNNING for run in found.runs)
