"""Making, changing and retiring objectives, each noted in the audit log, with the figures of today computed anew.

Past figures stay as they were: what becomes of an objective counts from today on. All in the caller's transaction;
`now` carries the portfolio's time zone, `name` is what pages call whoever does it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, func, insert, select, update

from portfolio.audit.append import append
from portfolio.audit.entry import Actor, Subject
from portfolio.facts.objectives import OVER
from portfolio.faults import EntryError, Fault, require
from portfolio.figures.rollup import roll_up
from portfolio.model.structure import Objective
from portfolio.objectives.wish import (
    DROPPED,
    GOAL,
    TOLD,
    Kept,
    Wish,
    last_day,
    weighs_anew,
    wrong,
    wrong_parent,
    wrong_sum,
)
from portfolio.store.locks import Lock, exclusive

_FIELDS = tuple(Wish.__dataclass_fields__)
_COUNTS = ("status", "due")
"""What of an objective figures are made of. What it weighs settles conflicts, which are no figures."""


def find_objective(store: Connection, objective_id: int) -> Kept | None:
    """The objective of that id."""
    columns = (getattr(Objective, name) for name in _FIELDS)
    about = (Objective.id, Objective.connection_id, Objective.due, Objective.gone_at)
    row: Any = store.execute(select(*about, *columns).where(Objective.id == objective_id)).one_or_none()
    if row is None:
        return None
    return Kept(row.id, row.connection_id, row.due, row.gone_at is not None, Wish(*row[len(about) :]))


def make(store: Connection, wish: Wish, now: datetime, name: str, by: Actor) -> int:
    """Make it; returns its id. Raises `EntryError` with all that is wrong."""
    _lock(store)
    require(wrong_here(store, wish, None, now))
    row = asdict(wish) | {"due": last_day(wish.period), "entered_by": name, "entered_at": now}
    objective_id = int(store.execute(insert(Objective).values(**row).returning(Objective.id)).scalar_one())
    # The first one there is makes every project one that serves it or does not.
    roll_up(store, as_of=now.date(), now=now)
    append(store, now, by, "objective.made", Subject("objective", objective_id), new=_noted(wish))
    return objective_id


def change(store: Connection, objective_id: int, seen: str, wish: Wish, now: datetime, name: str, by: Actor) -> bool:
    """Let it be as wished; False where nothing is different. `seen` is its mark as whoever asks has seen it. Raises
    `EntryError`."""
    return _change(store, objective_id, seen, wish, now, name, by, "objective.changed")


def retire(store: Connection, objective_id: int, seen: str, outcome: str, now: datetime, name: str, by: Actor) -> None:
    """End it with an outcome: from today on it asks for no project. Raises `EntryError`."""
    _lock(store)
    kept = _held(store, objective_id, seen)
    if kept.connection_id is not None:
        raise EntryError(Fault("outcome", "It is a goal of a tracker. Close it there; the next sync brings it."))
    if outcome not in OVER:
        raise EntryError(Fault("outcome", "Choose what became of it: achieved, partial, missed or dropped."))
    if kept.wish.status in OVER:
        raise EntryError(Fault("outcome", f"It is {kept.wish.status} already. Change its status if that is wrong."))
    _change(store, objective_id, seen, replace(kept.wish, status=outcome), now, name, by, "objective.retired")


def _change(
    store: Connection, objective_id: int, seen: str, wish: Wish, now: datetime, name: str, by: Actor, action: str
) -> bool:
    _lock(store)
    kept = _held(store, objective_id, seen)
    if wish.finite and wish == kept.wish:
        return False
    require(wrong_here(store, wish, kept, now))
    ours = kept.connection_id is None
    row = asdict(wish) | {"due": last_day(wish.period), "entered_by": name, "entered_at": now}
    if not ours:
        row = {it: value for it, value in row.items() if it not in TOLD}
    store.execute(update(Objective).where(Objective.id == objective_id).values(**row))
    old, new = _noted(kept.wish), _noted(wish)
    differ = sorted(it for it in old.keys() | new.keys() if old.get(it) != new.get(it))
    told = {"old": {it: old.get(it) for it in differ}, "new": {it: new.get(it) for it in differ}}
    before = {"status": kept.wish.status, "due": kept.due}
    if any(it in row and row[it] != before[it] for it in _COUNTS):
        roll_up(store, as_of=now.date(), now=now)
    append(store, now, by, action, Subject("objective", objective_id), **told)
    return True


def _lock(store: Connection) -> None:
    # In the order of whoever rolls up: this lock comes before those of the structure and of the audit log.
    exclusive(store, Lock.FIGURES)
    exclusive(store, Lock.STRUCTURE)


def _held(store: Connection, objective_id: int, seen: str) -> Kept:
    kept = find_objective(store, objective_id)
    if kept is None:
        raise EntryError(Fault("objective", "It is not there any more. Look at the list again."))
    if kept.mark != seen:
        raise EntryError(
            Fault("objective", "Somebody changed it meanwhile. Look at what it is now, then decide again.")
        )
    return kept


def wrong_here(store: Connection, wish: Wish, before: Kept | None, now: datetime) -> Iterator[Fault]:
    """All that is wrong with an objective as things stand."""
    yield from wrong(wish, before, now.date())
    it, own = Objective, None if before is None else before.id
    same = select(it.title).where(func.lower(it.code) == (wish.code or "").lower(), it.id.is_distinct_from(own))
    if wish.code and (taken := store.scalar(same)) is not None:
        yield Fault("code", f"{taken[:60]} has that code already. Give another.")
    weighs = (it.weight.is_not(None), it.status.is_distinct_from(DROPPED), it.gone_at.is_(None))
    others = store.execute(
        select(it.id, it.code, it.weight).where(it.period == wish.period, it.id.is_distinct_from(own), *weighs)
    )
    # What a goal that comes back took beyond 1 is no fault of who changes anything else.
    if before is None or weighs_anew(wish, before.wish):
        yield from wrong_sum(wish, {code or f"{GOAL}{ident}": Decimal(weight or 0) for ident, code, weight in others})
    if before is not None and wish.parent_id == before.wish.parent_id:
        # Whatever became of that one.
        return
    found = store.execute(select(it.id, it.parent_id, it.gone_at)).all()
    gone = {row.id for row in found if row.gone_at is not None}
    yield from wrong_parent(own, wish, {row.id: row.parent_id for row in found}, gone)


def _noted(wish: Wish) -> dict[str, Any]:
    """For the audit log."""
    told = {name: f"{it.normalize():f}" if isinstance(it, Decimal) else it for name, it in asdict(wish).items()}
    return {name: it for name, it in told.items() if it is not None}
