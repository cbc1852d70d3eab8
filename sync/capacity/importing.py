"""Taking in a table of capacity: all of it or nothing, and every row answered. What a file does not name stays."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime

from sqlalchemy import Connection, Engine, select

from portfolio.audit.append import append
from portfolio.audit.entry import Actor
from portfolio.bookings.known import read_known
from portfolio.capacity.past import corrected, first_past, persons_corrected
from portfolio.facts.lifecycle import OVER
from portfolio.faults import Fault, Faults
from portfolio.model.people import Person
from portfolio.model.structure import Project
from portfolio.store.engine import writing
from portfolio.store.locks import exclusive
from sync.capacity.cells import Cells
from sync.capacity.kind import Key, Kind, Known, Row, Standing
from sync.capacity.settling import Settled, settle
from sync.capacity.workbook import MAGIC, read_workbook
from sync.errors import PersonDecisionError, TableError
from sync.identities.details import calendars
from sync.identities.exporting import WRONG
from sync.identities.finding import WHO, Finder, everybody
from sync.identities.headings import choose
from sync.identities.importing import Answer, Imported
from sync.identities.roster import ADDED, CHANGED, SAME
from sync.identities.sheet import Sheet, read_sheet

MOST_BYTES = 32_000_000
REMOVED = "removed"


def read_table(body: bytes, bare: Callable[[str], str]) -> Sheet:
    """A CSV file or an XLSX workbook as a table. `bare` is that of `read_sheet`. Raises `TableError`."""
    if len(body) > MOST_BYTES:
        raise TableError(f"the file has more than {MOST_BYTES // 1_000_000} MB. Split it.")
    return read_workbook(body) if body.startswith(MAGIC) else read_sheet(body, bare)


def import_table(
    engine: Engine, kind: Kind, sheet: Sheet, now: datetime, by: Actor, *, dry: bool = False, meant: bool = False
) -> Imported:
    """Take the table in, or with `dry` only say what would come of it. `now` carries the portfolio's time zone. Roles
    and skills that nobody has are refused unless they are `meant`.

    Raises `TableError` for wrong columns.
    """
    own, who = _columns(kind, sheet.head)
    with writing(engine) as store:
        for lock in kind.locks:
            exclusive(store, lock)
        finder = everybody(store) if kind.about_persons else None
        known = _known(store, now, by, meant=meant)
        faults: list[Faults] = []
        people: list[tuple[str | None, int | None]] = []
        read: list[Row] = []
        for row in sheet.rows:
            cells = Cells({column: row[at] for column, at in own.items()})
            people.append(_person(finder, {column: row[at] for column, at in who.items()}, cells.faults))
            read.append(kind.read(cells, people[-1][1] or 0, known))
            faults.append(cells.faults)
        standing = kind.standing(store)
        rows = [None if wrong else row for row, wrong in zip(read, faults, strict=True)]
        settled = settle(rows, sheet.lines, standing, kind.dated)
        for place, why in settled.faults.items():
            faults[place].append(Fault("", why))
        _refuse(store, kind, read, faults, standing, known)
        outcomes = [_outcome(row, settled, standing) for row in rows]
        right = not any(faults)
        corrects = None
        if right:
            changed, gone = _changes(settled, standing)
            differs = () if kind.differs is None else kind.differs(store, changed, gone)
            corrects = first_past(differs, now)
            if not dry:
                (persons_corrected if kind.about_persons else corrected)(store, differs, now)
                kind.write(store, changed, gone, known)
                _note(store, kind, outcomes, corrects, now, by)
    answers = tuple(
        Answer(line, outcomes[place], people[place][1], people[place][0], _told(faults[place]))
        for place, line in enumerate(sheet.lines)
    )
    columns = {column: sheet.head[at] for column, at in (who | own).items()}
    asked = not right and all(fault.meant for wrong in faults for fault in wrong)
    return Imported(right and not dry, columns, (), answers, asked, corrects)


def _told(faults: Faults) -> str | None:
    """All that is wrong with a row, each with its column."""
    return " ".join(f"{it.field}: {it.message}" if it.field else it.message for it in faults) or None


def _known(store: Connection, now: datetime, by: Actor, *, meant: bool) -> Known:
    projects = store.execute(select(Project.code, Project.id, Project.status)).all()
    return Known(
        calendars(store),
        {row.code: row.id for row in projects},
        frozenset(row.code for row in projects if row.status in OVER),
        frozenset(store.scalars(select(Person.id).where(Person.active))),
        now,
        by,
        read_known(store),
        meant,
    )


def _columns(kind: Kind, head: Sequence[str]) -> tuple[dict[str, int], dict[str, int]]:
    """Where the columns of the kind stand, and those that say who a row is about."""
    folded = [heading.casefold() for heading in head]
    if doubled := sorted({name for name in folded if name and folded.count(name) > 1}):
        raise TableError(f"the column {doubled[0][:40]} is there twice. Take one away.")
    own = {name: folded.index(name) for name in kind.columns if name in folded}
    left = [heading if folded[at] not in own else "" for at, heading in enumerate(head)]
    who = {column: at for column, at in choose(left).items() if column in WHO} if kind.about_persons else {}
    missing = [name for name in kind.columns if name in kind.needed and name not in own]
    if kind.about_persons and not who:
        missing.insert(0, "person (or number, e-mail, login)")
    passed = {*own.values(), *who.values()}
    unknown = [name for at, name in enumerate(head) if at not in passed and name and folded[at] != WRONG]
    if missing or unknown:
        parts = [f"columns that are missing: {', '.join(missing)}"] if missing else []
        parts += [f"columns that are not known: {', '.join(name[:40] for name in unknown[:20])}"] if unknown else []
        raise TableError(f"{'; '.join(parts)}. A file of {kind.name} has {', '.join(kind.head)}.")
    return own, who


def _person(finder: Finder | None, row: Mapping[str, str], faults: Faults) -> tuple[str | None, int | None]:
    """How the person of a row was found, and who it is; what is wrong is added to the faults."""
    if finder is None:
        return None, None
    try:
        how, person_id = finder.find(row)
    except PersonDecisionError as error:
        faults.append(Fault("", str(error)))
        return None, None
    if person_id is None:
        told = next((text for text in row.values() if text), "")
        faults.append(Fault("person", f"nobody is {told[:60]!r}. Give a number, an address or a whole name."))
    return how, person_id


def _refuse(
    store: Connection, kind: Kind, rows: Sequence[Row], faults: Sequence[Faults], standing: Standing, known: Known
) -> None:
    """Add what is wrong with rows beside what stands of the same; of rows that are wrong already, what is wrong with
    their other columns."""
    fixed = kind.fixed(store) if kind.fixed is not None else ()
    for row, wrong in zip(rows, faults, strict=True):
        unread, stands = {it.field for it in wrong}, standing.get(row.key)
        if row.key in fixed and row.value != stands:
            wrong.append(Fault("", "a tracker tells of these days. Change it there."))
        if kind.refuse is not None:
            wrong.extend(it for it in kind.refuse(row, stands, known) if it.field not in unread)


def _outcome(row: Row | None, settled: Settled, standing: Standing) -> str:
    if row is None:
        return SAME
    wanted, before = settled.wanted[row.key], standing.get(row.key)
    if wanted == before:
        return SAME
    return REMOVED if wanted is None else ADDED if before is None else CHANGED


def _changes(settled: Settled, standing: Standing) -> tuple[Standing, set[Key]]:
    """What is to be written because it is different, and what is to go."""
    wanted = settled.wanted
    changed = {key: value for key, value in wanted.items() if value is not None and value != standing.get(key)}
    return changed, {key for key, value in wanted.items() if value is None and key in standing}


def _note(
    store: Connection, kind: Kind, outcomes: Sequence[str], corrects: date | None, now: datetime, by: Actor
) -> None:
    """Note that a file was taken in."""
    told: dict[str, object] = {"kind": kind.name, "rows": len(outcomes)}
    told |= {outcome: outcomes.count(outcome) for outcome in (ADDED, CHANGED, REMOVED)}
    told |= {} if corrects is None else {"corrects_since": corrects.isoformat()}
    append(store, now, by, kind.action, new=told)
