"""The newest KPI readings of a scope: what is stored, but for the age of the data, which grows by itself."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, Connection, func, select

from portfolio.access.rows import seen_reading
from portfolio.access.viewer import Viewer
from portfolio.kpis.freshness import data_age_now
from portfolio.kpis.rag import OVERALL
from portfolio.model.oversight import KpiValue

_VALUE = KpiValue.__table__
AGE = "DQ-06"
KEPT_DAYS = 31
"""A reading older than this beside newer ones of other scopes is no longer shown as the current one."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One reading as stored. `reason` is a code when there is no value; `rag` is then grey.

    `mapping_number` is the version of the mapping it rests on, None for the defaults and for what no mapping touches.
    """

    kpi: str
    value: float | None
    numerator: float | None
    denominator: float | None
    n: int
    coverage: float | None
    reason: str | None
    rag: str
    as_of: date
    computed_at: datetime
    mapping_number: int | None = None


_COLUMNS = (
    _VALUE.c.scope_type,
    _VALUE.c.scope_id,
    _VALUE.c.kpi,
    _VALUE.c.value,
    _VALUE.c.numerator,
    _VALUE.c.denominator,
    _VALUE.c.n,
    _VALUE.c.coverage,
    _VALUE.c.reason,
    _VALUE.c.rag,
    _VALUE.c.as_of,
    _VALUE.c.computed_at,
    _VALUE.c.mapping_number,
)
Readings = Mapping[str, Reading]
Scope = tuple[str, int]


def newest_day(connection: Connection) -> date | None:
    """The last day any reading is of."""
    day: date | None = connection.scalar(select(func.max(_VALUE.c.as_of)).where(_VALUE.c.kpi == OVERALL))
    return day


def newest(
    connection: Connection,
    last: date,
    scope_types: Collection[str],
    viewer: Viewer,
    *,
    scope_id: int | None = None,
    kpis: Collection[str] | None = None,
) -> dict[Scope, Readings]:
    """The readings the viewer may see of each scope as of its newest day on or before `last`, in one query.

    The readings of a scope are written together, so the newest day of one of them (the overall colour) is that of all.
    """
    where: list[ColumnElement[bool]] = [
        _VALUE.c.kpi == OVERALL,
        _VALUE.c.as_of.between(last - timedelta(days=KEPT_DAYS), last),
        _VALUE.c.scope_type.in_(scope_types),
        seen_reading(_VALUE.c.scope_type, _VALUE.c.scope_id, viewer),
    ]
    if scope_id is not None:
        where.append(_VALUE.c.scope_id == scope_id)
    key = (_VALUE.c.scope_type, _VALUE.c.scope_id)
    days = select(*key, func.max(_VALUE.c.as_of).label("day")).where(*where).group_by(*key).subquery()
    statement = select(*_COLUMNS).join(
        days,
        (_VALUE.c.scope_type == days.c.scope_type)
        & (_VALUE.c.scope_id == days.c.scope_id)
        & (_VALUE.c.as_of == days.c.day),
    )
    if kpis is not None:
        statement = statement.where(_VALUE.c.kpi.in_(kpis))
    found: dict[Scope, dict[str, Reading]] = defaultdict(dict)
    for scope_type, found_id, *values in connection.execute(statement):
        reading = Reading(*values)
        found[scope_type, found_id][reading.kpi] = reading
    return dict(found)


def age_now(connection: Connection, project_id: int, now: datetime) -> Reading:
    """The age of a project's data at this moment, in place of the stored one."""
    found = data_age_now(connection, project_id, now)
    value = None if found.value is None else float(found.value)
    reason = None if found.reason is None else str(found.reason)
    return Reading(AGE, value, None, None, found.n, None, reason, str(found.rag), now.date(), now)


def colours_by_day(connection: Connection, project_id: int, kpi: str) -> list[tuple[date, str]]:
    """The colours a project had, oldest first, one for each day they were computed for."""
    rows = connection.execute(
        select(_VALUE.c.as_of, _VALUE.c.rag)
        .where(_VALUE.c.scope_type == "project", _VALUE.c.scope_id == project_id, _VALUE.c.kpi == kpi)
        .order_by(_VALUE.c.as_of)
    )
    return [(row.as_of, row.rag) for row in rows]
