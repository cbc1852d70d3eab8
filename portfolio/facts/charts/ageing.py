"""Ageing work: what is in progress, and for how long.

ageing(connection, project_id, as_of, most=60) -> tuple[AgeingItem, ...]    the oldest first
"""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from sqlalchemy import Connection, select

from portfolio.facts.states import I, V, at, is_in_progress


class AgeingItem(NamedTuple):
    """An item in progress. `age` is in calendar days, the first and the last counted, as cycle times are (FLW-01, of
    which the 85th percentile is the line to draw). `flow`: active, wait, blocked. Title and address are the tracker's.
    """

    item_id: int
    key: str
    title: str
    url: str
    started_on: date
    age: int
    flow: str


def ageing(connection: Connection, project_id: int, as_of: date, most: int = 60) -> tuple[AgeingItem, ...]:
    """The work of a project that is in progress at the end of the day and whose start is known, the oldest first."""
    statement = (
        at(select(I.id, I.key, I.title, I.url, V.started_on, V.flow), as_of, (project_id,))
        .where(is_in_progress(as_of), V.started_on.is_not(None))
        .order_by(V.started_on, I.id)
        .limit(most)
    )
    return tuple(
        AgeingItem(item_id, key, title, url, started_on, (as_of - started_on).days + 1, flow)
        for item_id, key, title, url, started_on, flow in connection.execute(statement)
    )
