"""Tables of capacity as they stand, to be changed elsewhere and taken in again (`sync.capacity.importing`)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import Connection

from sync.capacity.kind import Cell, Kind
from sync.identities.finding import names


def table_out(store: Connection, kind: Kind) -> list[Sequence[Cell]]:
    """What stands of a kind, under `Kind.head`; nothing of persons who were erased."""
    standing = kind.standing(store)
    if not kind.about_persons:
        return [kind.cells(key, standing[key]) for key in sorted(standing)]
    known = names(store)
    return [(key[0], known[key[0]], *kind.cells(key, standing[key])) for key in sorted(standing) if key[0] in known]


def persons_in(kind: Kind, rows: Iterable[Sequence[Cell]]) -> set[int]:
    """The ids of the persons such a table is about."""
    return {int(row[0] or 0) for row in rows} if kind.about_persons else set()
