"""Overlay values in the store: what trackers tell, what was entered, and the effective value that comes of both.

What was entered counts before what is told. A sync only ever writes what is told, so it cannot change what was
entered; taking back what was entered gives the tracker's value back.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple, cast

from sqlalchemy import Connection, Table, bindparam, delete, select, update

from portfolio.model.mapping import ProjectField
from portfolio.model.structure import Project
from portfolio.overlay.fields import FIELDS
from portfolio.overlay.text import Value, columns_of
from portfolio.store.upsert import upsert

TABLE = cast(Table, ProjectField.__table__)
_PROJECT = cast(Table, Project.__table__)
_KEY = ("project_id", "field")
_COLUMNS = tuple(name for field in FIELDS.values() for name in field.columns)
Values = Mapping[str, Value | None]
"""By the field's name; None for no value."""


class Held(NamedTuple):
    """All that is known of one field of one project. `told_by` is a connection, `entered_by` what pages call a user."""

    told: Value | None = None
    told_by: int | None = None
    told_at: datetime | None = None
    entered: Value | None = None
    entered_by: str | None = None
    entered_at: datetime | None = None

    @property
    def value(self) -> Value | None:
        """The effective value."""
        return self.entered if self.entered is not None else self.told

    @property
    def conflict(self) -> bool:
        """Whether both exist and differ."""
        return self.entered is not None and self.told is not None and self.entered != self.told


def held(store: Connection, project_ids: Collection[int]) -> dict[int, dict[str, Held]]:
    """What is known of the overlay fields of these projects. Fields nobody said anything of are left out."""
    query = select(TABLE).where(TABLE.c.project_id.in_(project_ids))
    found: dict[int, dict[str, Held]] = {}
    for row in store.execute(query):
        found.setdefault(row.project_id, {})[row.field] = Held(
            _value(row.told, row.told_person_id),
            row.told_by,
            row.told_at,
            _value(row.entered, row.entered_person_id),
            row.entered_by,
            row.entered_at,
        )
    return found


def _value(text: str | None, person_id: int | None) -> Value | None:
    return None if text is None and person_id is None else Value(text, person_id)


def tell(store: Connection, connection_id: int, now: datetime, told: Mapping[int, Values]) -> None:
    """Keep what a connection says of projects, and bring their columns up to date. A field not named is told no more.

    Only what changed is written, so that telling the same again changes nothing.
    """
    before = held(store, told)
    rows: list[dict[str, Any]] = []
    for project_id, values in told.items():
        for name in FIELDS:
            value, kept = values.get(name), before.get(project_id, {}).get(name, Held())
            if kept.told == value and (value is None or kept.told_by == connection_id):
                continue
            teller = None if value is None else connection_id
            text, person_id = value if value is not None else Value()
            rows.append(
                {
                    "project_id": project_id,
                    "field": name,
                    "told": text,
                    "told_person_id": person_id,
                    "told_by": teller,
                    "told_at": now,
                }
            )
    upsert(store, TABLE, rows, _KEY)
    apply(store, told)


def write_entered(store: Connection, now: datetime, name: str, entered: Mapping[int, Values]) -> None:
    """Keep what somebody entered, or took back (None), and bring the projects' columns up to date."""
    rows: list[dict[str, Any]] = []
    for project_id, values in entered.items():
        for field, value in values.items():
            text, person_id = value if value is not None else Value()
            rows.append(
                {
                    "project_id": project_id,
                    "field": field,
                    "entered": text,
                    "entered_person_id": person_id,
                    "entered_by": None if value is None else name,
                    "entered_at": None if value is None else now,
                }
            )
    upsert(store, TABLE, rows, _KEY)
    apply(store, entered)


def apply(store: Connection, project_ids: Collection[int]) -> None:
    """Write the effective values of what is known into the columns of the projects, where these differ."""
    known = held(store, project_ids)
    columns = (_PROJECT.c[name] for name in ("id", *_COLUMNS))
    present = store.execute(select(*columns).where(_PROJECT.c.id.in_(known))).mappings().all()
    changed: list[dict[str, Any]] = []
    for row in present:
        values = dict(row)
        for name, kept in known[row["id"]].items():
            values |= columns_of(FIELDS[name], kept.value)
        if values != row:
            changed.append({f"to_{name}": value for name, value in values.items()})
    _write(store, changed)
    nothing = (TABLE.c[name].is_(None) for name in ("told", "told_person_id", "entered", "entered_person_id"))
    store.execute(delete(TABLE).where(TABLE.c.project_id.in_(known), *nothing))


def _write(store: Connection, changed: Sequence[Mapping[str, Any]]) -> None:
    if changed:
        to: dict[str, Any] = {name: bindparam(f"to_{name}") for name in _COLUMNS}
        store.execute(update(_PROJECT).where(_PROJECT.c.id == bindparam("to_id")).values(**to), list(changed))
