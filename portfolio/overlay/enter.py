"""Entering overlay values by hand: for one project or many, all or nothing, with an entry in the audit log for each."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, select

from portfolio.audit.append import append
from portfolio.audit.entry import Actor, Subject
from portfolio.model.structure import Project
from portfolio.overlay.fields import FIELDS, Type
from portfolio.overlay.persons import Persons
from portfolio.overlay.text import OverlayError, Value, field_of, read_text
from portfolio.overlay.values import Held, Values, held, write_entered
from portfolio.store.locks import Lock, exclusive

ENTERED = "project.data_entered"
KEPT = "project.data_kept"
Typed = Mapping[str, str]
"""By the field's name, as it was typed; "" takes back what was entered."""


class Fault(NamedTuple):
    """What is wrong with what was typed for a field of a project."""

    project_id: int
    field: str
    message: str


class RefusedError(Exception):
    """Some values cannot be kept, so none was. `faults` say which and why."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        super().__init__(" ".join(f"{fault.field}: {fault.message}" for fault in faults))
        self.faults = faults


def enter(
    store: Connection, typed: Mapping[int, Typed], now: datetime, name: str, by: Actor
) -> Mapping[int, frozenset[str]]:
    """Enter values in the caller's transaction. Returns the fields of each project whose effective value changed.

    `name` is what pages call whoever does it. What is entered already stays as it is, with who and when. Raises
    `RefusedError` with all that is wrong; then the caller's transaction must not be committed.
    """
    # The lock of whoever writes projects, so that a sync and this do not overwrite what the other has just read.
    exclusive(store, Lock.STRUCTURE)
    _require_projects(store, typed)
    before = held(store, typed)
    values = _read(store, typed)
    changed = {
        project_id: {
            field: value
            for field, value in fields.items()
            if before.get(project_id, {}).get(field, Held()).entered != value
        }
        for project_id, fields in values.items()
    }
    changed = {project_id: fields for project_id, fields in changed.items() if fields}
    write_entered(store, now, name, changed)
    _in_order(store, changed)
    for project_id, fields in changed.items():
        old = {field: before.get(project_id, {}).get(field, Held()).entered for field in fields}
        subject = Subject("project", project_id)
        append(store, now, by, ENTERED, subject, old=_noted(old), new=_noted(fields))
    after = held(store, changed)
    return {
        project_id: frozenset(
            field
            for field in fields
            if before.get(project_id, {}).get(field, Held()).value != after.get(project_id, {}).get(field, Held()).value
        )
        for project_id, fields in changed.items()
    }


def keep(store: Connection, project_id: int, field: str, now: datetime, name: str, by: Actor) -> bool:
    """Say that what was entered holds although the tracker tells something else. False when there is no conflict."""
    exclusive(store, Lock.STRUCTURE)
    found = held(store, [project_id]).get(project_id, {}).get(field, Held())
    if found.entered is None or not found.conflict:
        return False
    write_entered(store, now, name, {project_id: {field: found.entered}})
    told = {"old": _noted({field: found.told}), "new": _noted({field: found.entered})}
    append(store, now, by, KEPT, Subject("project", project_id), **told)
    return True


def _require_projects(store: Connection, project_ids: Collection[int]) -> None:
    there = set(store.scalars(select(Project.id).where(Project.id.in_(project_ids))))
    faults = tuple(Fault(ident, "project", "There is no such project.") for ident in set(project_ids) - there)
    if faults:
        raise RefusedError(faults)


def _read(store: Connection, typed: Mapping[int, Typed]) -> dict[int, dict[str, Value | None]]:
    faults: list[Fault] = []
    named = [
        text
        for fields in typed.values()
        for name, text in fields.items()
        if name in FIELDS and FIELDS[name].type is Type.PERSON
    ]
    persons = Persons(store, named)
    values: dict[int, dict[str, Value | None]] = {}
    for project_id, fields in typed.items():
        for name, text in fields.items():
            try:
                values.setdefault(project_id, {})[name] = _value(persons, name, text)
            except OverlayError as error:
                faults.append(Fault(project_id, error.field, error.message))
    if faults:
        raise RefusedError(tuple(faults))
    return values


def _value(persons: Persons, name: str, text: str) -> Value | None:
    field = field_of(name)
    if not text.strip():
        return None
    if field.type is Type.PERSON:
        return Value(person_id=persons.find(name, text))
    return Value(read_text(field, text))


def _in_order(store: Connection, changed: Mapping[int, Values]) -> None:
    """Raises `RefusedError` for projects that are now due before they start."""
    dated = [ident for ident, fields in changed.items() if fields.keys() & {"start", "due"}]
    query = select(Project.id).where(Project.id.in_(dated), Project.due < Project.start).order_by(Project.id)
    message = "The project would be due before it starts. Correct the start or the due date."
    faults = tuple(
        Fault(ident, field, message)
        for ident in store.scalars(query)
        for field in ("start", "due")
        if changed[ident].get(field) is not None
    )
    if faults:
        raise RefusedError(faults)


def _noted(values: Values) -> Mapping[str, str | int | None]:
    """Values as the audit log has them: persons by number."""
    return {
        name: None if value is None else value.text if value.person_id is None else value.person_id
        for name, value in values.items()
    }
