"""Persons become one, or two: what figures of past days counted of them, they would count otherwise now."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, select

from portfolio.figures.due import past_changed, past_of_all
from portfolio.model.base import EVER
from portfolio.model.work import ItemVersion, Worklog

_CHUNK = 400


def note(store: Connection, persons: Sequence[int]) -> None:
    """Note that the past of these persons differs, in their projects and of everybody together.

    Call it while they have what was, or will be, somebody else's. Capacity counts on every day, so that the past of all
    persons differs from its beginning.
    """
    concerned: set[int] = set()
    for first in range(0, len(persons), _CHUNK):
        some = persons[first : first + _CHUNK]
        for at, who in ((ItemVersion.project_id, ItemVersion.assignee_id), (Worklog.project_id, Worklog.person_id)):
            concerned |= {ident for ident in store.scalars(select(at).where(who.in_(some)).distinct()) if ident}
    if persons:
        # Together: what is noted in one statement is noted in one order.
        past_changed(store, dict.fromkeys(concerned, EVER) | past_of_all(store, EVER))
