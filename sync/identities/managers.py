"""Who manages whom: nobody is above themselves, over however many."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection, select

from portfolio.model.people import Person


def managers(store: Connection) -> dict[int, int]:
    """The manager of each person who has one."""
    query = select(Person.id, Person.manager_id).where(Person.manager_id.is_not(None))
    return {person: manager for person, manager in store.execute(query) if manager is not None}


def circle(above: Mapping[int, int], person_id: int) -> bool:
    """Whether the way up from the person comes back to them."""
    seen = set()
    who = above.get(person_id)
    while who is not None and who not in seen:
        if who == person_id:
            return True
        seen.add(who)
        who = above.get(who)
    return False


def goes_round(store: Connection, person_id: int) -> bool:
    """Whether a person stands above themselves in the store."""
    return circle(managers(store), person_id)
