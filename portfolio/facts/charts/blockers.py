"""Top blockers: open work that is blocked, and since when.

blockers(connection, project_ids, as_of, most=10) -> tuple[Blocker, ...]    blocked longest first
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import NamedTuple

from sqlalchemy import Connection, func, select

from portfolio.facts.states import I, V, at, is_open, is_work
from portfolio.model.named import named
from portfolio.model.work import ItemVersion


class Blocker(NamedTuple):
    """An item that is blocked. `since` is the day from whose end it was so without a break; `days` are calendar days,
    the first and the last counted. `labels` are the item's present ones. Title, labels and address are the tracker's.
    """

    item_id: int
    key: str
    title: str
    url: str
    since: date
    days: int
    labels: tuple[str, ...]
    project_id: int


def blockers(connection: Connection, project_ids: Collection[int], as_of: date, most: int = 10) -> tuple[Blocker, ...]:
    """The open work of the projects that is blocked at the end of the day, what has been so the longest first."""
    before = named(ItemVersion, "before")
    freed = select(func.max(before.valid_to)).where(
        before.item_id == V.item_id, before.valid_from < V.valid_from, before.flow != "blocked"
    )
    since = func.coalesce(freed.correlate(V).scalar_subquery(), V.created_on).label("since")
    statement = (
        at(select(I.id, I.key, I.title, I.url, since, I.labels, V.project_id), as_of, project_ids)
        .where(is_open(), V.flow == "blocked", is_work(as_of))
        .order_by("since", I.id)
        .limit(most)
    )
    return tuple(
        Blocker(item_id, key, title, url, day, (as_of - day).days + 1, tuple(filter(None, labels.split(","))), project)
        for item_id, key, title, url, day, labels, project in connection.execute(statement)
    )
