"""Every fact there is, by name. A new module of facts in this package is found by itself."""

from __future__ import annotations

import pkgutil
from collections.abc import Mapping
from importlib import import_module
from types import MappingProxyType

import portfolio.facts
from portfolio.facts.declare import DECLARED, Fact

# What works with facts rather than declaring some; these import this module.
_MACHINERY = frozenset((
    "catalogue", "changes", "charts", "costs", "curve", "declare", "differences", "durations", "earned", "expenses",
    "gather", "growth", "items", "milestones", "money", "numbers", "pace", "plan", "reports", "series", "spans",
    "staffed", "states",
))  # fmt: skip

for _module in pkgutil.iter_modules(portfolio.facts.__path__):
    if _module.name not in _MACHINERY:
        import_module(f"portfolio.facts.{_module.name}")

FACTS: Mapping[str, Fact] = MappingProxyType(DECLARED)
