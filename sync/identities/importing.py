"""Taking in a table of people: all of it or nothing, and every row answered.

A row is found by its number, else its address, else its handle, else a name that only one person has. Who is not found
is added. An empty cell leaves what there is, "-" clears it. Persons are never merged here: who may be one human with
somebody added is suggested like everybody else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import Connection, Engine, insert

from portfolio.audit.append import append
from portfolio.audit.entry import Actor
from portfolio.capacity.past import first_past, persons_corrected
from portfolio.model.people import Person
from portfolio.store.engine import writing
from portfolio.store.locks import Lock, exclusive
from sync.errors import TableError
from sync.identities.deciding import HAND
from sync.identities.details import works_otherwise, write_details
from sync.identities.headings import choose
from sync.identities.roster import SAME, Plan, Roster
from sync.identities.sheet import Sheet
from sync.tables import table_of


class Answer(NamedTuple):
    """What became of a row, or of none of them where any has a `fault`. `found_by`: number, email, handle or name."""

    line: int
    outcome: str
    person_id: int | None
    found_by: str | None
    fault: str | None


class Imported(NamedTuple):
    """What came of a file. `columns` are headings by what they hold, `ignored` the others. `done` is False where a row
    is wrong, or nothing was to be written: then nothing was. `may_be_meant`: all that is wrong is asked about only.
    `corrects` is the first past day that it says otherwise of than was said before: figures since are computed anew."""

    done: bool
    columns: Mapping[str, str]
    ignored: tuple[str, ...]
    answers: tuple[Answer, ...]
    may_be_meant: bool = False
    corrects: date | None = None

    def count(self, outcome: str) -> int:
        """How many rows were added, changed or the same."""
        return sum(each.outcome == outcome and each.fault is None for each in self.answers)

    @property
    def faults(self) -> list[Answer]:
        """The rows that are wrong."""
        return [each for each in self.answers if each.fault]


def import_people(engine: Engine, sheet: Sheet, now: datetime, by: Actor, *, dry: bool = False) -> Imported:
    """Take the table in, or with `dry` only say what would come of it. What it tells of hours and calendars holds from
    today on, and for all time of whom nothing was told before; `now` carries the portfolio's time zone. Raises
    `TableError` for a table that does not say who its rows are about."""
    places = choose(sheet.head)
    if not places.keys() & {"number", "email", "handle", "name"} and not {"given", "family"} <= places.keys():
        raise TableError(
            "no column says who a row is about. It takes one called number, e-mail, login or name; there are: "
            + ", ".join(heading[:40] for heading in sheet.head[:20])
        )
    columns = {column: sheet.head[place] for column, place in places.items()}
    used = set(places.values())
    ignored = tuple(heading for place, heading in enumerate(sheet.head) if place not in used and heading)
    with writing(engine) as store:
        exclusive(store, Lock.PEOPLE)
        roster = Roster(store, now.date())
        rows = [{column: row[place] for column, place in places.items()} for row in sheet.rows]
        plans = [roster.plan(row) for row in rows]
        roster.refuse_doubles(plans)
        roster.place_managers(rows, plans)
        wrong = any(plan.fault for plan in plans)
        corrects = None if wrong else _corrects(store, plans, now)
        if not wrong and not dry:
            _write(store, plans, corrects, now, by)
        answers = tuple(
            Answer(line, plan.outcome, plan.person_id, plan.found_by, plan.fault)
            for line, plan in zip(sheet.lines, plans, strict=True)
        )
    return Imported(not wrong and not dry, columns, ignored, answers, corrects=corrects)


def _corrects(store: Connection, plans: Sequence[Plan], now: datetime) -> date | None:
    """Since which past day somebody who was known works otherwise. Who is added is no correction, here as of a sync."""
    known = {it.person_id: it.after for it in plans if it.before is not None and it.person_id is not None}
    works = works_otherwise(store, known, now.date())
    return None if works is None else first_past([works], now)


def _write(store: Connection, plans: Sequence[Plan], corrects: date | None, now: datetime, by: Actor) -> None:
    """Write what is different, and note that a file was taken in."""
    new = [(place, plan) for place, plan in enumerate(plans, 1) if plan.before is None]
    rows = [{"name": plan.after.name, "email_hash": plan.trace, "origin": HAND} for _, plan in new]
    numbers: dict[int, int] = {}
    if rows:
        statement = insert(table_of(Person)).returning(Person.id, sort_by_parameter_order=True)
        made = store.execute(statement, rows).scalars().all()
        numbers = {-place: who for (place, _), who in zip(new, made, strict=True)}
        for (_, plan), who in zip(new, made, strict=True):
            plan.person_id = who
    changed = {}
    for plan in plans:
        if plan.outcome != SAME and plan.person_id is not None:
            manager = plan.after.manager_id
            placed = numbers.get(manager, manager) if manager is not None else None
            changed[plan.person_id] = plan.after._replace(manager_id=placed)
    write_details(store, changed, now.date())
    told: dict[str, object] = {"rows": len(plans), "added": len(new), "changed": len(changed) - len(new)}
    if corrects is not None:
        persons_corrected(store, [corrects], now)
        told["corrects_since"] = corrects.isoformat()
    append(store, now, by, "people.imported", new=told)
