"""What is said here of which projects serve which objectives: from a day on, until it is said anew or withdrawn.

What a tracker tells of the same two stays beside it, and counts again once what was said is withdrawn. Figures of past
days stay as they were; what is said of a day that is past is a correction, and marked. All in the caller's transaction;
`now` carries the portfolio's time zone, `name` is what pages call whoever says it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from itertools import chain
from typing import NamedTuple, TypeAlias

from sqlalchemy import ColumnElement, Connection, delete, insert, select, tuple_

from portfolio.audit.append import append
from portfolio.audit.entry import Actor, Subject
from portfolio.bookings.wish import mark_of
from portfolio.dated import History, first_difference, history, on, said, spans
from portfolio.facts.lifecycle import OVER as CLOSED
from portfolio.facts.objectives import OVER
from portfolio.faults import EntryError, Fault, require
from portfolio.figures.rollup import roll_up
from portfolio.model.base import FAR
from portfolio.model.structure import Objective, ObjectiveLink, Project
from portfolio.store.locks import Lock, exclusive

MOST_STRENGTH = 3
AT_ONCE = 400
LONGEST_REASON = 500
FIRST_DAY = date(2000, 1, 1)
FURTHEST = timedelta(days=2 * 366)
Pair: TypeAlias = tuple[int, int]
"""An objective and a project, by id."""


class Said(NamedTuple):
    """What was said of a pair, by whom and when."""

    strength: int
    reason: str
    by: str
    at: datetime


Told: TypeAlias = History[Said | None]


def read_said(store: Connection, pairs: Collection[Pair] | None = None) -> dict[Pair, Told]:
    """What was said of these pairs, or of all that anything was said of; None where nothing holds."""
    it = ObjectiveLink
    query = select(
        it.objective_id, it.project_id, it.valid_from, it.valid_to, it.strength, it.reason, it.said_by, it.said_at
    )
    query = query.order_by(it.valid_from)
    asked = [query] if pairs is None else [query.where(_are(some)) for some in _some(sorted(pairs))]
    found: dict[Pair, dict[date, Said | None]] = {pair: {} for pair in pairs or ()}
    for row in chain.from_iterable(store.execute(each) for each in asked):
        entries = found.setdefault((row.objective_id, row.project_id), {})
        # It takes the place of the end of what is before it.
        entries[row.valid_from] = Said(row.strength, row.reason, row.said_by, row.said_at)
        if row.valid_to != FAR:
            entries[row.valid_to] = None
    return {pair: history(entries.items(), None) for pair, entries in found.items()}


def _some(pairs: Sequence[Pair]) -> Iterator[Sequence[Pair]]:
    return (pairs[start : start + AT_ONCE] for start in range(0, len(pairs), AT_ONCE))


def _are(pairs: Collection[Pair]) -> ColumnElement[bool]:
    return tuple_(ObjectiveLink.objective_id, ObjectiveLink.project_id).in_(pairs)


def mark_of_links(store: Connection, objective_id: int) -> str:
    """By which whoever says anything of an objective's links shows what they have seen."""
    it = ObjectiveLink
    columns = (it.project_id, it.valid_from, it.valid_to, it.strength, it.reason)
    rows = store.execute(select(*columns).where(it.objective_id == objective_id).order_by(it.project_id, it.valid_from))
    return mark_of([tuple(row) for row in rows])


def say(
    store: Connection,
    pair: Pair,
    seen: str,
    strength: int,
    reason: str,
    since: date,
    now: datetime,
    name: str,
    by: Actor,
) -> bool:
    """Say how strongly a project serves an objective from a day on, up to the next day from which something else was
    said. False where that holds already. `seen` is the mark of the objective's links. Raises `EntryError`."""
    _hold(store, pair[0], seen)
    require(wrong_here(store, pair, strength, reason, since, now))
    before = read_said(store, [pair])[pair]
    holds = on(before, since)
    if holds is not None and (holds.strength, holds.reason) == (strength, reason):
        return False
    after = said(before, since, Said(strength, reason, name, now))
    return bool(keep(store, {pair: after}, now, by))


