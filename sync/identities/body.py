"""What a decision keeps so that it can be undone, as it stands in `person_decision.body`."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import Connection, select, update

from portfolio.model.people import Person
from sync.merge import Trace, typed
from sync.tables import table_of

_PERSON = table_of(Person)


class Body(msgspec.Struct):
    """`stays` is who remained. `changed`: column of their row -> what it was, and what the decision made of it.

    `trace` is what merging moved; `identities` the accounts that were split off.
    """

    stays: int
    changed: dict[str, tuple[Any, Any]] = {}
    trace: Trace | None = None
    identities: list[int] = []


def encode(body: Body) -> str:
    """As JSON."""
    return msgspec.json.encode(body).decode()


def decode(text: str) -> Body | None:
    """From JSON; None where somebody it speaks of was erased, which is for good."""
    return msgspec.json.decode(text, type=Body) if text else None


def set_row(store: Connection, person_id: int, changed: dict[str, Any]) -> None:
    """Give the person's row these values."""
    if changed:
        store.execute(update(_PERSON).where(_PERSON.c.id == person_id).values(**typed(_PERSON, changed)))


def take_back(store: Connection, person_id: int, body: Body) -> None:
    """Give the row what it had before, column by column, where nobody has changed it since."""
    row = plain_row(store, person_id)
    set_row(store, person_id, {name: old for name, (old, new) in body.changed.items() if row[name] == new})


def plain_row(store: Connection, person_id: int) -> dict[str, Any]:
    """A person's row with plain values, as a body holds them."""
    row = store.execute(select(_PERSON).where(_PERSON.c.id == person_id)).mappings().one()
    return {str(name): msgspec.to_builtins(value) for name, value in row.items()}
