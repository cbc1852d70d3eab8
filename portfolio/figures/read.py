"""Readings over time: what counts on which days, what was published and restated since, and the points of a chart.

No access is decided here: who may see readings of a scope is asked by the caller.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, select

from portfolio.figures.keep import Scope
from portfolio.model.oversight import KpiValue


class Kept(NamedTuple):
    """A reading as it is kept: what is said of the days from `as_of` up to, not including, `until`.

    The fields are those of `KpiValue`. `reason` is a code when there is no value; `rag` is then grey. `currency` is
    that of an amount; `confidence` is A to D, None where not graded. `mapping_number` is the version of the mapping it
    rests on, None for the defaults and for what no mapping touches; `settings_number` that of the governance settings
    it was judged by. With `superseded_at` it was published and counts no more.
    """

    kpi: str
    as_of: date
    until: date
    value: float | None
    numerator: float | None
    denominator: float | None
    n: int
    coverage: float | None
    reason: str | None
    rag: str
    currency: str | None
    confidence: str | None
    mapping_number: int | None
    settings_number: int | None
    origin: str
    computed_at: datetime
    superseded_at: datetime | None


COLUMNS = tuple(KpiValue.__table__.c[name] for name in Kept._fields)
"""The columns of a kept reading, in the order of its fields."""


def series(connection: Connection, scope: Scope, kpi_id: str, first: date, last: date) -> list[Kept]:
    """What counts on the days from `first` to `last`, both included, in order; some days may have none."""
    return _kept(connection, scope, kpi_id, first, last, KpiValue.superseded_at.is_(None))


def published(connection: Connection, scope: Scope, kpi_id: str, first: date, last: date) -> list[Kept]:
    """What was published of these days and restated since, in order of days, the first published first."""
    return _kept(connection, scope, kpi_id, first, last, KpiValue.superseded_at.is_not(None))


def on(spans: Sequence[Kept], day: date) -> Kept | None:
    """The reading of a series that counts on the day."""
    return next((each for each in spans if each.as_of <= day < each.until), None)


def weekly(spans: Sequence[Kept], first: date, last: date) -> list[tuple[date, Kept | None]]:
    """The points of a series at the ends of ISO weeks from `first` to `last`, and on `last` itself."""
    sunday = first + timedelta(days=6 - first.weekday())
    days = [sunday + timedelta(weeks=number) for number in range((last - sunday).days // 7 + 1)]
    if not days or days[-1] != last:
        days.append(last)
    return [(day, on(spans, day)) for day in days]


def _kept(
    connection: Connection, scope: Scope, kpi_id: str, first: date, last: date, counting: ColumnElement[bool]
) -> list[Kept]:
    scope_type, scope_id = scope
    own = (KpiValue.scope_type == scope_type, KpiValue.scope_id == scope_id, KpiValue.kpi == kpi_id, counting)
    query = select(*COLUMNS).where(*own, KpiValue.as_of <= last, KpiValue.until > first)
    rows: list[Any] = list(connection.execute(query.order_by(KpiValue.as_of, KpiValue.computed_at, KpiValue.id)))
    return [Kept(*row) for row in rows]