def withdraw(store: Connection, pair: Pair, seen: str, since: date, now: datetime, by: Actor) -> bool:
    """Take back, from a day on, all that was said of the pair: what a tracker tells counts again. False where nothing
    was said of any of these days. Raises `EntryError`."""
    _hold(store, pair[0], seen)
    require(wrong_day(since, now))
    before = read_said(store, [pair])[pair]
    after = history([*(it for it in before if it[0] < since), (since, None)], None)
    return bool(keep(store, {pair: after}, now, by))


def keep(store: Connection, after: Mapping[Pair, Told], now: datetime, by: Actor) -> frozenset[int]:
    """Write what is said of pairs where it differs, note each, and compute the figures of today of their projects anew.
    Returns the projects of which anything was different."""
    before = read_said(store, list(after)) if after else {}
    differs = {pair: since for pair in sorted(after) if (since := first_difference(before[pair], after[pair]))}
    for some in _some(list(differs)):
        store.execute(delete(ObjectiveLink).where(_are(some)))
    rows = [
        {"objective_id": objective_id, "project_id": project_id, "valid_from": span.since, "valid_to": span.until}
        | {"strength": span.value.strength, "reason": span.value.reason}
        | {"said_by": span.value.by, "said_at": span.value.at}
        for objective_id, project_id in differs
        for span in spans(after[objective_id, project_id])
        if span.value is not None
    ]
    if rows:
        store.execute(insert(ObjectiveLink), rows)
    projects = frozenset(project_id for _, project_id in differs)
    if projects:
        roll_up(store, as_of=now.date(), now=now, project_ids=projects)
    for pair, since in differs.items():
        _note(store, pair, since, on(before[pair], since), on(after[pair], since), now, by)
    return projects


def _note(
    store: Connection, pair: Pair, since: date, old: Said | None, new: Said | None, now: datetime, by: Actor
) -> None:
    told: dict[str, object] = {"project": pair[1], "since": since.isoformat()}
    told |= {"correction": True} if since < now.date() else {}
    action = "objective.link_withdrawn" if new is None else "objective.linked"
    was, to = ({} if it is None else {"strength": it.strength, "reason": it.reason} for it in (old, new))
    append(store, now, by, action, Subject("objective", pair[0]), old=was, new=told | to)


def _hold(store: Connection, objective_id: int, seen: str) -> None:
    # In the order of whoever rolls up: this lock comes before those of the structure and of the audit log.
    exclusive(store, Lock.FIGURES)
    exclusive(store, Lock.STRUCTURE)
    if mark_of_links(store, objective_id) != seen:
        said_first = "Somebody said something else of it meanwhile. Look at what holds now, then decide again."
        raise EntryError(Fault("link", said_first))


def wrong_here(
    store: Connection, pair: Pair, strength: int, reason: str, since: date, now: datetime
) -> Iterator[Fault]:
    """All that is wrong with what is to be said, as things stand."""
    yield from wrong(strength, reason)
    yield from wrong_day(since, now)
    objective = store.execute(select(Objective.status, Objective.gone_at).where(Objective.id == pair[0])).one_or_none()
    if objective is None:
        yield Fault("objective", "There is no such objective any more.")
    elif objective.gone_at is not None:
        yield Fault(
            "objective", "The tracker has this goal no more, so nothing counts for it. Choose another objective."
        )
    elif objective.status in OVER:
        yield Fault(
            "objective", f"It is {objective.status}: it asks for no project any more. Choose another objective."
        )
    status = store.scalar(select(Project.status).where(Project.id == pair[1], Project.fed))
    if status is None or status in CLOSED:
        told = "Nothing feeds this project any more." if status is None else f"The project is {status}."
        yield Fault("project", f"{told} Choose another.")


def wrong(strength: int, reason: str) -> Iterator[Fault]:
    """What is wrong with a strength and a reason by themselves."""
    if not 0 <= strength <= MOST_STRENGTH:
        yield Fault("strength", f"A strength is 0 (does not serve it) to {MOST_STRENGTH} (decides it).")
    if not reason or len(reason) > LONGEST_REASON or not reason.isprintable():
        yield Fault("reason", f"Say why, in 1 to {LONGEST_REASON} characters that can be seen.")


def wrong_day(since: date, now: datetime) -> Iterator[Fault]:
    """What is wrong with a first day by itself."""
    if not FIRST_DAY <= since <= now.date() + FURTHEST:
        yield Fault("since", f"Give a day from {FIRST_DAY} on, at most two years ahead.")
