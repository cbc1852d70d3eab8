"""Which readings the pages show where, and in which unit they are read out. Names of KPIs, no formula.

The KPIs themselves are the catalogue's: a KPI it gains shows on the project page and in the dictionary by itself, under
the subject its id begins with.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from portfolio.figures.read import Kept
from portfolio.kpis.declare import Kpi, Unit
from portfolio.kpis.rag import DIMENSIONS as COLOURS
from portfolio.kpis.rag import OVERALL, by_budget_id, distribution_id, mandatory
from portfolio.kpis.reading import Rag
from webapp.queries.readings import Readings

COLUMNS: Mapping[str, str] = {
    "completion": "PRG-01",
    "overdue": "SCH-09",
    "spi": "SCH-04",
    "slip": "SCH-07",
    "forecast": "SCH-05",
    "report": "STK-02",
}
"""The columns of the portfolio table, in order: the name in the URL, and the KPI."""

TREND = "spi"
"""The column that tells which way it goes without being asked."""

COLOUR_ORDER = ("red", "amber", "green", "grey")
COLOUR_COUNTS: Mapping[str, str] = {rag: distribution_id(Rag(rag)) for rag in COLOUR_ORDER}
"""Under which ids a scope keeps how many of its projects have a colour, worst first."""
COLOUR_BUDGETS: Mapping[str, str] = {rag: by_budget_id(Rag(rag)) for rag in COLOUR_ORDER}
"""Under which ids a scope keeps how much of their budget lies in a colour, worst first."""

SHOWN = (*COLUMNS.values(), OVERALL, *COLOURS, *COLOUR_COUNTS.values(), *COLOUR_BUDGETS.values())
"""All readings the portfolio table needs."""

DIMENSION_NAMES = tuple(colour.partition("-")[2].lower() for colour in COLOURS)
"""The dimensions a project is judged in."""

COUNTED = frozenset({"overdue"})
"""Columns that show how many (the numerator) rather than which share; the colour is the share's."""

INDEXES = frozenset({"SCH-01", "SCH-04", "SCH-06", "CST-01", "CST-05"})
"""Ratios that are spoken of as an index (0.93), not as a percentage."""

ON_PAGE: Mapping[str, str] = {
    "SCH-07": "milestones",
    "SCH-07-MAX": "milestones",
    "SCH-08": "milestones",
    "STK-01": "reports",
    "STK-02": "reports",
    "STK-03": "reports",
    "DQ-04": "data",
    "GOV-01": "rules",
    "GOV-06": "rules",
}
"""KPIs whose evidence is a section of the project page."""

SUBJECTS = ("PRG", "SCH", "CST", "SCP", "FLW", "QLT", "RSK", "RES", "GOV", "BEN", "STK", "DQ", "OWN")


@dataclass(frozen=True)
class Subject:
    """KPIs whose ids begin alike, with a scope's readings of them."""

    name: str
    readings: tuple[tuple[Kpi, Kept], ...]


def _subject_of(kpi_id: str) -> str:
    return kpi_id.partition("-")[0]


def _place(name: str) -> int:
    return SUBJECTS.index(name) if name in SUBJECTS else len(SUBJECTS)


def by_subject(kpis: Mapping[str, Kpi]) -> Sequence[tuple[str, Sequence[Kpi]]]:
    """The KPIs by subject."""
    names = sorted({_subject_of(kpi_id) for kpi_id in kpis}, key=_place)
    return [(name, [kpi for kpi in kpis.values() if _subject_of(kpi.id) == name]) for name in names]


def subjects(readings: Readings, kpis: Mapping[str, Kpi]) -> tuple[Subject, ...]:
    """A scope's readings by subject; a KPI without a reading is left out."""
    found = (
        Subject(name, tuple((kpi, readings[kpi.id]) for kpi in of_subject if kpi.id in readings))
        for name, of_subject in by_subject(kpis)
    )
    return tuple(subject for subject in found if subject.readings)


def attention(readings: Readings, rag: str, kpis: Mapping[str, Kpi]) -> tuple[Kpi, ...]:
    """The KPIs of that colour, those that weigh most in the overall colour first; a largest value beside its mean
    is left out."""
    found = [kpi for kpi in kpis.values() if kpi.id in readings and readings[kpi.id].rag == rag]
    ids = {kpi.id for kpi in found}
    telling = [kpi for kpi in found if not (kpi.id.endswith("-MAX") and kpi.id.removesuffix("-MAX") in ids)]
    return tuple(kpis[kpi_id] for kpi_id in attention_order(kpi.id for kpi in telling))


def attention_order(kpi_ids: Iterable[str]) -> list[str]:
    """KPIs in order, those that weigh most in the overall colour first."""
    leading = tuple(mandatory())

    def weight(kpi_id: str) -> tuple[int, int]:
        return leading.index(kpi_id) if kpi_id in leading else len(leading), _place(_subject_of(kpi_id))

    return sorted(kpi_ids, key=weight)


def dimensions(readings: Readings) -> tuple[tuple[str, Kept], ...]:
    """The computed colours of a project by dimension, as stored: (schedule, reading) and so on."""
    return tuple(
        (name, readings[colour]) for name, colour in zip(DIMENSION_NAMES, COLOURS, strict=True) if colour in readings
    )


def colour_counts(readings: Readings) -> tuple[tuple[str, int], ...]:
    """How many projects of a group have which colour, worst first, without the colours none has."""
    counts = ((rag, readings.get(kpi_id)) for rag, kpi_id in COLOUR_COUNTS.items())
    return tuple((rag, int(reading.numerator)) for rag, reading in counts if reading and reading.numerator)


@dataclass(frozen=True)
class ByBudget:
    """Which share of the budgets of a group's projects lies in which colour, worst first, without those of none.

    `budgets` of the group's `projects` have one. Without shares there is a `reason`.
    """

    shares: tuple[tuple[str, float], ...]
    budgets: int
    projects: int
    reason: str | None


def by_budget(readings: Readings) -> ByBudget | None:
    """The distribution of a group's budgets over the colours of its projects; None where nothing is kept of it."""
    found = [(rag, readings[kpi_id]) for rag, kpi_id in COLOUR_BUDGETS.items() if kpi_id in readings]
    if not found:
        return None
    one = found[0][1]
    projects = readings[OVERALL].n if OVERALL in readings else one.n
    return ByBudget(tuple((rag, it.value) for rag, it in found if it.value), one.n, projects, one.reason)


def shown_value(reading: Kept, *, counted: bool = False) -> float | None:
    """What a cell shows: the value, or how many it stands for."""
    return reading.numerator if counted and reading.value is not None else reading.value


def shown_unit(kpi: Kpi, *, counted: bool = False) -> str:
    """The unit a value is read out in: the KPI's own, `index` for an index, `n` for a count, `percent` for a share."""
    if counted:
        return Unit.COUNT
    if kpi.unit is Unit.RATIO:
        return "index" if kpi.id in INDEXES else "percent"
    return kpi.unit
