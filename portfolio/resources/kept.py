"""The plan as it was last read, kept by the process, with what was entered since.

A plan is open work, bookings and capacity. Syncs bring all of them, and are noted as runs; everything entered here
stands in the audit log. So runs that ended have all of it read anew, for nothing tells exactly which items a run left
as they were. An entry of the log says by its action what of the plan it concerns, if anything: bookings, the capacity
of one person or of everybody; of such entries open work is not read again, and load is worked out again of those
alone of whom something is another. An action that is not named here concerns all of the plan.

While a sync is under way the open work from before it stays, like all other figures.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from threading import Lock
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Engine, func, select

from portfolio.audit.append import head
from portfolio.audit.entry import BEGINNING
from portfolio.model.access import AuditEntry
from portfolio.model.oversight import SyncRun
from portfolio.resources.entered import with_entered
from portfolio.resources.plan import Plan, read_plan

_SCENARIOS = ("scenario.made", "scenario.renamed", "scenario.shared", "scenario.changed", "scenario.removed")
LOOKS = ("sign_in", "sign_in.refused", "export", "person.viewed", "people.viewed", *_SCENARIOS)
"""What is noted without changing anything of the plan."""
APART = (
    "run.requested", "run.started", "run.stop_requested", "schedule.added", "schedule.changed", "preview.requested",
    "preview.stop_requested", "token.made", "token.revoked", "skill.told", "skill.asked", "person.exported",
    "objective.made", "objective.changed", "objective.retired", "objective.linked", "objective.link_withdrawn",
    "objective.links_imported",
)  # fmt: skip
"""What changes something, but nothing of the plan: that a run begins, for one. What it brings counts when it ends."""
BOOKINGS = (
    "booking.made", "booking.changed", "booking.ended", "booking.removed",
    "request.asked", "request.proposed", "request.accepted", "request.sent_back", "request.declined",
    "request.withdrawn",
)  # fmt: skip
"""What changes bookings, and nothing else of the plan. Which ones is found by comparing them."""
OF_A_PERSON = ("person.changed", "time_off.added", "time_off.removed")
"""What changes how much the person can work who is the entry's subject, and nothing else of the plan."""
OF_EVERYBODY = (
    "calendar.made", "calendar.changed", "calendar.deleted", "holidays.added", "holiday.removed", "capacity.imported",
)  # fmt: skip
"""What may change how much anybody can work, and bookings; but no open work, nor which persons and projects there
are."""
_KNOWN = frozenset((*LOOKS, *APART, *BOOKINGS, *OF_A_PERSON, *OF_EVERYBODY))
_MOST = 500
"""After more entries than these all is read anew."""


class _Mark(NamedTuple):
    """What a plan rests on: its day and time zone, the runs that ended (what ended earlier may be told later: then only
    how many there are is another), and the last entry of the log, which by its hash stands for all before it."""

    day: date
    zone: Any
    ended_at: datetime | None
    ended: int
    entry: int
    hash: str


KEPT: WeakKeyDictionary[Engine, tuple[_Mark, Plan]] = WeakKeyDictionary()
"""The last plan of each database, with what it rests on."""
_READING = Lock()


def kept_plan(connection: Connection, day: date, now: datetime) -> Plan:
    """The plan as it stands. `now` carries the portfolio's time zone."""
    mark = _mark(connection, day, now)
    # Whoever comes while it is read waits for it, and does not read it again.
    with _READING:
        kept = KEPT.get(connection.engine)
        plan = None if kept is None else _brought_up(connection, *kept, mark)
        if plan is None:
            plan = read_plan(connection, day, now)
        # Whoever looks at an earlier moment of the database does not set it back for others.
        if kept is None or kept[0][:2] != mark[:2] or kept[0].entry <= mark.entry:
            KEPT[connection.engine] = mark, plan
        return plan


def _mark(connection: Connection, day: date, now: datetime) -> _Mark:
    ended = connection.execute(select(func.max(SyncRun.finished_at), func.count(SyncRun.finished_at))).one()
    return _Mark(day, now.tzinfo, *ended, *head(connection))


def _brought_up(connection: Connection, before: _Mark, plan: Plan, mark: _Mark) -> Plan | None:
    """The plan with what was entered since; None where all of it is to be read anew."""
    if before == mark:
        return plan
    entries = _since(connection, before) if before[:4] == mark[:4] and before.entry <= mark.entry else None
    if entries is None or not {it.action for it in entries} <= _KNOWN:
        return None
    actions = {it.action for it in entries}.difference(LOOKS, APART)
    if not actions:
        return plan
    persons = {it.subject_id for it in entries if it.action in OF_A_PERSON}
    everybody = None in persons or not actions.isdisjoint(OF_EVERYBODY)
    return with_entered(connection, plan, None if everybody else persons)


def _since(connection: Connection, before: _Mark) -> Sequence[Any] | None:
    """All entries after those the plan rests on; None where they are too many, or the log is not the one it was."""
    it, begins = AuditEntry, (before.entry, before.hash)
    query = select(it.id, it.hash, it.action, it.subject_id).where(it.id >= before.entry).order_by(it.id)
    found: Sequence[Any] = connection.execute(query.limit(_MOST)).all()
    if not found or len(found) == _MOST:
        return None
    if begins == (0, BEGINNING):
        return found if found[0].id == 1 else None
    return found[1:] if (found[0].id, found[0].hash) == begins else None
