"""The computed colour of a project, by dimension and overall.

A dimension has the worst colour among its mandatory KPIs that have one. Overall:

- red if schedule, cost or scope is red, or two dimensions are;
- amber if any is red, or two are amber;
- green otherwise;
- grey if fewer than two dimensions have data: one number is no evidence, and silence is never green.

A KPI that is not read of a project (not declared, or off in it) has no colour, like one without a value. Programs and
portfolios have no colour of their own: theirs is the distribution of their projects' colours, by number and by budget.
Colours are not averaged. Source: domain specification, "computed RAG per project" (docs/decisions/0017).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction

from portfolio.facts.money import Money
from portfolio.kpis.reading import Rag, Reading, Reason, nothing, share

OVERALL = "RAG"
MANDATORY: Mapping[str, tuple[str, ...]] = {
    "RAG-SCHEDULE": ("SCH-04", "SCH-13"),
    "RAG-COST": ("CST-01",),
    "RAG-SCOPE": ("SCP-01",),
    "RAG-QUALITY": ("QLT-03",),
    "RAG-RISK": ("RSK-02",),
    "RAG-GOVERNANCE": ("GOV-01",),
}
"""By which KPIs each dimension is judged."""
DIMENSIONS = tuple(MANDATORY)
LEADING = ("RAG-SCHEDULE", "RAG-COST", "RAG-SCOPE")
"""The dimensions of which one red is enough."""
QUORUM = 2
BY_BUDGET = "RAG-BUDGET"


def project_colours(readings: Mapping[str, Reading]) -> dict[str, Reading]:
    """The colours of a project by id (overall and each dimension), from its KPI readings.

    A colour's value is the number of KPIs, or of dimensions, that are worse than green; its denominator is the number
    of those that could be judged. Without any, it has the reason of the first KPI.
    """
    dimensions = {
        dimension: _worst([readings[kpi_id] for kpi_id in kpi_ids if kpi_id in readings])
        for dimension, kpi_ids in MANDATORY.items()
    }
    colours = {dimension: reading.rag for dimension, reading in dimensions.items()}
    judged = [rag for rag in colours.values() if rag is not Rag.GREY]
    coverage = Fraction(len(judged), len(colours))
    if len(judged) < QUORUM:
        return dimensions | {OVERALL: nothing(Reason.NO_DATA, n=len(judged), coverage=coverage)}
    reds, ambers = judged.count(Rag.RED), judged.count(Rag.AMBER)
    if reds >= QUORUM or any(colours[dimension] is Rag.RED for dimension in LEADING):
        rag = Rag.RED
    elif reds or ambers >= QUORUM:
        rag = Rag.AMBER
    else:
        rag = Rag.GREEN
    return dimensions | {OVERALL: _colour(rag, reds + ambers, len(judged), coverage)}


def _worst(readings: Sequence[Reading]) -> Reading:
    colours = [reading.rag for reading in readings if reading.rag is not Rag.GREY]
    if not colours:
        first = next((reading.reason for reading in readings if reading.value is None), None)
        return nothing(first or Reason.NO_DATA)
    worst = next(rag for rag in (Rag.RED, Rag.AMBER, Rag.GREEN) if rag in colours)
    worse = sum(rag is not Rag.GREEN for rag in colours)
    return _colour(worst, worse, len(colours), Fraction(len(colours), len(readings)))


def _colour(rag: Rag, worse: int, judged: int, coverage: Fraction) -> Reading:
    return Reading(Fraction(worse), Fraction(worse), Fraction(judged), judged, coverage, rag=rag)


def distribution_id(colour: Rag) -> str:
    """The id under which a scope keeps how many of its projects have a colour."""
    return f"{OVERALL}-{colour.name}"


def by_budget_id(colour: Rag) -> str:
    """The id under which a scope keeps how much budget lies in projects of a colour."""
    return f"{BY_BUDGET}-{colour.name}"


def distribution(colours: Sequence[Rag], budgets: Sequence[Money | None] | None) -> dict[str, Reading]:
    """Which share of the projects, and of their budgets, has which colour: value is the share, numerator the number or
    the amount. Empty scopes have NO_DATA.

    `budgets` in the order of the colours, None for a project without one; None instead of all of them for a day whose
    budgets nobody kept. By budget, n is the number of projects with one, and coverage their share.
    """
    result = {OVERALL: nothing(Reason.NOT_APPLICABLE, n=len(colours))}
    for colour in Rag:
        if colours:
            count, total = Fraction(colours.count(colour)), Fraction(len(colours))
            result[distribution_id(colour)] = Reading(count / total, count, total, len(colours), rag=colour)
        else:
            result[distribution_id(colour)] = nothing(Reason.NO_DATA)
    judged = sum(colour is not Rag.GREY for colour in colours)
    if colours:
        result[OVERALL] = nothing(Reason.NOT_APPLICABLE, n=len(colours), coverage=Fraction(judged, len(colours)))
    return result | _by_budget(colours, budgets)


def _by_budget(colours: Sequence[Rag], budgets: Sequence[Money | None] | None) -> dict[str, Reading]:
    if budgets is None:
        return _all(nothing(Reason.NOT_KEPT))
    known = [(colour, budget) for colour, budget in zip(colours, budgets, strict=True) if budget is not None]
    coverage, currencies = share(len(known), len(colours)), {budget.currency for _, budget in known}
    if len(currencies) > 1:
        return _all(nothing(Reason.CURRENCY_MIX, n=len(known), coverage=coverage))
    total = sum((budget.amount for _, budget in known), Fraction(0))
    if not total:
        return _all(nothing(Reason.NO_DATA, n=len(known), coverage=coverage))
    (currency,) = currencies
    result = {}
    for colour in Rag:
        amount = sum((budget.amount for own, budget in known if own is colour), Fraction(0))
        result[by_budget_id(colour)] = Reading(
            amount / total, amount, total, len(known), coverage, rag=colour, currency=currency
        )
    return result


def _all(reading: Reading) -> dict[str, Reading]:
    return {by_budget_id(colour): reading for colour in Rag}


def mandatory() -> Iterable[str]:
    """The KPIs that decide a colour, those of the leading dimensions first."""
    return (kpi_id for kpi_ids in MANDATORY.values() for kpi_id in kpi_ids)
