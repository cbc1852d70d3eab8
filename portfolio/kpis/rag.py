"""The computed colour of a project.

Decision. The full rule judges six dimensions: red if schedule, cost or scope is red or two dimensions are; amber if any
is red or two are amber; grey if fewer than two have data. Only the schedule has KPIs so far, and held to the letter the
rule would leave every project grey. Until the other dimensions have theirs, the three readings of the schedule stand
where the dimensions will:

- red if SCH-01 (SPI) is red, or two of SCH-01, SCH-09 (overdue) and SCH-07 (milestones) are;
- amber if any is red, or two are amber;
- green otherwise;
- grey if fewer than two of the three have data: one number is no evidence, and silence is never green.

SCH-01 decides alone, as the schedule dimension will (SCH-04 takes its place once earned schedule is computed); overdue
items and slipped milestones confirm it or, together, outvote it. The other dimensions are grey with NO_DATA and are
kept as readings, so that nobody takes a missing dimension for a good one. Programs and portfolios have no colour of
their own: theirs is the distribution of their projects' colours. Colours are not averaged.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

from portfolio.kpis.reading import Rag, Reading, Reason, nothing

OVERALL = "RAG"
SCHEDULE = "RAG-SCHEDULE"
DIMENSIONS = (SCHEDULE, "RAG-COST", "RAG-SCOPE", "RAG-QUALITY", "RAG-RISK", "RAG-GOVERNANCE")
LEADING = "SCH-01"
EVIDENCE = ("SCH-09", "SCH-07")
QUORUM = 2


def project_colours(readings: Mapping[str, Reading]) -> dict[str, Reading]:
    """The colours of a project by id (overall and each dimension), from its KPI readings.

    A colour's value is the number of readings that are worse than green, its denominator those that could be judged.
    A KPI that is switched off is one that could not.
    """
    considered = [readings[kpi_id].rag if kpi_id in readings else Rag.GREY for kpi_id in (LEADING, *EVIDENCE)]
    judged = [rag for rag in considered if rag is not Rag.GREY]
    coverage = Fraction(len(judged), len(considered))
    result = {dimension: nothing(Reason.NO_DATA) for dimension in DIMENSIONS}
    if len(judged) < QUORUM:
        schedule = nothing(Reason.NO_DATA, n=len(judged), coverage=coverage)
    else:
        reds, ambers = judged.count(Rag.RED), judged.count(Rag.AMBER)
        if considered[0] is Rag.RED or reds >= QUORUM:
            rag = Rag.RED
        elif reds or ambers >= QUORUM:
            rag = Rag.AMBER
        else:
            rag = Rag.GREEN
        worse = Fraction(reds + ambers)
        schedule = Reading(worse, worse, Fraction(len(judged)), len(judged), coverage, rag=rag)
    return result | {SCHEDULE: schedule, OVERALL: schedule}


def distribution_id(colour: Rag) -> str:
    """The id under which a scope keeps how many of its projects have a colour."""
    return f"{OVERALL}-{colour.name}"


def distribution(colours: Sequence[Rag]) -> dict[str, Reading]:
    """How many projects have which colour: value is the share, numerator the number. Empty scopes have NO_DATA."""
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
    return result
