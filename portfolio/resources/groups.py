"""Who is in which role, team or segment, as shares of carriers of a plan, on a day or over several."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from enum import StrEnum
from typing import NamedTuple, TypeAlias

import numpy as np
from sqlalchemy import Connection, select

from portfolio.model.people import Person, Team, TeamMember
from portfolio.resources.capacity import Numbers

Share: TypeAlias = float | tuple[float, ...]
"""The share of a person in a group: one for all days, or one for each of them."""


class Grouping(StrEnum):
    """What persons are grouped by."""

    ROLE = "role"
    TEAM = "team"
    SEGMENT = "segment"


class Group(NamedTuple):
    """A group by its name (None: persons of whom it is not known), with shares of persons by their places."""

    name: str | None
    members: dict[int, float]


class GroupOver(NamedTuple):
    """A group over some days: whoever is in it on any of them."""

    name: str | None
    members: dict[int, Share]


def groups_of(connection: Connection, grouping: Grouping, persons: Numbers, day: date) -> list[Group]:
    """The groups of all persons on a day, by name; those of whom it is not known last. Teams of one name are one.

    Only who is in which team is kept by day: role and segment are those of today.
    """
    groups = groups_over(connection, grouping, persons, [day])
    return [
        Group(name, {place: share if isinstance(share, float) else share[0] for place, share in members.items()})
        for name, members in groups
    ]


def groups_among(
    connection: Connection, grouping: Grouping, persons: Numbers, whom: Collection[int], day: date
) -> list[Group]:
    """The groups of some of the persons (their places) on a day, with them alone."""
    some = set(whom)
    return [
        group._replace(members=members)
        for group in groups_of(connection, grouping, persons, day)
        if (members := {place: share for place, share in group.members.items() if place in some})
    ]


def groups_over(connection: Connection, grouping: Grouping, persons: Numbers, days: Sequence[date]) -> list[GroupOver]:
    """`groups_of` on each of these days, which are in order."""
    # Somebody may be newer than the persons that were read.
    places = {ident: place for place, ident in enumerate(persons.tolist())}
    if grouping is Grouping.TEAM:
        found = _teams_over(connection, places, days)
    else:
        column = Person.role if grouping is Grouping.ROLE else Person.segment
        found = defaultdict(dict)
        for person_id, name in connection.execute(select(Person.id, column)):
            if person_id in places:
                found[name or None][places[person_id]] = 1.0
    return [GroupOver(name, found[name]) for name in sorted(found, key=lambda it: (it is None, it or ""))]


def _teams_over(
    connection: Connection, places: Mapping[int, int], days: Sequence[date]
) -> dict[str | None, dict[int, Share]]:
    """Who is in no team on a day is among those of whom it is not known."""
    it = TeamMember
    query = select(it.person_id, Team.name, it.share, it.valid_from, it.valid_to).join(Team, Team.id == it.team_id)
    told: dict[str | None, dict[int, list[float]]] = defaultdict(lambda: defaultdict(lambda: [0.0] * len(days)))
    somewhere = np.zeros((len(places), len(days)), np.bool_)
    for person_id, name, share, since, until in connection.execute(query):
        first, last = bisect_left(days, since), bisect_left(days, until)
        if first < last and person_id in places:
            place = places[person_id]
            somewhere[place, first:last] = True
            own = told[name or None][place]
            own[first:last] = [before + float(share) for before in own[first:last]]
    for place in np.flatnonzero(~somewhere.all(axis=1)).tolist():
        own = told[None][place]
        told[None][place] = [
            before + (0.0 if there else 1.0) for before, there in zip(own, somewhere[place], strict=True)
        ]
    return {
        name: {place: own[0] if len(set(own)) == 1 else tuple(own) for place, own in members.items()}
        for name, members in told.items()
    }
