"""The readings of all scopes before and after, and those that are different."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from sqlalchemy import Connection, delete, select

from portfolio.figures.rollup import roll_up
from portfolio.model.oversight import KpiValue
from portfolio.model.structure import Portfolio, Program, Project
from sync.preview.result import Figure, KpiChange

Key = tuple[str, int, str]
Figures = Mapping[Key, Figure]
MOST = 2_000
"""So many changes are kept, those of colours first."""


def compute(store: Connection, as_of: date, now: datetime) -> Figures:
    """Every reading, from the rows as they stand."""
    store.execute(delete(KpiValue))
    roll_up(store, as_of=as_of, now=now)
    columns = (KpiValue.scope_type, KpiValue.scope_id, KpiValue.kpi, KpiValue.value, KpiValue.rag, KpiValue.reason)
    return {(row[0], row[1], row[2]): Figure(*row[3:]) for row in store.execute(select(*columns))}


def unlike(store: Connection, before: Figures, after: Figures) -> list[KpiChange]:
    """The readings whose value, colour or reason changes, those of colours first, the widest scopes first."""
    named = _names(store)
    found = []
    for key in before.keys() | after.keys():
        old, new = before.get(key), after.get(key)
        if old != new:
            scope_type, scope_id, kpi = key
            name, code = named.get((scope_type, scope_id), ("", ""))
            found.append(KpiChange(scope_type, scope_id, name, code, kpi, old, new))
    found.sort(key=lambda each: (not each.recoloured, _WIDTH[each.scope_type], each.code, each.scope_id, each.kpi))
    return found


_WIDTH = {"all": 0, "portfolio": 1, "program": 2, "project": 3}


def _names(store: Connection) -> dict[tuple[str, int], tuple[str, str]]:
    named = {}
    for scope_type, model in (("portfolio", Portfolio), ("program", Program), ("project", Project)):
        for ident, name, code in store.execute(select(model.id, model.name, model.code)):
            named[scope_type, ident] = (name, code)
    return named
