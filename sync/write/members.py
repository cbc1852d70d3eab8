"""Who is in which team of a tracker, from when to when: trackers say who is now, so the days are those of the syncs."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from sqlalchemy import Connection, delete, select, tuple_, update

from portfolio.model.base import EVER, FAR
from portfolio.model.people import TeamMember
from portfolio.store.upsert import upsert_values
from sync.merge import chunks
from sync.tables import table_of

_TABLE = table_of(TeamMember)
_PAIR = (_TABLE.c.team_id, _TABLE.c.person_id)


def write_members(
    store: Connection, teams: Collection[int], known: Collection[int], members: Collection[tuple[int, int]], today: date
) -> None:
    """Write who is in these teams now, as (team, person). Who is not any more was until today; who is new is from today
    on, or for all time in a team that was not `known` before. Nothing is written where nothing changed."""
    now: set[tuple[int, int]] = set()
    for some in chunks(sorted(teams)):
        current = select(*_PAIR).where(_TABLE.c.team_id.in_(some), _TABLE.c.valid_to == FAR)
        now |= {(team, person) for team, person in store.execute(current)}
    for gone in chunks(sorted(now - set(members))):
        open_now = (tuple_(*_PAIR).in_(gone), _TABLE.c.valid_to == FAR)
        store.execute(delete(_TABLE).where(*open_now, _TABLE.c.valid_from >= today))
        store.execute(update(_TABLE).where(*open_now).values(valid_to=today))
    new = [(team, person, today if team in known else EVER, FAR) for team, person in sorted(set(members) - now)]
    key = ("team_id", "person_id", "valid_from")
    upsert_values(store, _TABLE, (*key, "valid_to"), new, key)
