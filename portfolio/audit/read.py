"""Reading the audit log: the newest entries first, some at a time, with the names that ids have today."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, select

from portfolio.audit.entry import ActorKind, Entry
from portfolio.model.access import ApiToken, AuditEntry, User
from portfolio.model.landing import Connection as ConnectionRow
from portfolio.model.people import Person
from portfolio.model.structure import Portfolio, Program, Project

_ENTRY = AuditEntry.__table__
_FIELDS = tuple(_ENTRY.c[name] for name in Entry.__dataclass_fields__)
_NAMED: Mapping[str, Any] = {
    "user": User,
    "token": ApiToken,
    "person": Person,
    "project": Project,
    "program": Program,
    "portfolio": Portfolio,
    "connection": ConnectionRow,
}
"""What has a name, by the word it has as a subject."""

Names = Mapping[tuple[str, int], str]


@dataclass(frozen=True)
class Wish:
    """Which entries: from `since` on, before `until`, of a user or of another kind of actor, of an action or of all
    whose name begins with it ("user" for "user.added"), about one kind of subject or one of them. None: all."""

    since: datetime | None = None
    until: datetime | None = None
    user_id: int | None = None
    actor: ActorKind | None = None
    action: str | None = None
    subject_type: str | None = None
    subject_id: int | None = None


@dataclass(frozen=True)
class Difference:
    """One value that an entry tells of. `name` is a path such as "census.cron"; None is no value on that side."""

    name: str
    old: Any
    new: Any


def list_entries(connection: Connection, wish: Wish, *, limit: int, before: int | None = None) -> Sequence[Entry]:
    """The newest entries that fit, of those with an id under `before`."""
    where = _where(wish)
    if before is not None:
        where.append(_ENTRY.c.id < before)
    query = select(*_FIELDS).where(*where).order_by(_ENTRY.c.id.desc()).limit(limit)
    return [Entry(*row) for row in connection.execute(query)]


def _where(wish: Wish) -> list[ColumnElement[bool]]:
    columns = _ENTRY.c
    asked: Iterable[tuple[object, Callable[[], ColumnElement[bool]]]] = (
        (wish.since, lambda: columns.at >= wish.since),
        (wish.until, lambda: columns.at < wish.until),
        (wish.user_id, lambda: columns.user_id == wish.user_id),
        (wish.actor, lambda: columns.actor == str(wish.actor)),
        (wish.action, lambda: _begins_with(str(wish.action))),
        (wish.subject_type, lambda: columns.subject_type == wish.subject_type),
        (wish.subject_id, lambda: columns.subject_id == wish.subject_id),
    )
    return [condition() for value, condition in asked if value is not None]


def _begins_with(action: str) -> ColumnElement[bool]:
    return (_ENTRY.c.action == action) | _ENTRY.c.action.startswith(f"{action}.", autoescape=True)


def names_of(connection: Connection, entries: Iterable[Entry]) -> Names:
    """What the users, tokens and subjects of the entries are called today; what is gone has no name."""
    wanted: dict[str, set[int]] = {}
    for entry in entries:
        for kind, ident in (
            ("user", entry.user_id),
            ("token", entry.token_id),
            (entry.subject_type, entry.subject_id),
        ):
            if kind is not None and kind in _NAMED and ident is not None:
                wanted.setdefault(kind, set()).add(ident)
    return {
        (kind, ident): name
        for kind, ids in wanted.items()
        for ident, name in connection.execute(
            select(_NAMED[kind].id, _NAMED[kind].name).where(_NAMED[kind].id.in_(sorted(ids)))
        )
    }


def differences(entry: Entry) -> tuple[Difference, ...]:
    """What the entry tells, value by value; of two that are equal nothing is told unless there is nothing else."""
    old, new = _flat(entry.old), _flat(entry.new)
    found = tuple(Difference(name, old.get(name), new.get(name)) for name in dict.fromkeys((*old, *new)))
    return tuple(each for each in found if each.old != each.new) or found


def _flat(text: str | None) -> dict[str, Any]:
    values: dict[str, Any] = {} if text is None else msgspec.json.decode(text)
    flat: dict[str, Any] = {}
    for name, value in values.items():
        if isinstance(value, dict):
            flat |= {f"{name}.{part}": inner for part, inner in value.items()}
        else:
            flat[name] = value
    return flat
