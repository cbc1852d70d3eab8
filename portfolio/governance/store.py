"""Settings as they are kept: numbered decisions, and what each changed. Knows nothing of what is set: bodies are JSON.

Every function works in the caller's transaction. A decision names what it sets by kind (kpi, own_kpi, rule), key and
scope; what it does not name stays as it is. `seen` is the number of the settings that were looked at when deciding:
somebody else's decision about the same thing since then is never overwritten.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, timedelta, tzinfo
from typing import Any, NamedTuple, TypeAlias

import msgspec
from sqlalchemy import ColumnElement, Connection, and_, func, insert, or_, select, tuple_, update

from portfolio.audit.append import append
from portfolio.audit.entry import Actor, Subject
from portfolio.governance.errors import StaleSettingsError, UnknownNumberError
from portfolio.governance.scope import Level, SettingScope
from portfolio.model.governance import GovernanceChange, GovernanceSetting
from portfolio.store.locks import Lock, exclusive

DEFAULTS = 0
"""The number of what held before the first decision: nothing but what is shipped."""
CHANGED, RESTORED = "governance.changed", "governance.restored"
TOLD = 50
"""So many differences of one decision stand in the audit log; the settings keep all."""

KPI, OWN_KPI, RULE = "kpi", "own_kpi", "rule"
_S = GovernanceSetting


class Thing(NamedTuple):
    """What something is set of, and where."""

    kind: str
    key: str
    scope: SettingScope


class Held(NamedTuple):
    """What is set of a thing, and since which number."""

    body: str
    number: int


class Change(NamedTuple):
    """One decision: who took it, when and why; `restores` is the number it brought back, if it did that."""

    number: int
    at: datetime
    by: str
    note: str
    restores: int | None


class Difference(NamedTuple):
    """One part of what is set of a thing, before and after; None where nothing is set."""

    thing: Thing
    part: str
    before: Any
    after: Any

    @property
    def words(self) -> str:
        """As the audit log tells it: "kpi SCH-09, program:4: green was nothing, becomes .10"."""
        of = f"{self.thing.kind} {self.thing.key}, {self.thing.scope}"
        was, becomes = (_said(it) for it in (self.before, self.after))
        return f"{of}: {self.part.replace('_', ' ')} was {was}, becomes {becomes}"


Course: TypeAlias = tuple[tuple[Change, tuple[Difference, ...]], ...]
"""Decisions, the newest first, each with what it changed."""
Wanted: TypeAlias = Mapping[Thing, str | None]
"""What is to be set, as JSON of an object; None: nothing any more."""


def number_in_force(connection: Connection) -> int:
    """The number of the last decision, `DEFAULTS` if there was none."""
    return connection.scalar(select(func.max(GovernanceChange.number))) or DEFAULTS


def number_on(connection: Connection, day: date, zone: tzinfo | None) -> int:
    """The number in force at the end of a day of that time zone."""
    end = datetime.combine(day + timedelta(days=1), datetime.min.time(), zone)
    query = select(func.max(GovernanceChange.number)).where(GovernanceChange.at < end)
    return connection.scalar(query) or DEFAULTS


def held(connection: Connection, kinds: Collection[str] = (), number: int | None = None) -> dict[Thing, Held]:
    """What is set, of some kinds or of all: now, or as it was with that number."""
    counting: ColumnElement[bool] = _S.until_number.is_(None)
    if number is not None:
        counting = and_(_S.from_number <= number, or_(_S.until_number.is_(None), _S.until_number > number))
    query = select(_S.kind, _S.key, _S.scope_type, _S.scope_key, _S.body, _S.from_number).where(counting)
    if kinds:
        query = query.where(_S.kind.in_(kinds))
    ordered = connection.execute(query.order_by(_S.kind, _S.key, _S.scope_type, _S.scope_key))
    return {_thing(row): Held(row.body, row.from_number) for row in ordered}


def history(connection: Connection) -> tuple[Change, ...]:
    """All decisions, the newest first."""
    columns = (getattr(GovernanceChange, name) for name in Change._fields)
    rows = connection.execute(select(*columns).order_by(GovernanceChange.number.desc()))
    return tuple(Change(*row) for row in rows)


def course(connection: Connection, key: str) -> Course:
    """The decisions that changed what is set of one key, the newest first, each with what it changed."""
    columns = (_S.kind, _S.key, _S.scope_type, _S.scope_key, _S.body, _S.from_number, _S.until_number)
    rows = connection.execute(select(*columns).where(_S.key == key)).all()

    def at(number: int) -> dict[Thing, Held]:
        standing = (it for it in rows if it.from_number <= number and (it.until_number or number + 1) > number)
        return {_thing(it): Held(it.body, it.from_number) for it in standing}

    numbers = {it.from_number for it in rows} | {it.until_number for it in rows if it.until_number}
    return tuple(
        (change, differences(at(change.number - 1), at(change.number)))
        for change in history(connection)
        if change.number in numbers
    )


def changes_of(connection: Connection, number: int) -> tuple[Difference, ...]:
    """What the decision of that number changed."""
    return differences(held(connection, number=number - 1), held(connection, number=number))


def differences(before: Mapping[Thing, Held], after: Mapping[Thing, Held]) -> tuple[Difference, ...]:
    """What is set otherwise, part by part, in the order of the things."""
    found: list[Difference] = []
    for thing in sorted(before.keys() | after.keys()):
        old, new = (_parts(them.get(thing)) for them in (before, after))
        parts = (Difference(thing, part, old.get(part), new.get(part)) for part in sorted(old.keys() | new.keys()))
        found += (each for each in parts if each.before != each.after)
    return tuple(found)


def decide(
    connection: Connection, wanted: Wanted, seen: int, now: datetime, name: str, by: Actor, *, note: str = ""
) -> int | None:
    """Set what is wanted, as the decision of the next number; returns it, or None where all is so already.

    `name` is what pages call whoever does it, `by` the same for the audit log. What may be set is not judged here.
    Raises `StaleSettingsError`.
    """
    exclusive(connection, Lock.GOVERNANCE)
    before = held(connection)
    new = {thing: body for thing, body in wanted.items() if _parts(before.get(thing)) != _parts(body)}
    if not new:
        return None
    own = tuple_(_S.kind, _S.key).in_(sorted({(thing.kind, thing.key) for thing in new}))
    _require_unchanged(connection, seen, own)
    return _write(connection, before, new, Change(0, now, name, note, None), by)


def restore(
    connection: Connection, number: int, seen: int, now: datetime, name: str, by: Actor, *, note: str = ""
) -> int | None:
    """Set everything as it was with a number, as the decision of the next number; None where all is so already.

    Raises `UnknownNumberError` and `StaleSettingsError`.
    """
    exclusive(connection, Lock.GOVERNANCE)
    known = select(GovernanceChange.number).where(GovernanceChange.number == number)
    if number != DEFAULTS and connection.scalar(known) is None:
        raise UnknownNumberError(number)
    _require_unchanged(connection, seen)
    before, then = held(connection), held(connection, number=number)
    new = {
        thing: then[thing].body if thing in then else None
        for thing in before.keys() | then.keys()
        if _parts(before.get(thing)) != _parts(then.get(thing))
    }
    return _write(connection, before, new, Change(0, now, name, note, number), by) if new else None


def _require_unchanged(connection: Connection, seen: int, which: ColumnElement[bool] | None = None) -> None:
    later = select(func.max(func.coalesce(_S.until_number, _S.from_number))).where(
        or_(_S.from_number > seen, _S.until_number > seen)
    )
    newest = connection.scalar(later if which is None else later.where(which))
    if newest is not None:
        query = select(GovernanceChange.by, GovernanceChange.at).where(GovernanceChange.number == newest)
        row = connection.execute(query).one()
        raise StaleSettingsError(newest, row.by, row.at)


def _write(connection: Connection, before: Mapping[Thing, Held], new: Wanted, change: Change, by: Actor) -> int:
    change = change._replace(number=number_in_force(connection) + 1)
    connection.execute(insert(GovernanceChange).values(**change._asdict()))
    ended = [thing for thing in new if thing in before]
    for kind, key, scope in ended:
        own = (_S.kind == kind, _S.key == key, _S.scope_type == scope.level, _S.scope_key == scope.key)
        standing = update(_S).where(*own, _S.until_number.is_(None))
        connection.execute(standing.values(until_number=change.number))
    rows = [
        {
            "kind": kind,
            "key": key,
            "scope_type": str(scope.level),
            "scope_key": scope.key,
            "body": body,
            "from_number": change.number,
        }
        for (kind, key, scope), body in sorted(new.items())
        if body is not None
    ]
    if rows:
        connection.execute(insert(_S), rows)
    told = _told(differences(before, held(connection)))
    action, subject = CHANGED if change.restores is None else RESTORED, Subject("governance", change.number)
    restored = {} if change.restores is None else {"restores": change.restores}
    append(connection, change.at, by, action, subject, new={**restored, "changes": told})
    return change.number


def _told(found: Sequence[Difference]) -> list[str]:
    lines = [each.words for each in found[:TOLD]]
    return lines if len(found) <= TOLD else [*lines, f"and {len(found) - TOLD} more"]


def _thing(row: Any) -> Thing:
    return Thing(row.kind, row.key, SettingScope(Level(row.scope_type), row.scope_key))


def _parts(body: Held | str | None) -> dict[str, Any]:
    text = body.body if isinstance(body, Held) else body
    return {} if text is None else msgspec.json.decode(text, type=dict[str, Any])


def _said(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "nothing" if value is None else value if isinstance(value, str) else msgspec.json.encode(value).decode()
