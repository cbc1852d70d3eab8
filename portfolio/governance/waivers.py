"""Letting a project off a rule for a time: asked for, decided by another person, taken back. All in the audit log.

Whether somebody may ask or decide is asked by the caller (`Capability.WAIVERS`). A waiver is over after its last day by
itself. WaiverError is all that can go wrong, with a text that is safe to show.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from sqlalchemy import Connection, insert, select, update

from portfolio.audit.append import append
from portfolio.audit.entry import Actor, Subject
from portfolio.governance.errors import GovernanceError
from portfolio.governance.rule_settings import rules_in_force
from portfolio.model.governance import Waiver
from portfolio.model.structure import Project
from portfolio.store.locks import Lock, exclusive

REQUESTED, DECIDED, WITHDRAWN = "waiver.requested", "waiver.decided", "waiver.withdrawn"
LONGEST_FOR = timedelta(days=366)
LONGEST = 2_000


class WaiverError(GovernanceError):
    """What was asked for cannot be. `field`: rule, reason, compensating_control, valid_to, or state."""

    def __init__(self, field: str, said: str) -> None:
        super().__init__(said)
        self.field = field


def request(
    connection: Connection,
    project_id: int,
    rule: str,
    reason: str,
    compensating_control: str,
    valid_to: date,
    now: datetime,
    name: str,
    by: Actor,
) -> int:
    """Ask for a waiver; returns its number. `now` carries the portfolio's time zone, `name` is what pages call them."""
    exclusive(connection, Lock.GOVERNANCE)
    reason, control, today = reason.strip(), compensating_control.strip(), now.date()
    if rule not in rules_in_force(connection):
        raise WaiverError("rule", f"There is no rule {rule[:40]}.")
    if not reason or max(len(reason), len(control)) > LONGEST:
        raise WaiverError("reason", f"Say why, in up to {LONGEST:,} characters.")
    if not today <= valid_to <= today + LONGEST_FOR:
        raise WaiverError("valid_to", "Give a last day from today on, within a year.")
    same = select(Waiver.id).where(Waiver.project_id == project_id, Waiver.rule == rule, Waiver.state == "requested")
    if connection.scalar(same) is not None:
        raise WaiverError("state", "A waiver of this rule is waiting for a decision already.")
    row = {"rule": rule, "project_id": project_id, "reason": reason, "compensating_control": control}
    row |= {"valid_to": valid_to, "requested_by": name, "requested_at": now}
    key = connection.execute(insert(Waiver).values(**row)).inserted_primary_key
    assert key is not None
    told = {"waiver": key[0], "rule": rule, "valid_to": valid_to.isoformat()}
    append(connection, now, by, REQUESTED, Subject("project", project_id), new=told)
    return int(key[0])


def decide(
    connection: Connection,
    waiver_id: int,
    note: str,
    now: datetime,
    name: str,
    person_id: int | None,
    by: Actor,
    *,
    approve: bool,
) -> None:
    """Approve or reject a waiver. Nobody decides for a project they manage; who asked for it may, and it is noted."""
    row = _one(connection, waiver_id)
    if row.state != "requested":
        raise WaiverError("state", "Somebody decided this waiver already.")
    manager_id = connection.scalar(select(Project.manager_id).where(Project.id == row.project_id))
    if person_id is not None and manager_id == person_id:
        raise WaiverError("state", "You manage this project: somebody else decides.")
    if approve and row.valid_to < now.date():
        raise WaiverError("valid_to", "Its last day is over: reject it, or have it asked for anew.")
    state, own = "approved" if approve else "rejected", row.requested_by == name
    values = {"state": state, "decided_by": name, "decided_at": now, "self_approved": own and approve}
    decided = update(Waiver).where(Waiver.id == waiver_id).values(**values, decision_note=note.strip()[:LONGEST])
    connection.execute(decided)
    told = {"waiver": waiver_id, "rule": row.rule, "state": state, "self_approved": own and approve}
    append(connection, now, by, DECIDED, Subject("project", row.project_id), new=told)


def may_withdraw(waiver: Waiver, name: str, *, decides: bool) -> bool:
    """Whether the waiver is theirs to take back: who asked for it may, and who may decide it."""
    return waiver.state in ("requested", "approved") and (decides or waiver.requested_by == name)


def withdraw(connection: Connection, waiver_id: int, now: datetime, by: Actor) -> None:
    """Take a waiver back, asked for or approved: the rule counts again from the next run on."""
    row = _one(connection, waiver_id)
    if row.state not in ("requested", "approved"):
        raise WaiverError("state", "This waiver counts no more already.")
    connection.execute(update(Waiver).where(Waiver.id == waiver_id).values(state="withdrawn"))
    told = {"waiver": waiver_id, "rule": row.rule}
    append(connection, now, by, WITHDRAWN, Subject("project", row.project_id), new=told)


def _one(connection: Connection, waiver_id: int) -> Waiver:
    exclusive(connection, Lock.GOVERNANCE)
    row = connection.execute(select(Waiver.__table__).where(Waiver.id == waiver_id)).one_or_none()
    if row is None:
        raise WaiverError("state", "There is no such waiver.")
    return Waiver(**row._mapping)
