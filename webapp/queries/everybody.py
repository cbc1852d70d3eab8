"""Figures of all persons together, for whoever sees the load of everybody."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from portfolio.access.matrix import Capability, Right
from portfolio.access.rows import sees_all
from portfolio.access.viewer import Viewer
from portfolio.figures.keep import Said, standing_of
from portfolio.figures.members import ALL
from portfolio.governance.scope import EVERYTHING
from portfolio.governance.settings import read_settings
from portfolio.kpis.catalogue import OF_PERSONS
from portfolio.kpis.declare import Kpi
from webapp.queries.readings import newest_day


@dataclass(frozen=True)
class Figure:
    """A KPI with the limits in force, and what it said when figures were last computed."""

    kpi: Kpi
    said: Said


def figures_of_everybody(connection: Connection, viewer: Viewer) -> tuple[Figure, ...]:
    """The figures of all persons, in the order of the catalogue. Nothing for who sees the load of some alone, and
    before figures were ever computed."""
    everybody = (sees_all(viewer, Capability.ALLOCATIONS, right) for right in (Right.VIEW, Right.GROUPED))
    day = newest_day(connection) if any(everybody) else None
    if day is None:
        return ()
    kpis = read_settings(connection).kpis_of((EVERYTHING,))
    found = standing_of(connection, ALL, OF_PERSONS, day)
    return tuple(Figure(kpis[it.kpi], it) for it in sorted(found, key=lambda it: OF_PERSONS.index(it.kpi)))
