"""Taking a baseline, and deciding on it: proposed, approved, rejected; each noted in the audit log.

A baseline is a snapshot: nothing changes what it holds once it is taken, no sync and no decision. From the day it was
taken the approved one with the highest version is in force (`portfolio.facts.plan.in_force`).
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, NamedTuple, cast

from sqlalchemy import Connection, Table, insert, literal, select, update

from portfolio.audit.append import append
from portfolio.audit.entry import Actor, Subject
from portfolio.baselines.snapshot import items_on, milestones_on
from portfolio.figures.due import past_changed
from portfolio.figures.rollup import roll_up
from portfolio.governance.settings import read_settings
from portfolio.model.structure import Project
from portfolio.model.work import Baseline, BaselineItem, BaselineMilestone
from portfolio.store.locks import Lock, exclusive

PROPOSED, APPROVED, REJECTED = "proposed", "approved", "rejected"
NOTED = {APPROVED: "baseline.approved", REJECTED: "baseline.rejected"}
"""What a decision is called in the audit log."""
LONGEST_REASON = 500
_BASELINE = cast(Table, Baseline.__table__)


class BaselineError(Exception):
    """What was asked cannot be done; the message says why and is safe to show."""


class By(NamedTuple):
    """Who does something: what pages call them, and what the audit log does."""

    name: str
    actor: Actor


def propose(store: Connection, project_id: int, day: date, now: datetime, by: By, reason: str = "") -> int:
    """Take the plan as it stood at the end of a day and propose it as the next version, in the caller's transaction;
    returns the version. Pages and commands take that of today; the plan rate and what the plan is counted in are the
    present ones on any day.

    Raises `BaselineError` where there is no work to plan, or a proposal waits for its decision already.
    """
    exclusive(store, Lock.STRUCTURE)
    versions = list(store.execute(select(Baseline.version, Baseline.state).where(Baseline.project_id == project_id)))
    waiting = [version for version, state in versions if state == PROPOSED]
    if waiting:
        raise BaselineError(f"Version {waiting[0]} waits for its decision. Approve or reject it first.")
    if store.execute(items_on(project_id, day).limit(1)).first() is None:
        raise BaselineError("The project has no work to plan. Sync it, or wait until it has items.")
    version = max((version for version, _ in versions), default=0) + 1
    set_ = select(Project.plan_rate, Project.plan_rate_currency, read_settings(store).units.of_project().label("unit"))
    now_set = store.execute(set_.where(Project.id == project_id)).one()
    row = {
        "project_id": project_id,
        "version": version,
        "taken_on": day,
        "state": PROPOSED,
        "reason": " ".join(reason.split())[:LONGEST_REASON],
        "proposed_by": by.name,
        "proposed_at": now,
        "plan_rate": now_set.plan_rate,
        "currency": now_set.plan_rate_currency,
        "unit": now_set.unit,
    }
    baseline_id = store.execute(insert(_BASELINE).values(**row).returning(_BASELINE.c.id)).scalar_one()
    _copy(store, baseline_id, BaselineItem, items_on(project_id, day))
    _copy(store, baseline_id, BaselineMilestone, milestones_on(project_id, day))
    told = {"version": version, "unit": now_set.unit}
    append(store, now, by.actor, "baseline.proposed", Subject("project", project_id), new=told)
    return version


def _copy(store: Connection, baseline_id: int, into: type[Any], plan: Any) -> None:
    rows = plan.subquery()
    chosen = select(literal(baseline_id), *rows.c)
    store.execute(insert(into).from_select(["baseline_id", *rows.c.keys()], chosen))


def approve(store: Connection, project_id: int, version: int, now: datetime, by: By) -> bool:
    """Put a proposed version in force, from the day it was taken. Returns whether who proposed it approved it, too.

    Today's figures of the project are computed anew in the same transaction; those of days before follow. `now` carries
    the portfolio's time zone. Raises `BaselineError` for what is not proposed.
    """
    # In the order of whoever rolls up: this lock comes before those of the structure and of the audit log.
    exclusive(store, Lock.FIGURES)
    alone = put_in_force(store, project_id, version, now, by)
    roll_up(store, as_of=now.date(), now=now, project_ids=(project_id,))
    return alone


def put_in_force(store: Connection, project_id: int, version: int, now: datetime, by: By) -> bool:
    """What `approve` does, but for the figures: whoever decides on many projects rolls up once, after the last."""
    return _decide(store, project_id, version, APPROVED, now, by)


def take(store: Connection, project_id: int, now: datetime, by: By, reason: str = "") -> int:
    """Propose the plan as it stands and approve it at once; returns the version. As `propose` and `approve`."""
    exclusive(store, Lock.FIGURES)
    version = propose(store, project_id, now.date(), now, by, reason)
    approve(store, project_id, version, now, by)
    return version


def reject(store: Connection, project_id: int, version: int, now: datetime, by: By) -> None:
    """Turn a proposed version down; it stays in the list. Raises `BaselineError` for what is not proposed."""
    _decide(store, project_id, version, REJECTED, now, by)


def _decide(store: Connection, project_id: int, version: int, state: str, now: datetime, by: By) -> bool:
    exclusive(store, Lock.STRUCTURE)
    own = (Baseline.project_id == project_id, Baseline.version == version)
    found = store.execute(select(Baseline.state, Baseline.proposed_by, Baseline.taken_on).where(*own)).one_or_none()
    if found is None:
        raise BaselineError(f"There is no version {version}.")
    if found.state != PROPOSED:
        raise BaselineError(f"Version {version} is {found.state} already. Take a new one.")
    alone = state == APPROVED and found.proposed_by == by.name
    decided = {"state": state, "decided_by": by.name, "decided_at": now, "self_approved": alone}
    store.execute(update(Baseline).where(*own).values(**decided))
    if state == APPROVED and found.taken_on < now.date():
        past_changed(store, {project_id: found.taken_on})
    told = {"version": version, "self_approved": alone}
    append(store, now, by.actor, NOTED[state], Subject("project", project_id), new=told)
    return alone
