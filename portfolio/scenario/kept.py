"""Scenarios that are kept: made, copied, renamed, shared, changed and removed, each noted in the audit log.

Only the owner changes one. Whoever may see load by name reads those that are shared; what they see of it is for them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import ColumnElement, Connection, Table, and_, delete, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from portfolio.audit.append import append
from portfolio.audit.entry import Actor, Subject
from portfolio.model.access import User
from portfolio.model.resources import Scenario
from portfolio.scenario.faults import Fault, ScenarioError
from portfolio.scenario.operations import Operation
from portfolio.scenario.read import MOST, read_json, written

LONGEST_NAME = 100
MOST_KEPT = 100
"""Scenarios somebody may keep."""
_SCENARIO = cast(Table, Scenario.__table__)


@dataclass(frozen=True)
class Kept:
    """A scenario as it is kept. `faults` tell why its operations cannot be read any more; then there are none."""

    id: int
    owner_id: int
    owner: str
    name: str
    shared: bool
    operations: tuple[Operation, ...]
    updated_at: datetime
    faults: tuple[Fault, ...] = ()


def readable(user_id: int) -> ColumnElement[bool]:
    """Which scenarios a user may read: their own, and those that are shared while the owner may sign in: nobody else
    could take one back."""
    shared = and_(Scenario.shared, Scenario.owner_id.in_(select(User.id).where(User.active)))
    return or_(Scenario.owner_id == user_id, shared)


def kept(connection: Connection, wanted: ColumnElement[bool]) -> tuple[Kept, ...]:
    """The scenarios that are wanted, by name."""
    it = Scenario
    columns = (it.id, it.owner_id, User.name.label("owner"), it.name, it.shared, it.operations, it.updated_at)
    query = select(*columns).join(User, User.id == it.owner_id).where(wanted).order_by(it.name, it.id)
    return tuple(_kept(row) for row in connection.execute(query))


def _kept(row: Any) -> Kept:
    told = (row.id, row.owner_id, row.owner, row.name, row.shared)
    try:
        return Kept(*told, read_json(row.operations), row.updated_at)
    except ScenarioError as error:
        return Kept(*told, (), row.updated_at, error.faults)


def make(store: Connection, user_id: int, name: str, operations: Sequence[Operation], now: datetime, by: Actor) -> int:
    """Make a scenario; returns its id, in the caller's transaction.

    Raises `ScenarioError` for a name that is none or that they have already, and for too many scenarios or operations.
    """
    own = list(store.scalars(select(Scenario.name).where(Scenario.owner_id == user_id)))
    if len(own) >= MOST_KEPT:
        raise ScenarioError(Fault(0, f"You keep {MOST_KEPT} scenarios already. Remove one first."))
    row = {
        "owner_id": user_id,
        "name": _named(name, own),
        "operations": _bounded(operations),
        "created_at": now,
        "updated_at": now,
    }
    try:
        ident = int(store.execute(insert(_SCENARIO).values(**row).returning(_SCENARIO.c.id)).scalar_one())
    except IntegrityError as error:
        raise ScenarioError(_taken(name)) from error
    append(store, now, by, "scenario.made", Subject("scenario", ident), new={"operations": len(operations)})
    return ident


def rename(store: Connection, it: Kept, name: str, now: datetime, by: Actor) -> None:
    """Give a scenario another name. Raises `ScenarioError` as `make` does."""
    others = select(Scenario.name).where(Scenario.owner_id == it.owner_id, Scenario.id != it.id)
    _change(store, it, {"name": _named(name, list(store.scalars(others)))}, now)
    append(store, now, by, "scenario.renamed", Subject("scenario", it.id))


def share(store: Connection, it: Kept, now: datetime, by: Actor, *, shared: bool) -> None:
    """Let everybody who sees load by name read a scenario, or nobody else."""
    _change(store, it, {"shared": shared}, now)
    values = {"old": {"shared": it.shared}, "new": {"shared": shared}}
    append(store, now, by, "scenario.shared", Subject("scenario", it.id), **values)


def change(store: Connection, it: Kept, operations: Sequence[Operation], now: datetime, by: Actor) -> None:
    """Keep other operations. Raises `ScenarioError` for too many, and where somebody changed it meanwhile."""
    _change(store, it, {"operations": _bounded(operations)}, now)
    count = {"old": {"operations": len(it.operations)}, "new": {"operations": len(operations)}}
    append(store, now, by, "scenario.changed", Subject("scenario", it.id), **count)


def remove(store: Connection, it: Kept, now: datetime, by: Actor) -> None:
    """Remove a scenario for good."""
    store.execute(delete(_SCENARIO).where(_SCENARIO.c.id == it.id))
    append(store, now, by, "scenario.removed", Subject("scenario", it.id))


def _change(store: Connection, it: Kept, values: dict[str, Any], now: datetime) -> None:
    same = (_SCENARIO.c.id == it.id, _SCENARIO.c.updated_at == it.updated_at)
    done = store.execute(update(_SCENARIO).where(*same).values(**values, updated_at=now))
    if not done.rowcount:
        raise ScenarioError(Fault(0, "The scenario was changed meanwhile. Look at it again, and repeat what you did."))


def _bounded(operations: Sequence[Operation]) -> str:
    if len(operations) > MOST:
        raise ScenarioError(Fault(0, f"A scenario has {MOST} operations at most."))
    return written(operations)


def _named(name: str, others: Sequence[str]) -> str:
    bare = " ".join(name.split())
    if not 0 < len(bare) <= LONGEST_NAME:
        raise ScenarioError(Fault(0, f"Give it a name, in {LONGEST_NAME} characters at most."))
    if bare in others:
        raise ScenarioError(_taken(bare))
    return bare


def _taken(name: str) -> Fault:
    return Fault(0, f"You have a scenario called {name} already. Give another name.")
