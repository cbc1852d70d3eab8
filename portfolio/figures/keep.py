"""Readings as rows that hold until they change.

What is computed for a day holds from that day up to the next one that was computed. A reading that says the same as the
row of the day before costs a comparison and no write. What becomes of rows that say something else is decided by
`portfolio.figures.timeline`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from fractions import Fraction
from typing import Any, NamedTuple, cast

from sqlalchemy import ColumnElement, Connection, Table, and_, bindparam, delete, func, select, update

from portfolio.figures.timeline import (
    OBSERVED,
    RECONSTRUCTED,
    Changes,
    Point,
    Rule,
    Span,
    drawn,
    observed,
    restated,
)
from portfolio.kpis.reading import Reading
from portfolio.model.base import FAR
from portfolio.model.oversight import KpiValue, RollUp
from portfolio.store.upsert import insert_values, upsert

Scope = tuple[str, int]
_TABLE = cast(Table, KpiValue.__table__)
_ROLL_UP = cast(Table, RollUp.__table__)
SAID = (
    "value", "numerator", "denominator", "n", "coverage", "reason", "rag", "currency", "confidence",
    "mapping_number", "settings_number",
)  # fmt: skip
"""What makes one reading different from another."""
_PLACE = ("scope_type", "scope_id", "kpi")
_SPAN = ("as_of", "until", *SAID, "origin", "computed_at", "superseded_at")
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


Key = tuple[str, int, str]
"""A scope and a KPI."""


def keep(connection: Connection, day: date, readings: Mapping[Scope, Sequence[Said]], now: datetime) -> int:
    """Keep what was computed for a day that is not over; returns how many readings had changed and were written.

    The day's own earlier readings are replaced. What is told no more of a scope ends with the day before. Does not note
    the day (`note_day`).
    """
    until = connection.scalar(select(func.min(RollUp.as_of)).where(RollUp.as_of > day)) or FAR
    points = {
        (*scope, kpi_id): (Point(day, until, tuple(values)),)
        for scope, told in readings.items()
        for kpi_id, *values in told
    }
    standing = _standing(connection, readings, day, until)
    ended = {key: (Point(day, until, None),) for key in standing if key not in points}
    return _draw(connection, standing, points | ended, now, observed)


def restate(connection: Connection, points: Mapping[Key, Sequence[Point]], now: datetime) -> int:
    """Keep what was computed of past days; returns of how many KPIs of scopes anything changed and was written.

    Of each key at least one point, in order of days. What was published in place of these stays, and counts no more.
    """
    if not points:
        return 0
    first = min(own[0].since for own in points.values())
    end = max(own[-1].until for own in points.values())
    standing = _standing(connection, {key[:2] for key in points}, first, end)
    return _draw(connection, standing, points, now, restated)


def _draw(
    connection: Connection,
    standing: Mapping[Key, Sequence[Span]],
    points: Mapping[Key, Sequence[Point]],
    now: datetime,
    rule: Rule,
) -> int:
    changes = []
    for key, own in points.items():
        rows = standing.get(key, [])
        if len(rows) != 1 or len(own) != 1 or not _same(rows[0], own[0]):
            changed = drawn(rows, own, now, rule)
            if any(changed):
                changes.append((key, changed))
    _write(connection, changes)
    return len(changes)


def _same(row: Span, point: Point) -> bool:
    return row.said == point.said and row.since <= point.since and row.until >= point.until


def _write(connection: Connection, changes: Sequence[tuple[Key, Changes]]) -> None:
    removed = [row for _, each in changes for row in each.removed]
    for first in range(0, len(removed), AT_ONCE):
        connection.execute(delete(_TABLE).where(_TABLE.c.id.in_(removed[first : first + AT_ONCE])))
    rewritten = [_values(span) | {"row": span.row} for _, each in changes for span in each.rewritten]
    if rewritten:
        anew = {name: bindparam(f"new_{name}", type_=_TABLE.c[name].type) for name in _SPAN}
        connection.execute(update(_TABLE).where(_TABLE.c.id == bindparam("row")).values(anew), rewritten)
    added = [(*key, *_row(span)) for key, each in changes for span in each.added]
    insert_values(connection, _TABLE, (*_PLACE, *_SPAN), added)


def _values(span: Span) -> dict[str, Any]:
    return {f"new_{name}": value for name, value in zip(_SPAN, _row(span), strict=True)}


def _row(span: Span) -> tuple[Any, ...]:
    return (span.since, span.until, *span.said, span.origin, span.computed_at, span.superseded_at)


def _standing(connection: Connection, scopes: Iterable[Scope], first: date, end: date) -> dict[Key, list[Span]]:
    """The rows of scopes that count on the days from `first` up to `end`, by scope and KPI, in order of days."""
    columns = ("scope_id", "kpi", "as_of", "until", "origin", "computed_at", "id", *SAID)
    query = select(*(_TABLE.c[name] for name in columns)).where(
        _TABLE.c.superseded_at.is_(None), _TABLE.c.as_of < end, _TABLE.c.until > first
    )
    by_type: dict[str, set[int]] = defaultdict(set)
    for scope_type, scope_id in scopes:
        by_type[scope_type].add(scope_id)
    found: dict[Key, list[Span]] = defaultdict(list)
    for scope_type, ids in by_type.items():
        own = query.where(_TABLE.c.scope_type == scope_type).order_by(_TABLE.c.as_of)
        wanted = sorted(ids)
        for position in range(0, len(wanted), AT_ONCE):
            these = _TABLE.c.scope_id.in_(wanted[position : position + AT_ONCE])
            for row in connection.execute(own.where(these)):
                scope_id, kpi_id, since, until, origin, computed_at, ident, *values = row
                span = Span(since, until, tuple(values), origin, computed_at, ident)
                found[scope_type, scope_id, kpi_id].append(span)
    return found


def standing_of(connection: Connection, scope: Scope, kpis: Collection[str], day: date) -> list[Said]:
    """What of these KPIs holds of a scope on a day."""
    columns = (_TABLE.c[name] for name in Said._fields)
    of_it = (KpiValue.scope_type == scope[0], KpiValue.scope_id == scope[1], KpiValue.kpi.in_(kpis))
    return [Said(*row) for row in connection.execute(select(*columns).where(standing_on(day), *of_it))]


def standing_on(day: date) -> ColumnElement[bool]:
    """The condition on `KpiValue` for the rows that count and hold on a day."""
    return and_(KpiValue.as_of <= day, KpiValue.until > day, KpiValue.superseded_at.is_(None))


def note_day(connection: Connection, day: date, now: datetime) -> None:
    """Note that the figures of all projects were computed for a day that is not over, or ends now."""
    row = {"as_of": day, "computed_at": now, "origin": OBSERVED}
    upsert(connection, _ROLL_UP, [row], ("as_of",), ("computed_at",))


def note_past_days(connection: Connection, days: Collection[date], now: datetime) -> None:
    """Note that figures were computed for days that are over. What is noted of a day already stays."""
    rows = [{"as_of": day, "computed_at": now, "origin": RECONSTRUCTED} for day in days]
    upsert(connection, _ROLL_UP, rows, ("as_of",), ())


def computed(connection: Connection, day: date) -> bool:
    """Whether the figures of all projects were computed for the day."""
    return connection.scalar(select(RollUp.as_of).where(RollUp.as_of == day)) is not None


def _number(exact: Fraction | None) -> float | None:
    return None if exact is None else exact.numerator / exact.denominator
