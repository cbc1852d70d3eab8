"""Which share of a person is in which team, from which day on: the table `team-shares`.

Only teams that were entered here: who is in a team of a tracker, the tracker tells.
"""

from __future__ import annotations

from collections.abc import Collection
from decimal import Decimal

from sqlalchemy import Connection, select

from portfolio.model.base import EVER
from portfolio.model.people import Team, TeamMember
from portfolio.store.upsert import upsert
from sync.capacity import cells
from sync.capacity.kind import Cell, Dated, Key, Kind, Known, Row, Standing, Value, delete_keys
from sync.capacity.kinds.terms import first_day, last_day, until
from sync.identities.shares import teams_by_hand
from sync.tables import table_of

_TABLE = table_of(TeamMember)
_LEAST = Decimal("0.001")


def _read(row: cells.Cells, person_id: int, _known: Known) -> Row:
    first = cells.day_or_none(row, "from") or EVER
    share = cells.share(row, "share", _LEAST, Decimal(1), usual=Decimal(1))
    return Row((person_id, cells.text(row, "team"), first), (until(row, first), share))


def _standing(store: Connection) -> Standing:
    it = TeamMember
    query = select(it.person_id, Team.name, it.valid_from, it.valid_to, it.share).join(Team, Team.id == it.team_id)
    rows = store.execute(query.where(Team.connection_id.is_(None)))
    return {(person_id, team, first): (end, share) for person_id, team, first, end, share in rows}


def _write(store: Connection, changed: Standing, gone: Collection[Key], _known: Known) -> None:
    ids = teams_by_hand(store, {key[1] for key in (*changed, *gone)})
    keys = [(ids[team], person_id, first) for person_id, team, first in gone]
    delete_keys(store, _TABLE, (_TABLE.c.team_id, _TABLE.c.person_id, _TABLE.c.valid_from), keys)
    rows = [
        {"team_id": ids[team], "person_id": person_id, "valid_from": first, "valid_to": end, "share": share}
        for (person_id, team, first), (end, share) in changed.items()
    ]
    upsert(store, _TABLE, rows, ["team_id", "person_id", "valid_from"])


def _cells(key: Key, value: Value) -> tuple[Cell, ...]:
    return key[1], first_day(key[2]), last_day(value[0]), float(value[1])


SHARES = Kind(
    name="team-shares",
    columns=("team", "from", "to", "share"),
    needed=frozenset({"team"}),
    about_persons=True,
    read=_read,
    standing=_standing,
    write=_write,
    cells=_cells,
    dated=Dated(),
)
