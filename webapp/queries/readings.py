"""The newest KPI readings of a scope: what is stored, but for the age of the data, which grows by itself."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, and_, false, func, or_, select

from portfolio.access.rows import seen_reading
from portfolio.access.viewer import Viewer
from portfolio.figures.keep import Scope, standing_on
from portfolio.figures.read import COLUMNS, Kept, series
from portfolio.figures.timeline import OBSERVED
from portfolio.kpis.confidence import as_fresh
from portfolio.kpis.freshness import data_age_now
from portfolio.kpis.reading import Reason
from portfolio.model.base import FAR
from portfolio.model.oversight import KpiValue, RollUp

_VALUE = KpiValue.__table__
AGE = "DQ-06"


Readings = Mapping[str, Kept]


class RolledUp(NamedTuple):
    """The last day figures were computed for, when that was last done (most did not change then), and the first day
    there are any of."""

    as_of: date
    computed_at: datetime
    first: date


_NEWEST = select(func.max(RollUp.as_of)).scalar_subquery()
LAST = (
    _NEWEST,
    select(RollUp.computed_at).where(RollUp.as_of == _NEWEST).scalar_subquery(),
    select(func.min(RollUp.as_of)).scalar_subquery(),
)
"""The columns of a `RolledUp`, for a statement that asks for something else as well."""


def newest_roll_up(connection: Connection) -> RolledUp | None:
    """The last day of figures; None where none were ever computed."""
    day, computed_at, first = connection.execute(select(*LAST)).one()
    return None if day is None else RolledUp(day, computed_at, first)


def newest_day(connection: Connection) -> date | None:
    """The last day figures were computed for."""
    last = newest_roll_up(connection)
    return last.as_of if last else None


def newest(
    connection: Connection,
    day: date,
    scope_types: Collection[str],
    viewer: Viewer,
    *,
    scope_ids: Collection[int] | None = None,
    kpis: Collection[str] | None = None,
) -> dict[Scope, Readings]:
    """The readings the viewer may see of each scope, as they count on the day, in one query."""
    where: list[ColumnElement[bool]] = [_VALUE.c.scope_type.in_(scope_types)]
    if scope_ids is not None:
        where.append(_VALUE.c.scope_id.in_(scope_ids))
    if kpis is not None:
        where.append(_VALUE.c.kpi.in_(kpis))
    return _read(connection, day, viewer, where)


def newest_of(
    connection: Connection, day: date, scopes: Collection[Scope], viewer: Viewer, kpis: Collection[str]
) -> dict[Scope, Readings]:
    """These readings of these scopes as they count on the day, as far as the viewer may see them, in one query."""
    ids: dict[str, set[int]] = defaultdict(set)
    for scope_type, scope_id in scopes:
        ids[scope_type].add(scope_id)
    # Each alternative names all that the index begins with: else the whole past of the scopes is read.
    named = (
        and_(_VALUE.c.scope_type == each, _VALUE.c.scope_id.in_(sorted(own)), _VALUE.c.kpi.in_(kpis))
        for each, own in ids.items()
    )
    return _read(connection, day, viewer, [or_(false(), *named)])


def _read(
    connection: Connection, day: date, viewer: Viewer, where: Iterable[ColumnElement[bool]]
) -> dict[Scope, Readings]:
    query = select(_VALUE.c.scope_type, _VALUE.c.scope_id, *COLUMNS).where(
        standing_on(day), seen_reading(_VALUE.c.scope_type, _VALUE.c.scope_id, viewer), *where
    )
    found: dict[Scope, dict[str, Kept]] = defaultdict(dict)
    for scope_type, found_id, *values in connection.execute(query).all():
        reading = Kept(*values)
        found[scope_type, found_id][reading.kpi] = reading
    return dict(found)


def age_now(connection: Connection, project_id: int, now: datetime) -> Kept:
    """The age of a project's data at this moment, in place of the stored one."""
    found = data_age_now(connection, project_id, now)
    value = None if found.value is None else float(found.value)
    reason = None if found.reason is None else str(found.reason)
    return Kept(
        kpi=AGE,
        as_of=now.date(),
        until=FAR,
        value=value,
        numerator=None,
        denominator=None,
        n=found.n,
        coverage=None,
        reason=reason,
        rag=str(found.rag),
        currency=None,
        confidence=None,
        mapping_number=None,
        settings_number=None,
        origin=OBSERVED,
        computed_at=now,
        superseded_at=None,
    )


def grades(found: Collection[Kept]) -> dict[str, str | None]:
    """The confidence in the readings of one scope as it is shown, by KPI: lower where their own age of data is bad."""
    age = next((it for it in found if it.kpi == AGE and it.reason != Reason.NOT_APPLICABLE), None)
    value, rag = (age.value, age.rag) if age else (None, "")
    return {it.kpi: as_fresh(it.confidence, value, rag, known=age is not None) for it in found}


def colours_by_day(connection: Connection, project_id: int, kpi: str) -> list[tuple[date, str]]:
    """The colours a project had, oldest first, each with the day from which it counted."""
    spans = series(connection, ("project", project_id), kpi, date.min, date.max)
    return [(each.as_of, each.rag) for each in spans]
