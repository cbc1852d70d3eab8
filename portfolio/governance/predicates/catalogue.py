"""Every predicate there is, by id. A new module of predicates in this package is found by itself."""

from __future__ import annotations

import pkgutil
from collections.abc import Mapping
from importlib import import_module
from types import MappingProxyType

import portfolio.governance.predicates
from portfolio.governance.predicates.declare import DECLARED, Predicate

# What works with predicates rather than declaring some.
_MACHINERY = frozenset(("asking", "catalogue", "declare", "sources"))

for _module in pkgutil.iter_modules(portfolio.governance.predicates.__path__):
    if _module.name not in _MACHINERY:
        import_module(f"portfolio.governance.predicates.{_module.name}")

PREDICATES: Mapping[str, Predicate] = MappingProxyType(DECLARED)
