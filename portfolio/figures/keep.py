"""Readings as rows that hold until they change.

What is computed for a day holds from that day up to the next one that was computed. A reading that says the same as the
row of the day before costs a comparison and no write; another one ends that row and begins its own. What a row said of
other days is never touched.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from fractions import Fraction
from typing import Any, NamedTuple, cast

from sqlalchemy import ColumnElement, Connection, Table, and_, bindparam, delete, func, select, update

from portfolio.kpis.reading import Reading
from portfolio.model.oversight import KpiValue, RollUp
from portfolio.model.work import FAR
from portfolio.store.upsert import insert_values, upsert

Scope = tuple[str, int]
_TABLE = cast(Table, KpiValue.__table__)
SAID = (
    "value", "numerator", "denominator", "n", "coverage", "reason", "rag", "currency", "confidence",
    "mapping_number", "settings_number",
)  # fmt: skip
"""What makes one reading different from another."""
_PLACE = ("scope_type", "scope_id", "kpi")
_OWN = ("as_of", "until", *SAID, "origin", "computed_at")
_COLUMNS = (*_PLACE, *_OWN)
AT_ONCE = 400
"""Ids of scopes in one statement."""


class Said(NamedTuple):
    """A reading of a scope, as it is kept; the fields are `SAID`, after which KPI."""

    kpi: str
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


def said(
    kpi_id: str,
    reading: Reading,
    *,
    confidence: str | None = None,
    mapping_number: int | None = None,
    settings_number: int | None = None,
) -> Said:
    """A reading as it is kept."""
    return Said(
        kpi_id,
        _number(reading.value),
        _number(reading.numerator),
        _number(reading.denominator),
        reading.n,
        _number(reading.coverage),
        reading.reason.value if reading.reason else None,
        reading.rag.value,
        reading.currency,
        confidence,
        mapping_number,
        settings_number,
    )


class _Row(NamedTuple):
    """A row that counts, with what it says as of the day that is asked about."""

    id: int
    as_of: date
    until: date
    origin: str
    computed_at: datetime
    said: tuple[Any, ...]


def keep(connection: Connection, day: date, readings: Mapping[Scope, Sequence[Said]], now: datetime) -> int:
    """Keep what was computed for a day; returns how many readings had changed and were written.

    The day's own earlier readings are replaced: a day is not over before its end. What is told no more of a scope ends
    with the day before. Does not note the day (`note_day`).
    """
    until = connection.scalar(select(func.min(RollUp.as_of)).where(RollUp.as_of > day)) or FAR
    standing = _standing(connection, day, readings)
    fresh: list[tuple[Any, ...]] = []
    ended: list[dict[str, Any]] = []
    replaced: list[dict[str, Any]] = []
    dropped: list[int] = []
    changed = 0
    told = {(*scope, kpi_id): tuple(values) for scope, said_of in readings.items() for kpi_id, *values in said_of}
    # In the order in which they were told: the same readings make the same rows.
    for place in (*told, *(place for place in standing if place not in told)):
        row, values = standing.get(place), told.get(place)
        if row is not None and row.said == values:
            continue
        changed += 1
        end = until if row is None else min(until, row.until)
        if row is not None and end < row.until:
            fresh.append((*place, end, row.until, *row.said, row.origin, row.computed_at))
        if row is not None and row.as_of < day:
            ended.append({"row": row.id, "day": day})
            row = None
        if values is None:
            dropped += [] if row is None else [row.id]
        elif row is None:
            fresh.append((*place, day, end, *values, "observed", now))
        else:
            own = zip(_OWN, (day, end, *values, "observed", now), strict=True)
            replaced.append({f"to_{name}": value for name, value in own} | {"row": row.id})
    this = _TABLE.c.id == bindparam("row")
    for first in range(0, len(dropped), AT_ONCE):
        connection.execute(delete(_TABLE).where(_TABLE.c.id.in_(dropped[first : first + AT_ONCE])))
    if replaced:
        values_of = {name: bindparam(f"to_{name}", type_=_TABLE.c[name].type) for name in _OWN}
        connection.execute(update(_TABLE).where(this).values(values_of), replaced)
    if ended:
        connection.execute(update(_TABLE).where(this).values(until=bindparam("day")), ended)
    insert_values(connection, _TABLE, _COLUMNS, fresh)
    return changed


def _standing(connection: Connection, day: date, scopes: Collection[Scope]) -> dict[tuple[str, int, str], _Row]:
    """The rows of the scopes that count on the day, by scope and KPI."""
    own = (_TABLE.c[name] for name in ("id", "as_of", "until", "origin", "computed_at"))
    query = select(_TABLE.c.kpi, *own, *(_TABLE.c[name] for name in SAID))
    found: dict[tuple[str, int, str], _Row] = {}
    by_type: dict[str, list[int]] = {}
    for scope_type, scope_id in scopes:
        by_type.setdefault(scope_type, []).append(scope_id)
    for scope_type, ids in by_type.items():
        for first in range(0, len(ids), AT_ONCE):
            counting = standing_on(day), _TABLE.c.scope_type == scope_type
            these = query.add_columns(_TABLE.c.scope_id).where(
                *counting, _TABLE.c.scope_id.in_(ids[first : first + AT_ONCE])
            )
            for kpi_id, ident, as_of, until, origin, computed_at, *values, scope_id in connection.execute(these):
                found[scope_type, scope_id, kpi_id] = _Row(ident, as_of, until, origin, computed_at, tuple(values))
    return found


def standing_on(day: date) -> ColumnElement[bool]:
    """The condition on `KpiValue` for the rows that count and hold on a day."""
    return and_(KpiValue.as_of <= day, KpiValue.until > day, KpiValue.superseded_at.is_(None))


def note_day(connection: Connection, day: date, now: datetime) -> None:
    """Note that figures were computed for the day."""
    upsert(connection, cast(Table, RollUp.__table__), [{"as_of": day, "computed_at": now}], ("as_of",))


def computed(connection: Connection, day: date) -> bool:
    """Whether the figures of all projects were computed for the day."""
    return connection.scalar(select(RollUp.as_of).where(RollUp.as_of == day)) is not None


def _number(exact: Fraction | None) -> float | None:
    return None if exact is None else float(exact)
