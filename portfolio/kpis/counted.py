"""Shares of one fact in another, with both numbers as the parts of the formula."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from portfolio.facts.gather import ProjectFacts
from portfolio.kpis.reading import Part, Reading, ratio


def counted(
    facts: ProjectFacts, over: str, under: str, *, n: int | None = None, coverage: Fraction | None = None
) -> Reading:
    """`ratio` of two facts, by name; their names are the symbols."""
    parts = (Part(over, facts[over]), Part(under, facts[under]))
    return replace(ratio(facts[over], facts[under], n=n, coverage=coverage), parts=parts)
