"""Who manages whom: nobody is above themselves, over however many."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection, select

from portfolio.model.people import Person


def managers(store: Connection) -> dict[int, int]:
    """The manager of each person who has one."""
    query = select(Person.id, Person.manager_id).where(Person.manager_id.is_not(None))
    return {person: manager for person, manager in store.execute(query) if manager is not None}


def circles(above: Mapping[int, int]) -> set[int]:
    """The persons from whom the way up comes back to them. Looks at everybody once."""
    done: set[int] = set()
    found: set[int] = set()
    for start in above:
        way: dict[int, int] = {}
        who: int | None = start
        while who is not None and who not in done and who not in way:
            way[who] = len(way)
            who = above.get(who)
        if who in way:
            found |= {each for each, place in way.items() if place >= way[who]}
        done |= way.keys()
    return found


def goes_round(store: Connection, person_id: int) -> bool:
    """Whether a person stands above themselves in the store."""
    return person_id in circles(managers(store))
