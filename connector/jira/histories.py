"""Changelogs: from Jira's histories to the changes that history is rebuilt from."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from operator import itemgetter
from typing import Any

import msgspec

from connector.jira.people import User, person_id
from connector.jira.words import instant, iso_day
from connector.records import Change, ChangedField, ChangesRecord, FieldRecord, FieldRole, UnreadableError


class HistoryItem(msgspec.Struct, gc=False):
    """One field of one history. `from`/`to` are ids, or null where only the text twins say something."""

    field: str | None = None
    fieldId: str | None = None
    fieldtype: str | None = None
    from_: Any = msgspec.field(name="from", default=None)
    fromString: Any = None
    to: Any = None
    toString: Any = None


class History(msgspec.Struct, gc=False):
    """Changes made at one moment. `author` is missing for what the system or an anonymous visitor did."""

    id: str | int | None = None
    author: User | None = None
    created: str | int | None = None
    items: list[HistoryItem] | None = None


class Changelog(msgspec.Struct, gc=False):
    """The embedded changelog, or a page of the endpoint (`values`)."""

    total: int | None = None
    histories: list[History] | None = None
    values: list[History] | None = None


_SYSTEM = {
    "status": ChangedField.STATUS,
    "duedate": ChangedField.DUE,
    "timeoriginalestimate": ChangedField.ESTIMATE,
    "timeestimate": ChangedField.REMAINING,
    "assignee": ChangedField.ASSIGNEE,
    "issuetype": ChangedField.KIND,
    "project": ChangedField.PROJECT,
    "resolution": ChangedField.RESOLUTION,
    "parent": ChangedField.PARENT,
    "Parent": ChangedField.PARENT,
    "Parent Issue": ChangedField.PARENT,
    "IssueParentAssociation": ChangedField.PARENT,
}

_ROLES = {
    FieldRole.SPRINT: ChangedField.SPRINT,
    FieldRole.EPIC_LINK: ChangedField.PARENT,
    FieldRole.PARENT_LINK: ChangedField.PARENT,
    FieldRole.POINTS: ChangedField.POINTS,
    FieldRole.START: ChangedField.START,
    FieldRole.FLAGGED: ChangedField.FLAGGED,
}

# What an untranslated site calls its custom fields; used where the catalogue does not hold the field of a history.
_CUSTOM = {
    "Sprint": ChangedField.SPRINT,
    "Epic Link": ChangedField.PARENT,
    "Parent Link": ChangedField.PARENT,
    "Story Points": ChangedField.POINTS,
    "Story point estimate": ChangedField.POINTS,
    "Start date": ChangedField.START,
    "Flagged": ChangedField.FLAGGED,
}


# How the machine value of a change is read from its id and its text.
_Reading = Callable[[str | None, str | None], str | None]


class ChangeReading:
    """Reads histories, knowing the site's custom fields. Pure; it remembers what it has found out about fields."""

    def __init__(self, fields: Sequence[FieldRecord]) -> None:
        roles = [(field, _ROLES.get(field.role) if field.role else None) for field in fields]
        self._by_id: dict[str, ChangedField | None] = {
            field.external_id: changed for field, changed in roles if field.custom
        }
        self._by_name = _CUSTOM | {field.name: changed for field, changed in roles if changed}
        # There are few fields and many changes.
        self._met: dict[tuple[str | None, str | None, str | None], tuple[ChangedField, _Reading] | None] = {}

    def read(self, item_id: str, histories: Sequence[History], *, complete: bool = True) -> ChangesRecord:
        """The changes of one item, oldest first. Sites send histories in any order; those of one instant go by id."""
        dated = [_dated(item_id, history) for history in histories]
        dated.sort(key=_ORDER)
        changes: list[Change] = []
        met = self._met
        for at, _, history in dated:
            if not history.items:
                continue
            by_id = person_id(history.author)
            for item in history.items:
                told = (item.fieldId, item.field, item.fieldtype)
                known = met[told] if told in met else self._meet(item)
                if known is not None:
                    field, reading = known
                    old_text, new_text = _text(item.fromString), _text(item.toString)
                    old, new = reading(_text(item.from_), old_text), reading(_text(item.to), new_text)
                    changes.append(
                        Change(
                            at=at,
                            field=field,
                            field_id=item.fieldId,
                            by_id=by_id,
                            old=old,
                            new=new,
                            old_text=old_text,
                            new_text=new_text,
                        )
                    )
        return ChangesRecord(item_id=item_id, changes=tuple(changes), complete=complete)

    def _meet(self, item: HistoryItem) -> tuple[ChangedField, _Reading] | None:
        field = self._field(item)
        known = None if field is None else (field, _VALUES.get(field, _id))
        self._met[item.fieldId, item.field, item.fieldtype] = known
        return known

    def _field(self, item: HistoryItem) -> ChangedField | None:
        if item.fieldId is not None:
            if item.fieldId in self._by_id:
                return self._by_id[item.fieldId]
            known = _SYSTEM.get(item.fieldId)
            if known is not None:
                return known
        names: Mapping[str, ChangedField] = self._by_name if item.fieldtype == "custom" else _SYSTEM
        return names.get(item.field or "")


_ORDER = itemgetter(0, 1)


def _dated(item_id: str, history: History) -> tuple[datetime, int, History]:
    at = instant(history.created, "created of a history")
    if at is None:
        raise UnreadableError(f"history {history.id} of item {item_id} has no created")
    ident = str(history.id)
    return at, int(ident) if ident.isdigit() else 0, history


def _text(value: Any) -> str | None:
    """None for what says nothing: null and the empty text are written for the same."""
    if isinstance(value, str):
        return value or None
    return None if value is None else str(value)


def _id(ident: str | None, _text: str | None) -> str | None:
    return ident


def _number(ident: str | None, text: str | None) -> str | None:
    # Points and seconds of old histories stand in the text alone.
    for value in (ident, text):
        if value is not None:
            try:
                float(value)
            except ValueError:
                continue
            return value
    return None


def _day(ident: str | None, text: str | None) -> str | None:
    return iso_day(ident) or iso_day(text)


def _list(ident: str | None, _text: str | None) -> str | None:
    return ",".join(part.strip() for part in ident.split(",") if part.strip()) if ident else None


def _any(ident: str | None, text: str | None) -> str | None:
    return ident or text


_VALUES: dict[ChangedField, _Reading] = {
    ChangedField.DUE: _day,
    ChangedField.START: _day,
    ChangedField.ESTIMATE: _number,
    ChangedField.REMAINING: _number,
    ChangedField.POINTS: _number,
    ChangedField.SPRINT: _list,
    ChangedField.FLAGGED: _any,
}
