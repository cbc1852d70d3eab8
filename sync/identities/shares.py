"""Which shares of persons are in teams that no tracker tells of: read as of a day, and changed from a day on."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import date
from decimal import Decimal
from typing import NamedTuple, TypeAlias

from sqlalchemy import Connection, delete, insert, select, update

from portfolio.model.base import EVER, FAR
from portfolio.model.people import Team, TeamMember
from portfolio.store.upsert import upsert
from sync.merge import chunks
from sync.tables import table_of

Shares: TypeAlias = tuple[tuple[str, Decimal], ...]
"""Teams by name, each with the share of it."""
_TABLE = table_of(TeamMember)
_BY_HAND = select(Team.id).where(Team.connection_id.is_(None))


class ShareSpan(NamedTuple):
    """A share with the days on which it holds: from `since` up to, not including, `until`."""

    team: str
    since: date
    until: date
    share: Decimal


def shares_on(store: Connection, day: date, only: Collection[int] | None = None) -> dict[int, Shares]:
    """The shares on the day of those who have any."""
    it = TeamMember
    query = select(it.person_id, Team.name, it.share).join(Team, Team.id == it.team_id)
    query = query.where(Team.connection_id.is_(None), it.valid_from <= day, it.valid_to > day)
    query = query.order_by(Team.name, Team.id)
    found: dict[int, list[tuple[str, Decimal]]] = defaultdict(list)
    for some in [None] if only is None else chunks(sorted(only)):
        for person_id, team, share in store.execute(query if some is None else query.where(it.person_id.in_(some))):
            found[person_id].append((team, share))
    return {person_id: tuple(shares) for person_id, shares in found.items()}


def all_shares(store: Connection, person_id: int) -> tuple[ShareSpan, ...]:
    """All shares of a person, at any time: by day, then by team."""
    it = TeamMember
    query = select(Team.name, it.valid_from, it.valid_to, it.share).join(Team, Team.id == it.team_id)
    query = query.where(Team.connection_id.is_(None), it.person_id == person_id).order_by(it.valid_from, Team.name)
    return tuple(ShareSpan(*row) for row in store.execute(query))


def write_shares(store: Connection, wanted: Mapping[int, Shares], day: date, since: date | None = None) -> None:
    """Whoever has another share of a team on the day has this one from then on, whatever was to come of it; what was
    before stays.

    `since` is another day to begin with. Without it, what is told of somebody for the first time holds for all time.
    """
    it = TeamMember
    teams = teams_by_hand(store, {team for shares in wanted.values() for team, _ in shares})
    for some in chunks(sorted(wanted)):
        own = (it.person_id.in_(some), it.team_id.in_(_BY_HAND))
        known = set(store.scalars(select(it.person_id).where(*own)))
        now = shares_on(store, since or day, some)
        rows = []
        for person_id in some:
            before, after = dict(now.get(person_id, ())), dict(wanted[person_id])
            begins = since or (day if person_id in known else EVER)
            for team in [team for team in before if before[team] != after.get(team)]:
                _end(store, person_id, team, begins)
            for team in [team for team in after if before.get(team) != after[team]]:
                _end(store, person_id, team, begins)
                span = {"valid_from": begins, "valid_to": FAR, "share": after[team]}
                rows.append({"team_id": teams[team], "person_id": person_id, **span})
        upsert(store, _TABLE, rows, ["team_id", "person_id", "valid_from"])


def _end(store: Connection, person_id: int, team: str, day: date) -> None:
    """From the day on the person is in no team of that name; what was to come goes."""
    it = TeamMember
    own = (it.person_id == person_id, it.team_id.in_(_BY_HAND.where(Team.name == team)))
    store.execute(delete(_TABLE).where(*own, it.valid_from >= day))
    store.execute(update(_TABLE).where(*own, it.valid_to > day).values(valid_to=day))


def teams_by_hand(store: Connection, names: Collection[str]) -> dict[str, int]:
    """The teams that no tracker tells of, by name; made where there are none."""
    query = select(Team.name, Team.id).where(Team.connection_id.is_(None))
    found = {name: ident for name, ident in store.execute(query) if name in names}
    for name in sorted(set(names) - found.keys()):
        found[name] = store.scalars(insert(Team).values(name=name, kind="delivery").returning(Team.id)).one()
    return found
