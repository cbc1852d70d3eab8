"""How persons work, from which day on: read as of a day, and changed from a day on."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from sqlalchemy import Connection, delete, select, update

from portfolio.model.base import EVER, FAR
from portfolio.model.people import Calendar
from portfolio.model.resources import PersonTerms
from portfolio.store.upsert import upsert
from sync.merge import chunks
from sync.tables import table_of

_TERMS = table_of(PersonTerms)


class Terms(NamedTuple):
    """How somebody works: a share of a full week, 1 for all of it, by a calendar of that name (None: the usual one);
    `hours` are those of a week where they are not the calendar's (`portfolio.resources.hours`)."""

    fte: Decimal = Decimal(1)
    calendar: str | None = None
    hours: str | None = None


USUAL = Terms()


def terms_on(store: Connection, day: date, only: Collection[int] | None = None) -> dict[int, Terms]:
    """How those work on the day of whom it was told; the others work as usual."""
    it = PersonTerms
    query = select(it.person_id, it.fte, Calendar.name, it.hours).outerjoin(Calendar, Calendar.id == it.calendar_id)
    query = query.where(it.valid_from <= day, it.valid_to > day)
    found: dict[int, Terms] = {}
    for some in [None] if only is None else chunks(sorted(only)):
        asked = query if some is None else query.where(it.person_id.in_(some))
        found |= {who: Terms(fte, name, hours) for who, fte, name, hours in store.execute(asked)}
    return found


class Span(NamedTuple):
    """Terms with the days on which they hold: from `since` up to, not including, `until`."""

    since: date
    until: date
    terms: Terms


def all_terms(store: Connection, person_id: int) -> tuple[Span, ...]:
    """How a person works and worked, in order; nothing where nothing was told."""
    it = PersonTerms
    query = select(it.valid_from, it.valid_to, it.fte, Calendar.name, it.hours)
    query = query.outerjoin(Calendar, Calendar.id == it.calendar_id)
    rows = store.execute(query.where(it.person_id == person_id).order_by(it.valid_from))
    return tuple(Span(since, until, Terms(fte, name, hours)) for since, until, fte, name, hours in rows)


def begins(store: Connection, wanted: Mapping[int, Terms], day: date, since: date | None = None) -> dict[int, date]:
    """From which day on each of those would work otherwise whom `write_terms` would change."""
    found = {}
    for some in chunks(sorted(wanted)):
        known, now = _known(store, some), terms_on(store, since or day, some)
        for person_id in some:
            if wanted[person_id] != now.get(person_id, USUAL):
                found[person_id] = since or (day if person_id in known else EVER)
    return found


def write_terms(
    store: Connection, wanted: Mapping[int, Terms], calendars: Mapping[str, int], day: date, since: date | None = None
) -> None:
    """Whoever does not work like that on the day does from then on, whatever was to come; what was before stays.

    `since` is another day to begin with. Without it, what is told of somebody for the first time holds for all time;
    with it, they worked as usual until then.
    """
    it, first = PersonTerms, begins(store, wanted, day, since)
    for some in chunks(sorted(first)):
        known = _known(store, some)
        rows = []
        for person_id in some:
            start = first[person_id]
            later = (it.person_id == person_id, it.valid_to > start)
            store.execute(delete(_TERMS).where(it.person_id == person_id, it.valid_from >= start))
            store.execute(update(_TERMS).where(*later).values(valid_to=start))
            if person_id not in known and start > EVER:
                rows.append(_row(person_id, EVER, start, USUAL, calendars))
            rows.append(_row(person_id, start, FAR, wanted[person_id], calendars))
        upsert(store, _TERMS, rows, ["person_id", "valid_from"])


def _known(store: Connection, some: Collection[int]) -> set[int]:
    """Those of whom anything was told."""
    return set(store.scalars(select(PersonTerms.person_id).where(PersonTerms.person_id.in_(some))))


def _row(person_id: int, first: date, until: date, terms: Terms, calendars: Mapping[str, int]) -> dict[str, object]:
    calendar_id = None if terms.calendar is None else calendars[terms.calendar]
    span = {"valid_from": first, "valid_to": until}
    return {"person_id": person_id, **span, "fte": terms.fte, "calendar_id": calendar_id, "hours": terms.hours}
