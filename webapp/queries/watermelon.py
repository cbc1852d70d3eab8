"""The watermelon list for a page: the projects whose figures the viewer sees, with their names."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, select

from portfolio.access.matrix import Capability, Right
from portfolio.access.rows import seen
from portfolio.access.viewer import Viewer
from portfolio.facts.gather import day_of
from portfolio.figures.watermelon import Honesty, honesty
from portfolio.model.people import Person
from portfolio.model.structure import Project
from webapp.tables import Order

WHICH = ("better", "late", "all")


@dataclass(frozen=True)
class Line:
    """A project with its two colours."""

    name: str
    code: str
    manager_id: int | None
    manager: str | None
    reason: str | None
    colours: Honesty


@dataclass(frozen=True)
class Wish:
    """Which projects: those that report better than computed, those whose report is late, or all; of a manager, and
    with some text in name, code or manager."""

    which: str = "better"
    manager: int | None = None
    text: str = ""


def load(connection: Connection, viewer: Viewer, day: date, now: datetime) -> list[Line]:
    """All projects in sight, in a fixed number of statements. `now` carries the portfolio's time zone."""
    mine = seen(Project.__table__.c.id, viewer, Capability.KPIS, Right.VIEW)
    judged = honesty(connection, day_of(connection, day, now), mine)
    columns = (Project.id, Project.name, Project.code, Project.manager_id, Person.name, Project.rag_reason)
    query = select(*columns).outerjoin(Person, Person.id == Project.manager_id).where(mine)
    named: dict[int, Any] = {row[0]: row for row in connection.execute(query)}
    return [_line(named[it.project_id], it) for it in judged]


def _line(row: Any, colours: Honesty) -> Line:
    _, name, code, manager_id, manager, reason = row
    return Line(name, code, manager_id, manager, reason, colours)


def wanted(lines: list[Line], wish: Wish, order: Order) -> list[Line]:
    """Those that fit, in order; what is not known comes last."""
    text = wish.text.casefold()
    found = [
        line
        for line in lines
        if (wish.which == "all" or (line.colours.better if wish.which == "better" else line.colours.late))
        and (wish.manager is None or line.manager_id == wish.manager)
        and (not text or any(text in (it or "").casefold() for it in (line.name, line.code, line.manager)))
    ]
    found.sort(key=lambda line: (line.name.casefold(), line.code))
    key = SORTS[order.column]
    known = sorted((line for line in found if key(line) is not None), key=key, reverse=order.down)
    return known + [line for line in found if key(line) is None]


SORTS: dict[str, Callable[[Line], Any]] = {
    "project": lambda line: line.name.casefold(),
    "gap": lambda line: line.colours.gap,
    "days": lambda line: line.colours.days,
    "age": lambda line: line.colours.age,
    "lag": lambda line: line.colours.last_lag,
    "manager": lambda line: line.manager.casefold() if line.manager else None,
}
