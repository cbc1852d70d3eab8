"""Cost rates: what an hour of a person or a role costs, from a day on. Pay-like: only who may enter them sees them.

A rate holds until the next one of the same person or role begins, so that no two ever hold on one day.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple, cast

from sqlalchemy import Connection, Table, func, insert, select, update

from portfolio.audit.append import append
from portfolio.audit.entry import Actor
from portfolio.figures.due import past_changed
from portfolio.model.finance import CostRate
from portfolio.model.people import Person
from portfolio.model.work import Worklog
from portfolio.money.rows import Fault, Line, MoneyFileError, fault_of, lines_of
from portfolio.overlay.persons import Persons
from portfolio.overlay.text import OverlayError
from portfolio.store.locks import Lock, exclusive

_RATE = cast(Table, CostRate.__table__)
Whose = tuple[int | None, str | None]
"""A person's id, or a role."""


class Rate(NamedTuple):
    """A rate as people read it."""

    person: str | None
    role: str | None
    amount: Decimal
    currency: str
    valid_from: date
    valid_to: date | None


class _New(NamedTuple):
    line: int
    whose: Whose
    amount: Decimal
    currency: str
    valid_from: date
    valid_to: date | None


def take_in(
    store: Connection, content: str, bare: Callable[[str], str], now: datetime, name: str, by: Actor
) -> tuple[int, int]:
    """Take in a file of rates, in the caller's transaction; returns how many were new or changed, and how many are the
    same. Columns: person or role, amount, currency, from, and perhaps to.

    Raises `MoneyFileError`; then the transaction must not be committed.
    """
    exclusive(store, Lock.STRUCTURE)
    lines = lines_of(content, ("amount", "currency", "from"), bare)
    persons = Persons(store, [line.text("person") for line in lines if line.text("person")])
    fresh, faults = [], []
    for line in lines:
        try:
            fresh.append(_read(line, persons))
        except OverlayError as error:
            faults.append(fault_of(line, error))
    if faults:
        raise MoneyFileError(tuple(faults))
    by_whose: dict[Whose, list[_New]] = defaultdict(list)
    for rate in fresh:
        by_whose[rate.whose].append(rate)
    written = sum(_write(store, whose, rates, now, name) for whose, rates in by_whose.items())
    append(store, now, by, "rates.imported", new={"rows": len(fresh), "changed": written})
    return written, len(fresh) - written


def _read(line: Line, persons: Persons) -> _New:
    person, role = line.text("person"), line.text("role")
    if bool(person) == bool(role):
        raise OverlayError("person", "Name a person or a role, and not both.")
    since, until = line.day("from"), line.day("to")
    if since is None:
        raise OverlayError("from", "Say from which day on the rate holds.")
    if until is not None and until < since:
        raise OverlayError("to", "The rate would end before it begins.")
    whose = (persons.find("person", person) if person else None, role or None)
    return _New(line.number, whose, *line.amount(), since, until)


def _write(store: Connection, whose: Whose, fresh: list[_New], now: datetime, name: str) -> int:
    person_id, role = whose
    own = _RATE.c.person_id == person_id if person_id is not None else _RATE.c.role == role
    there = {row.valid_from: row for row in store.execute(select(_RATE).where(own))}
    days = [rate.valid_from for rate in fresh]
    doubled = [rate for rate in fresh if days.count(rate.valid_from) > 1]
    if doubled:
        raise MoneyFileError(tuple(Fault(rate.line, "That day stands in the file twice.") for rate in doubled))
    begins = sorted({*there, *days})
    changed: list[date] = []
    for rate in fresh:
        last = _ends(rate, begins)
        values: dict[str, Any] = {"amount": rate.amount, "currency": rate.currency, "valid_to": last}
        row = there.get(rate.valid_from)
        if row is not None and all(getattr(row, key) == value for key, value in values.items()):
            continue
        changed.append(rate.valid_from)
        values |= {"entered_by": name, "entered_at": now}
        if row is not None:
            store.execute(update(_RATE).where(_RATE.c.id == row.id).values(**values))
        else:
            whole = {"person_id": person_id, "role": role, "valid_from": rate.valid_from}
            store.execute(insert(_RATE).values(**whole, **values))
    for row in there.values():
        following = min((day for day in days if day > row.valid_from), default=None)
        if following is not None and row.valid_from not in days and (row.valid_to or date.max) >= following:
            ended = following - timedelta(days=1)
            store.execute(update(_RATE).where(_RATE.c.id == row.id).values(valid_to=ended))
    if changed:
        _restate(store, whose, min(changed), now)
    return len(changed)


def _restate(store: Connection, whose: Whose, since: date, now: datetime) -> None:
    """What these hours cost was kept already: it is computed anew."""
    person_id, role = whose
    own = Worklog.person_id == person_id
    if person_id is None:
        own = Worklog.person_id.in_(select(Person.id).where(Person.role == role))
    days = select(Worklog.project_id, func.min(Worklog.work_date)).where(
        own, Worklog.project_id.is_not(None), Worklog.work_date >= since, Worklog.work_date < now.date()
    )
    past_changed(store, {ident: day for ident, day in store.execute(days.group_by(Worklog.project_id)) if ident})


def _ends(rate: _New, begins: list[date]) -> date | None:
    following = min((day for day in begins if day > rate.valid_from), default=None)
    if following is None:
        return rate.valid_to
    if rate.valid_to is not None and rate.valid_to >= following:
        raise MoneyFileError((Fault(rate.line, f"Another rate begins on {following}: end this one before."),))
    return rate.valid_to or following - timedelta(days=1)


def listed(store: Connection) -> tuple[Rate, ...]:
    """All rates, by person or role and day. For whoever may enter them, and for nobody else."""
    query = select(
        Person.name, CostRate.role, CostRate.amount, CostRate.currency, CostRate.valid_from, CostRate.valid_to
    ).outerjoin(Person, Person.id == CostRate.person_id)
    rows = store.execute(query.order_by(Person.name, CostRate.role, CostRate.valid_from))
    return tuple(Rate(*row) for row in rows)
