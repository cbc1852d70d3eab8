"""Every KPI there is, by id. A new module of KPIs in this package is found by itself."""

from __future__ import annotations

import pkgutil
from collections.abc import Mapping
from importlib import import_module
from types import MappingProxyType

import portfolio.kpis
from portfolio.governance.rules import Step
from portfolio.kpis.declare import DECLARED, Kpi, Together
from portfolio.kpis.rag import MANDATORY, OVERALL

# What works with KPIs rather than declaring some; some of these import this module.
_MACHINERY = frozenset((
    "awaited", "catalogue", "declare", "dependence", "dictionary", "earned", "rag", "reading",
    "singly", "thresholds",
))  # fmt: skip

for _module in pkgutil.iter_modules(portfolio.kpis.__path__):
    if _module.name not in _MACHINERY:
        import_module(f"portfolio.kpis.{_module.name}")

KPIS: Mapping[str, Kpi] = MappingProxyType(dict(sorted(DECLARED.items())))


OF_PERSONS = tuple(kpi_id for kpi_id, kpi in KPIS.items() if kpi.together is Together.PERSONS)
"""Those of all persons together, by id."""


def asked_in(kpi_id: str) -> Step:
    """The step of rules that ask for the reading, or the colour, of that id."""
    if kpi_id in MANDATORY:
        return max(asked_in(each) for each in MANDATORY[kpi_id])
    if kpi_id == OVERALL:
        return max(asked_in(dimension) for dimension in MANDATORY)
    if kpi_id not in KPIS:
        return Step.SCORED
    return max(KPIS[kpi_id].asked_in, Step.OF_SCORE if KPIS[kpi_id].by_colour else Step.SCORED)
