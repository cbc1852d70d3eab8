"""How readings of KPIs stand in the API."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

import msgspec

from webapp.queries.readings import Reading as Found


class Reading(msgspec.Struct, frozen=True):
    """One reading, unrounded. `reason` tells why there is no `value`; `rag` is then grey.

    `mapping_number` is the version of the mapping it rests on, None for the defaults.
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


def readings(found: Iterable[Found]) -> list[Reading]:
    """The readings by KPI."""
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
        )
        for it in sorted(found, key=lambda it: it.kpi)
    ]
