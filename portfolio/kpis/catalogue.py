"""Every KPI there is, by id. A new module of KPIs in this package is found by itself."""

from __future__ import annotations

import pkgutil
from collections.abc import Mapping
from importlib import import_module
from types import MappingProxyType

import portfolio.kpis
from portfolio.kpis.declare import DECLARED, Kpi
from portfolio.kpis.rag import MANDATORY, OVERALL

# What works with KPIs rather than declaring some; some of these import this module.
_MACHINERY = frozenset((
    "awaited", "catalogue", "declare", "dependence", "dictionary", "earned", "rag", "reading", "thresholds",
))  # fmt: skip

for _module in pkgutil.iter_modules(portfolio.kpis.__path__):
    if _module.name not in _MACHINERY:
        import_module(f"portfolio.kpis.{_module.name}")

KPIS: Mapping[str, Kpi] = MappingProxyType(dict(sorted(DECLARED.items())))


def rests_on_rules(kpi_id: str) -> bool:
    """Whether what rules found decides the reading, or the colour, of that id."""
    if kpi_id in MANDATORY:
        return any(rests_on_rules(each) for each in MANDATORY[kpi_id])
    if kpi_id == OVERALL:
        return any(rests_on_rules(dimension) for dimension in MANDATORY)
    return kpi_id in KPIS and (KPIS[kpi_id].of_rules or KPIS[kpi_id].by_colour)
