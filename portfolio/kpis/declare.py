"""How a KPI is declared: one function from facts to a reading, with its name, unit, limits and source beside it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum

from portfolio.facts.gather import Day, ProjectFacts
from portfolio.governance.rules import Step
from portfolio.kpis.reading import Reading
from portfolio.kpis.thresholds import Direction, Thresholds

Formula = Callable[[ProjectFacts, Day], Reading]


class Unit(StrEnum):
    """What a value is counted in. A date is its ordinal number (`date.toordinal`)."""

    RATIO = "ratio"
    COUNT = "n"
    PER_WEEK = "n/wk"
    DAYS = "d"
    WORKDAYS = "wd"
    HOURS = "h"
    MINUTES = "min"
    WEEKS = "wk"
    POINTS = "pts"
    MONEY = "money"
    DATE = "date"


class Together(StrEnum):
    """How the readings of projects become that of a program, a portfolio or all."""

    RATIO = "sum of numerators over sum of denominators"
    SUM = "sum of the projects' values"
    POOLED = "computed anew over all items of the projects together"
    WORST = "the worst of the projects"
    NOT = "of single projects only"
    PERSONS = "of all persons together; of no single project, program or portfolio"


@dataclass(frozen=True)
class Kpi:
    """One KPI. `words` (the docstring) gives formula and edge cases; `thresholds` None: it has no limits of its own.

    `symbols` is the formula in short; each symbol in it is one of the reading's parts, or stands for the value itself
    left of the equals sign. `behind` names the facts whose items stand behind the value. `by_colour`: it is read once
    the project's colour is known, from facts that tell it. `asked_in`: the first rules that may ask for it: it counts
    what those before found. `judged` says what the limits are held against, where that is not the value: then they are
    no numbers to be shown on its scale. `of_now`: also the time of the day and of the last sync matter to it; to all
    others only the day does.
    """

    id: str
    name: str
    unit: Unit
    direction: Direction
    thresholds: Thresholds | None
    source: str
    together: Together
    symbols: str
    behind: tuple[str, ...]
    words: str
    formula: Formula
    by_colour: bool = False
    asked_in: Step = Step.SCORED
    judged: str = ""
    of_now: bool = False

    def read(self, facts: ProjectFacts, day: Day, limits: Thresholds | None = None) -> Reading:
        """The reading for these facts, with its colour by `limits`, or by its own thresholds."""
        return self.coloured(self.formula(facts, day), limits)

    def coloured(self, reading: Reading, limits: Thresholds | None = None) -> Reading:
        """The reading with the colour its value (or what is judged instead) has by `limits`, or by its own."""
        thresholds = limits or self.thresholds
        if reading.value is None or not reading.judgeable:
            return reading
        if reading.settled is not None:
            return replace(reading, rag=reading.settled)
        if thresholds is None:
            return reading
        judged = reading.value if reading.judged is None else reading.judged
        return replace(reading, rag=thresholds.rag(judged))


DECLARED: dict[str, Kpi] = {}


def kpi(
    kpi_id: str,
    *,
    name: str,
    unit: Unit,
    direction: Direction,
    source: str,
    green: str | None = None,
    amber: str | None = None,
    together: Together = Together.RATIO,
    symbols: str = "",
    behind: tuple[str, ...] = (),
    by_colour: bool = False,
    asked_in: Step = Step.SCORED,
    judged: str = "",
    of_now: bool = False,
) -> Callable[[Formula], Kpi]:
    """Declare a KPI. `green` and `amber` come together or not at all."""

    def declare(formula: Formula) -> Kpi:
        words = (formula.__doc__ or "").strip()
        if not words or not source:
            raise TypeError(f"{kpi_id} needs a docstring with its formula, and a source")
        if kpi_id in DECLARED:
            raise TypeError(f"{kpi_id} is declared twice")
        limits = None if green is None or amber is None else Thresholds(direction, green, amber)
        declared = DECLARED[kpi_id] = Kpi(
            kpi_id,
            name,
            unit,
            direction,
            limits,
            source,
            together,
            symbols,
            behind,
            words,
            formula,
            by_colour,
            asked_in,
            judged,
            of_now,
        )
        return declared

    return declare
