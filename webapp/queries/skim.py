"""What decides which rows the portfolio table shows, and in which order: one value of each scope, no whole reading.

Each function is one statement over what is kept. What the viewer may not see is not among it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, and_, select

from portfolio.access.rows import seen_reading
from portfolio.access.viewer import Viewer
from portfolio.figures.keep import Scope, standing_on
from portfolio.kpis.rag import OVERALL
from portfolio.model.named import named
from portfolio.model.oversight import KpiValue

_VALUE = KpiValue.__table__


@dataclass(frozen=True)
class Skimmed:
    """The colour of each project by id, and values by scope and KPI; a group of projects has no colour of its own."""

    colours: Mapping[int, str]
    values: Mapping[Scope, Mapping[str, float]]


NOTHING = Skimmed({}, {})


def skim(connection: Connection, viewer: Viewer, day: date, kpis: Collection[str], *, counted: bool) -> Skimmed:
    """The colours on the day, and the values of these KPIs: how many instead of which share where `counted`."""
    found = select(
        _VALUE.c.scope_type, _VALUE.c.scope_id, _VALUE.c.kpi, _VALUE.c.rag, _VALUE.c.value, _VALUE.c.numerator
    ).where(
        standing_on(day),
        _VALUE.c.kpi.in_((OVERALL, *kpis)),
        seen_reading(_VALUE.c.scope_type, _VALUE.c.scope_id, viewer),
    )
    colours: dict[int, str] = {}
    values: dict[Scope, dict[str, float]] = defaultdict(dict)
    for scope_type, scope_id, kpi_id, rag, value, numerator in connection.execute(found).all():
        shown = numerator if counted and value is not None else value
        if kpi_id != OVERALL and shown is not None:
            values[scope_type, scope_id][kpi_id] = shown
        elif kpi_id == OVERALL and scope_type == "project":
            colours[scope_id] = rag
    return Skimmed(colours, values)


def other_colours(connection: Connection, viewer: Viewer, since: date, day: date) -> dict[int, str]:
    """The colour on `since` of each project that has another one on `day`, by id."""
    now = named(KpiValue, "now")
    # What still holds on the day is the same row, and need not be looked at.
    ended = and_(standing_on(since), _VALUE.c.until <= day)
    of_project = and_(_VALUE.c.kpi == OVERALL, _VALUE.c.scope_type == "project")
    same = and_(now.scope_type == _VALUE.c.scope_type, now.scope_id == _VALUE.c.scope_id, now.kpi == _VALUE.c.kpi)
    holds = and_(now.as_of <= day, now.until > day, now.superseded_at.is_(None))
    found = select(_VALUE.c.scope_id, _VALUE.c.rag).join(now, and_(same, holds))
    seen = seen_reading("project", _VALUE.c.scope_id, viewer)
    found = found.where(of_project, ended, seen, now.rag != _VALUE.c.rag)
    return {row.scope_id: row.rag for row in connection.execute(found).all()}
