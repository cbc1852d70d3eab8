"""Bookings of persons made here: the table `bookings`. Those of trackers and of roles stand in no file, nor those of
requests that are not decided."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from decimal import Decimal, InvalidOperation
from typing import Any

from sqlalchemy import Connection, bindparam, insert, or_, select, update

from portfolio.bookings.asking import UNDECIDED
from portfolio.bookings.wish import AMOUNTS, HARD, SOFT, Wish, wrong
from portfolio.faults import Fault
from portfolio.model.people import Allocation
from portfolio.model.resources import ResourceRequest
from portfolio.model.structure import Project
from sync.capacity import cells
from sync.capacity.kind import Cell, Key, Kind, Known, Row, Standing, Value
from sync.tables import table_of

WORDS = {"firm": HARD, "proposed": SOFT}
_SAID = {code: word for word, code in WORDS.items()}
_TABLE = table_of(Allocation)
SOMETHING = Decimal(1)


def _read(row: cells.Cells, person_id: int, known: Known) -> Row:
    code = row.get("project", "")
    if code not in known.projects:
        row.wrong("project", f"{code[:40]!r} is the code of no project.")
    start, end = cells.span(row, "start", "end")
    kind = WORDS.get(row.get("kind", "").casefold() or "firm")
    if kind is None:
        row.wrong("kind", "It is firm or proposed.")
    return Row((person_id, code, start, kind or HARD), (end, *(_amount(row, name) for name in AMOUNTS)))


def _amount(row: cells.Cells, column: str) -> Decimal | None:
    text = row.get(column, "")
    try:
        return Decimal(text.removesuffix("%")) if text else None
    except InvalidOperation:
        row.wrong(column, f"{text[:40]!r} is no number.")
        return SOMETHING


def _refuse(row: Row, stands: Value | None, known: Known) -> Iterator[Fault]:
    """What is as it stands may stay, whatever it is."""
    if row.value is None or row.value == stands:
        return
    person_id, code, start, kind = row.key
    if code in known.over:
        yield Fault("project", f"{code} is over. Nobody is booked there any more.")
    if person_id and person_id not in known.active:
        yield Fault("person", "they do not work here any more.")
    end, per_day, percent, in_all = row.value
    wish = Wish(known.projects.get(code, 0), person_id, None, start, end, per_day, percent, in_all, kind)
    yield from wrong(wish, known.now.date())


def _ours(store: Connection) -> Any:
    """The rows of a file, those made last at the end."""
    it = Allocation
    decided = ResourceRequest.state.not_in(UNDECIDED)
    key = (it.person_id, Project.code, it.start, it.kind)
    return store.execute(
        select(it.id, *key, it.end, *(getattr(it, name) for name in AMOUNTS))
        .join(Project, Project.id == it.project_id)
        .outerjoin(ResourceRequest, ResourceRequest.id == it.request_id)
        .where(it.connection_id.is_(None), it.person_id.is_not(None), or_(it.request_id.is_(None), decided))
        .order_by(it.id)
    )


def _standing(store: Connection) -> Standing:
    """Of bookings that begin on one day the one made last."""
    return {tuple(row[1:5]): tuple(row[5:]) for row in _ours(store)}


def _write(store: Connection, changed: Standing, _gone: Collection[Key], known: Known) -> None:
    ids = {tuple(row[1:5]): row[0] for row in _ours(store)}
    made = {"booked_by_id": known.by.user_id, "booked_at": known.now}
    rows: dict[bool, list[dict[str, Any]]] = {True: [], False: []}
    for key, (end, *amounts) in changed.items():
        told = {"end": end} | dict(zip(AMOUNTS, amounts, strict=True))
        person_id, code, start, kind = key
        about = made | {"person_id": person_id, "project_id": known.projects[code], "start": start, "kind": kind}
        rows[key in ids].append(told | ({"booking": ids[key]} if key in ids else about))
    if rows[True]:
        store.execute(update(_TABLE).where(_TABLE.c.id == bindparam("booking")), rows[True])
    if rows[False]:
        store.execute(insert(_TABLE), rows[False])


def _cells(key: Key, value: Value) -> tuple[Cell, ...]:
    amounts = (None if amount is None else float(amount) for amount in value[1:])
    return key[1], key[2].isoformat(), value[0].isoformat(), *amounts, _SAID[key[3]]


BOOKINGS = Kind(
    name="bookings",
    columns=("project", "start", "end", *AMOUNTS, "kind"),
    needed=frozenset({"project", "start", "end"}),
    about_persons=True,
    read=_read,
    standing=_standing,
    write=_write,
    cells=_cells,
    refuse=_refuse,
)
