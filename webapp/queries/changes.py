"""What changed the colour of projects between two days: the figures that turned with it, and from what to what."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection

from portfolio.access.viewer import Viewer
from portfolio.figures.read import Kept
from portfolio.kpis.catalogue import KPIS
from portfolio.kpis.declare import Kpi
from webapp.queries.columns import attention_order
from webapp.queries.portfolio import ProjectLine
from webapp.queries.readings import Readings, newest

RANKS = {"green": 0, "amber": 1, "red": 2}
MOST_NAMED, MOST_REASONS = 5, 2


@dataclass(frozen=True)
class Why:
    """A figure that turned: `then` is None where nothing was known of it."""

    kpi: Kpi
    then: Kept | None
    now: Kept


@dataclass(frozen=True)
class Change:
    """A project that has another colour, with the figures that turned the same way."""

    project: ProjectLine
    why: tuple[Why, ...]


@dataclass(frozen=True)
class Changes:
    """Who turned red, and who left it for another colour, the first few by name; how many changed otherwise."""

    turned_red: tuple[Change, ...]
    left_red: tuple[Change, ...]
    more_red: int
    more_left: int
    others: int


def changes_of(
    connection: Connection, viewer: Viewer, turned: Sequence[ProjectLine], day: date | None, since: date | None
) -> Changes:
    """The changes of these projects, in two statements at most."""
    red = [project for project in turned if project.rag == "red"]
    left = [project for project in turned if project.rag_before == "red" and project.rag != "grey"]
    named = [*red[:MOST_NAMED], *left[:MOST_NAMED]]
    ids = [project.id for project in named]
    now = newest(connection, day, ("project",), viewer, scope_ids=ids) if day and ids else {}
    then = newest(connection, since, ("project",), viewer, scope_ids=ids) if since and ids else {}
    told = {
        it.id: Change(it, why(then.get(("project", it.id), {}), now.get(("project", it.id), {}), worse=it.rag == "red"))
        for it in named
    }
    return Changes(
        tuple(told[project.id] for project in red[:MOST_NAMED]),
        tuple(told[project.id] for project in left[:MOST_NAMED]),
        max(0, len(red) - MOST_NAMED),
        max(0, len(left) - MOST_NAMED),
        len(turned) - len(red) - len(left),
    )


def why(then: Readings, now: Readings, *, worse: bool) -> tuple[Why, ...]:
    """The figures whose colour turned the way the project's did, the most telling first, two at most."""
    found = []
    for kpi_id in attention_order(kpi_id for kpi_id in now if kpi_id in KPIS):
        after, before = now[kpi_id], then.get(kpi_id)
        rank = RANKS.get(after.rag)
        was = RANKS.get(before.rag) if before else None
        if rank is None or after.value is None or (was is None and not worse):
            continue
        step = rank - (was or 0)
        if (step > 0) if worse else (step < 0):
            found.append(Why(KPIS[kpi_id], before if was is not None else None, after))
    return tuple(found[:MOST_REASONS])
