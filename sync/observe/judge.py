"""What is wrong with a connection, and what to do about it. Pure: its condition and the moment in, findings out."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from sync.observe import data_seen, runs_seen
from sync.observe.condition import Condition
from sync.observe.said import BROKEN, WARNING, Look, spanned

# A run that is due is begun within seconds where anybody begins them.
PATIENCE = timedelta(minutes=10)
MOST_SKEW_S = 60.0

_LOOKS: tuple[Look, ...] = (
    runs_seen.last_run,
    runs_seen.staleness,
    runs_seen.schedules,
    runs_seen.lease,
    data_seen.hold,
    data_seen.absences,
    data_seen.quarantine,
    data_seen.mapping,
    data_seen.webhooks,
    data_seen.rate,
    data_seen.completeness,
)


class Finding(NamedTuple):
    """One thing that was looked at. `state`: ok, warning or failed. `detail` says what to do where it is not ok."""

    subject: str
    state: str
    detail: str


def judge(found: Condition, now: datetime) -> Iterator[Finding]:
    """All there is to say of a connection. What is in order is said of its last run and its quarantine only."""
    if not found.enabled:
        line = f"disabled: nothing is read; `sightline connection enable {shlex.quote(found.name)}` takes it up again"
        yield Finding(found.name, WARNING, line)
        return
    for look in _LOOKS:
        for state, about, detail in look(found, now):
            yield Finding(f"{found.name}: {about}", state, detail)


def judge_clock(name: str, ahead_s: float | None) -> Finding | None:
    """What to say of a tracker's clock that is so far ahead of ours; None when they agree, or it tells no time."""
    if ahead_s is None or abs(ahead_s) <= MOST_SKEW_S:
        return None
    side = "ahead of" if ahead_s > 0 else "behind"
    detail = (
        f"the tracker's clock is {spanned(timedelta(seconds=abs(ahead_s)))} {side} ours; "
        "let this machine take its time from a time server"
    )
    return Finding(f"{name}: clock", WARNING, detail)


def judge_waiting(conditions: Sequence[Condition], now: datetime) -> Finding | None:
    """What to say of runs that are due and not begun; None when none waits for long."""
    waits = [since for found in conditions if (since := runs_seen.due_since(found, now)) is not None]
    late = [since for since in waits if since < now - PATIENCE]
    if not late:
        return None
    waited = f"runs have been due for {spanned(now - min(late))}"
    if any(runs_seen.under_way(found) for found in conditions):
        detail = f"{waited} while others are under way; if that is often so, raise jobs.threads or start more workers"
        return Finding("scheduled runs", WARNING, detail)
    detail = (
        f"{waited} and nobody begins them; start `sightline serve`, or `sightline worker` where jobs.embedded is false"
    )
    return Finding("scheduled runs", BROKEN, detail)
