"""What of the past changes with what is written, noted by project and from the first day that differs.

What changes today is no change of the past, and what comes out as it was is none.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, select

from portfolio.figures.due import past_changed
from portfolio.model.base import Base
from portfolio.model.work import ItemVersion
from portfolio.store.upsert import Row, Values
from sync.tables import table_of
from sync.write.item_rows import CHILDREN
from sync.write.ledger import Ledger

STATE = CHILDREN[ItemVersion]
_FROM, _TO, _PROJECT = STATE.index("valid_from"), STATE.index("valid_to"), STATE.index("project_id")
Change = tuple[int | None, date | None]


def states(store: Connection, item_ids: Collection[int]) -> dict[int, list[Values]]:
    """The states of items as they stand, oldest first, as the values of `STATE`."""
    table = table_of(ItemVersion)
    query = select(table.c.item_id, *(table.c[name] for name in STATE)).where(table.c.item_id.in_(item_ids))
    found: dict[int, list[Values]] = defaultdict(list)
    for item_id, *state in store.execute(query.order_by(table.c.item_id, table.c.valid_from)):
        found[item_id].append(tuple(state))
    return found


class Place(NamedTuple):
    """The project an item was in (None: in none that is followed) from one day up to, not including, another."""

    since: date
    until: date
    project_id: int | None


def places(store: Connection, item_ids: Collection[int]) -> dict[int | None, list[Place]]:
    """Where items were, in no order; an item without a past is left out."""
    table = table_of(ItemVersion)
    query = select(table.c.item_id, table.c.valid_from, table.c.valid_to, table.c.project_id)
    found: dict[int | None, list[Place]] = defaultdict(list)
    for item_id, *place in store.execute(query.where(table.c.item_id.in_(item_ids))):
        found[item_id].append(Place(*place))
    return found


def first_difference(before: Sequence[Values], after: Sequence[Values]) -> date | None:
    """The first day on which two pasts of an item differ, both the values of `STATE`, oldest first; None: never."""
    day: date
    for old, new in zip(before, after, strict=False):
        if old[_FROM] != new[_FROM] or old[_TO + 1 :] != new[_TO + 1 :]:
            day = min(old[_FROM], new[_FROM])
            return day
        if old[_TO] != new[_TO]:
            day = min(old[_TO], new[_TO])
            return day
    longer = max(before, after, key=len)
    both = min(len(before), len(after))
    return longer[both][_FROM] if both < len(longer) else None


def note_states(
    store: Connection, ledger: Ledger, before: Mapping[int, Sequence[Values]], after: Mapping[int, Sequence[Values]]
) -> None:
    """Note what differs between the states of items before and after; an item that is only in one is new, or gone."""
    note(store, ledger, _differing(before, after))


def _differing(before: Mapping[int, Sequence[Values]], after: Mapping[int, Sequence[Values]]) -> Iterable[Change]:
    for item_id in before.keys() | after.keys():
        old, new = before.get(item_id, ()), after.get(item_id, ())
        day = first_difference(old, new)
        if day is not None:
            for state in (*old, *new):
                if state[_TO] > day:
                    yield state[_PROJECT], day


def note_dated(
    store: Connection, ledger: Ledger, model: type[Base], rows: Sequence[Row], on: str, telling: Sequence[str]
) -> None:
    """Note what differs between dated records of projects as they stand and as they are about to be written.

    `on` is the column with their day or instant; `telling` are the columns that figures are made of.
    """
    table = table_of(model)
    columns = (on, "project_id", *telling)
    query = select(table.c.external_id, *(table.c[name] for name in columns)).where(
        table.c.connection_id == ledger.connection_id, table.c.external_id.in_([row["external_id"] for row in rows])
    )
    standing: dict[str, Values] = {ident: tuple(values) for ident, *values in store.execute(query)}
    changes: list[Change] = []
    for row in rows:
        old, new = standing.get(row["external_id"]), tuple(row[name] for name in columns)
        if old != new:
            changes += [(told[1], _day(ledger, told[0])) for told in (old, new) if told is not None]
    note(store, ledger, changes)


def note_gone(store: Connection, ledger: Ledger, model: type[Base], external_ids: Sequence[str], on: str) -> None:
    """Note that dated records of projects are about to be deleted."""
    table = table_of(model)
    own = (table.c.connection_id == ledger.connection_id, table.c.external_id.in_(external_ids))
    rows = store.execute(select(table.c.project_id, table.c[on]).where(*own))
    note(store, ledger, [(project_id, _day(ledger, at)) for project_id, at in rows])


def note(store: Connection, ledger: Ledger, changes: Iterable[Change]) -> None:
    """Note (project, first day that differs) pairs, as far as they are of the past; None is no project and no day."""
    earliest: dict[int, date] = {}
    for project_id, day in changes:
        if project_id is not None and day is not None and day < ledger.today:
            earliest[project_id] = min(day, earliest.get(project_id, day))
    past_changed(store, earliest)


def _day(ledger: Ledger, at: Any) -> date | None:
    return ledger.rules.day(at) if isinstance(at, datetime) else at
