"""The newest KPI readings of a scope: what is stored, nothing computed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, Connection, func, select

from portfolio.model.oversight import KpiValue

_VALUE = KpiValue.__table__
KEPT_DAYS = 31
"""A reading older than this beside newer ones of other scopes is no longer shown as the current one."""


@dataclass(frozen=True)
class Reading:
    """One reading as stored. `reason` is a code when there is no value; `rag` is then grey."""

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


Readings = Mapping[str, Reading]
Scope = tuple[str, int]


def newest_day(connection: Connection) -> date | None:
    """The last day any reading is of."""
    day: date | None = connection.scalar(select(func.max(_VALUE.c.as_of)))
    return day


def newest(
    connection: Connection,
    last: date,
    scope_types: Collection[str],
    *,
    scope_id: int | None = None,
    kpis: Collection[str] | None = None,
) -> dict[Scope, Readings]:
    """The newest reading of each KPI of each scope on or before `last`, in one query."""
    where: list[ColumnElement[bool]] = [
        _VALUE.c.scope_type.in_(scope_types),
        _VALUE.c.as_of.between(last - timedelta(days=KEPT_DAYS), last),
    ]
    if scope_id is not None:
        where.append(_VALUE.c.scope_id == scope_id)
    if kpis is not None:
        where.append(_VALUE.c.kpi.in_(kpis))
    key = (_VALUE.c.scope_type, _VALUE.c.scope_id, _VALUE.c.kpi)
    days = select(*key, func.max(_VALUE.c.as_of).label("day")).where(*where).group_by(*key).subquery()
    rows = connection.execute(
        select(_VALUE).join(
            days,
            (_VALUE.c.scope_type == days.c.scope_type)
            & (_VALUE.c.scope_id == days.c.scope_id)
            & (_VALUE.c.kpi == days.c.kpi)
            & (_VALUE.c.as_of == days.c.day),
        )
    )
    found: dict[Scope, dict[str, Reading]] = defaultdict(dict)
    for row in rows:
        found[row.scope_type, row.scope_id][row.kpi] = Reading(
            row.kpi,
            row.value,
            row.numerator,
            row.denominator,
            row.n,
            row.coverage,
            row.reason,
            row.rag,
            row.as_of,
            row.computed_at,
        )
    return dict(found)
