"""Whether the money goes where the organisation wants to go."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from portfolio.facts.gather import Day, ProjectFacts
from portfolio.kpis.declare import Together, Unit, kpi
from portfolio.kpis.reading import Part, Rag, Reading, Reason, nothing, ratio, share
from portfolio.kpis.thresholds import Direction

_JUDGED = frozenset((Rag.GREEN, Rag.AMBER, Rag.RED))


@kpi(
    "BEN-02",
    name="Strategic alignment",
    unit=Unit.RATIO,
    direction=Direction.HIGHER,
    green=".90",
    amber=".75",
    source="practice default",
    symbols="budget linked / budget",
)
def alignment(facts: ProjectFacts, day: Day) -> Reading:
    """Budget of active projects that serve a strategic objective / budget of active projects. Of one project it is 1 or
    0. Objectives count as in BEN-03. The organisation keeps no objectives, or the project has no budget: NO_DATA. Not
    active: NOT_APPLICABLE. Budgets in several currencies: CURRENCY_MIX. Budgets keep no history: NOT_KEPT for a past
    day.
    """
    if day.is_past:
        return nothing(Reason.NOT_KEPT)
    if facts.status != "active":
        return nothing(Reason.NOT_APPLICABLE)
    if facts.objectives is None or facts.budget is None or not facts.budget.amount:
        return nothing(Reason.NO_DATA)
    amount, currency = facts.budget
    linked = amount if facts.objectives else Fraction(0)
    parts = (Part("budget linked", linked, Unit.MONEY), Part("budget", amount, Unit.MONEY))
    return replace(ratio(linked, amount, n=1), currency=currency, parts=parts)


@kpi(
    "BEN-03",
    name="Objective coverage",
    unit=Unit.RATIO,
    direction=Direction.HIGHER,
    green=".90",
    amber=".70",
    source="practice default",
    together=Together.POOLED,
    symbols="carried / objectives",
    by_colour=True,
)
def objective_coverage(facts: ProjectFacts, day: Day) -> Reading:
    """Objectives served by at least one active project that is not red / objectives that these projects serve, that
    are not past, and neither achieved (also in part), missed nor dropped: those ask for no project any more.

    One that no active project serves is not carried. One that only grey projects serve is left out of both: grey is not
    green; of a project coverage is the share of the others. An objective that no project serves stands in no program
    and no portfolio: it is counted, as not carried, in all projects together. A program or portfolio that serves none,
    or an organisation that keeps none: NO_DATA. Links keep no history: NOT_KEPT for a past day.
    """
    if day.is_past:
        return nothing(Reason.NOT_KEPT)
    served = facts.objectives or {}
    judged = [colours for colours in served.values() if not colours or colours & _JUDGED]
    if not judged:
        return nothing(Reason.NO_DATA, coverage=share(0, len(served)))
    carried = sum(bool(colours & {Rag.GREEN, Rag.AMBER}) for colours in judged)
    reading = ratio(carried, len(judged), coverage=share(len(judged), len(served)))
    return replace(reading, parts=(Part("carried", carried), Part("objectives", len(judged))))
