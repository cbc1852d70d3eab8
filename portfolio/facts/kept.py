"""What a figure was said to be before: for those of what keeps no history of its own."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from sqlalchemy import Connection, select

from portfolio.model.oversight import KpiValue


def values_kept(
    connection: Connection, kpi_id: str, day: date, project_ids: Collection[int] | None = None
) -> dict[int, tuple[float, str | None]]:
    """The value and currency of a KPI as it was kept for the day, by project; readings without a value are left out."""
    query = select(KpiValue.scope_id, KpiValue.value, KpiValue.currency).where(
        KpiValue.scope_type == "project",
        KpiValue.kpi == kpi_id,
        KpiValue.as_of <= day,
        KpiValue.until > day,
        KpiValue.superseded_at.is_(None),
        KpiValue.value.is_not(None),
    )
    if project_ids is not None:
        query = query.where(KpiValue.scope_id.in_(project_ids))
    return {ident: (value, currency) for ident, value, currency in connection.execute(query) if value is not None}


def colours_kept(
    connection: Connection, kpi_ids: Collection[str], day: date, project_ids: Collection[int] | None = None
) -> dict[int, dict[str, str]]:
    """The colours that KPIs of projects had when they were observed on the day, by project; without the grey ones."""
    query = select(KpiValue.scope_id, KpiValue.kpi, KpiValue.rag).where(
        KpiValue.kpi.in_(kpi_ids),
        KpiValue.scope_type == "project",
        KpiValue.as_of <= day,
        KpiValue.until > day,
        KpiValue.superseded_at.is_(None),
        KpiValue.origin != "reconstructed",
        KpiValue.rag != "grey",
    )
    if project_ids is not None:
        query = query.where(KpiValue.scope_id.in_(project_ids))
    found: dict[int, dict[str, str]] = {}
    for project_id, kpi_id, rag in connection.execute(query):
        found.setdefault(project_id, {})[kpi_id] = rag
    return found
