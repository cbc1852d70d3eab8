"""How readings of KPIs stand in the API."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

import msgspec

from portfolio.figures.read import Kept
from webapp.queries.readings import grades


class Reading(msgspec.Struct, frozen=True):
    """One reading, unrounded. `reason` tells why there is no `value`; `rag` is then grey.

    `mapping_number` is the version of the mapping it rests on, None for the defaults; `settings_number` that of the
    governance settings it was judged by. `confidence` is A to D. `origin`: observed, reconstructed, restated.
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
    mapping_number: int | None
    settings_number: int | None
    currency: str | None
    confidence: str | None
    origin: str


def readings(found: Iterable[Kept]) -> list[Reading]:
    """The readings of one scope by KPI; the grade is lowered where the data is old."""
    found = list(found)
    shown = grades(found)
    return [
        Reading(
            it.kpi,
            it.value,
            it.numerator,
            it.denominator,
            it.n,
            it.coverage,
            it.reason,
            it.rag,
            it.as_of,
            it.computed_at,
            it.mapping_number,
            it.settings_number,
            it.currency,
            shown[it.kpi],
            it.origin,
        )
        for it in sorted(found, key=lambda it: it.kpi)
    ]
