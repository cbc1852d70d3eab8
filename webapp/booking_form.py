"""The form of a booking, read to its end: each field that cannot be read is told (`portfolio.faults`)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation

from sqlalchemy import Connection

from portfolio.bookings.wish import AMOUNTS, HARD, SOFT, Wish
from portfolio.faults import EntryError, Fault, Faults
from portfolio.overlay.persons import Persons
from portfolio.overlay.text import OverlayError
from webapp.tables import read_choice, read_day, read_id

NO_PROJECT = 0
SOMETHING = Decimal(1)


def read_wish(
    connection: Connection, form: Mapping[str, str], among: Collection[int] | None, today: date
) -> tuple[Wish, Faults]:
    """The booking that was typed, and what of it could not be read: in its place stands what has no fault of its own.
    A person is given by name or number, a project by its number. `among` as for `read_person`."""
    faults = Faults()
    unit = read_choice(form, "unit", AMOUNTS)
    if unit is None:
        faults.append(Fault("amount", "Choose hours per day, percentage, or hours in all."))
    kind = read_choice(form, "kind", (HARD, SOFT))
    if kind is None:
        faults.append(Fault("kind", "Choose whether it is firm or proposed."))
    wish = Wish(
        project_id=faults.reading(lambda: read_project(form), NO_PROJECT),
        person_id=faults.reading(lambda: read_person(connection, form.get("person", ""), among), None),
        role=" ".join(form.get("role", "").split()) or None,
        start=faults.reading(lambda: read_needed_day(form, "start"), today),
        end=faults.reading(lambda: read_needed_day(form, "end"), date.max),
        kind=kind or HARD,
        **{unit or AMOUNTS[0]: faults.reading(lambda: read_number(form, "amount"), SOMETHING)},
    )
    return wish, faults


def read_project(form: Mapping[str, str]) -> int:
    """The number of the project that was chosen."""
    project_id = read_id(form, "project")
    if project_id is None:
        raise EntryError(Fault("project", "Choose a project."))
    return project_id


def read_person(connection: Connection, typed: str, among: Collection[int] | None) -> int | None:
    """Who of those that may be named (ids; None: of all) is meant; None for nobody."""
    if not typed.strip():
        return None
    try:
        return Persons(connection, [typed], among).find("person", typed)
    except OverlayError as error:
        raise EntryError(Fault(error.field, error.message)) from error


def read_needed_day(form: Mapping[str, str], name: str) -> date:
    """A day that has to be given."""
    day = read_day(form, name)
    if day is None:
        raise EntryError(Fault(name, "Give a day, written 2026-03-14."))
    return day


def read_number(form: Mapping[str, str], name: str) -> Decimal:
    """A number, with a point or a comma before its fraction."""
    try:
        number = Decimal(form.get(name, "").strip().removesuffix("%").replace(",", "."))
    except InvalidOperation:
        raise EntryError(Fault(name, "Give a number, such as 7.5.")) from None
    return number


def typed_of(wish: Wish, person: str | None) -> dict[str, str]:
    """The fields of the form as they are for a booking."""
    unit = next(name for name in AMOUNTS if getattr(wish, name) is not None or name == AMOUNTS[-1])
    amount = getattr(wish, unit)
    return {
        "project": str(wish.project_id),
        "person": person or "",
        "role": wish.role or "",
        "start": wish.start.isoformat(),
        "end": wish.end.isoformat(),
        "unit": unit,
        "amount": "" if amount is None else f"{amount.normalize():f}",
        "kind": wish.kind,
    }
