"""What a decision about settings does to today's figures: looked at before it is taken, and done when it is.

Readings of days that are over keep their colour and their number.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection

from portfolio.facts.gather import day_of, gather
from portfolio.figures.rollup import project_readings, roll_up
from portfolio.governance.scope import EVERYTHING, project_chains
from portfolio.governance.settings import Settings
from portfolio.kpis.rag import OVERALL, project_colours
from portfolio.kpis.reading import Reading


class Recoloured(NamedTuple):
    """A KPI, or the overall colour, of a project that would be another; None where it is not computed."""

    project_id: int
    kpi: str
    before: Reading | None
    after: Reading | None


def recoloured(
    connection: Connection, before: Settings, after: Settings, kpis: Collection[str], now: datetime
) -> list[Recoloured]:
    """What changes colour today if these KPIs are judged by other settings. Nothing is written.

    Computed anew rather than from what is kept, so that it is what the roll-up will then say.
    """
    day = day_of(connection, now.date(), now)
    chains = project_chains(connection)
    found: list[Recoloured] = []
    for project_id, facts in gather(connection, day).items():
        chain = chains.get(project_id, (EVERYTHING,))
        old = project_readings(facts, day, before.of(chain))
        new = {kpi_id: reading for kpi_id, reading in old.items() if kpi_id not in kpis}
        counting = after.of(chain)
        for kpi_id in kpis:
            if kpi_id in counting and counting[kpi_id].on:
                new[kpi_id] = counting[kpi_id].kpi.read(facts, day, counting[kpi_id].limits)
        new |= project_colours(new)
        found += (each for each in _compared(project_id, old, new, (OVERALL, *kpis)) if _differ(each))
    return found


def recolour(connection: Connection, now: datetime) -> int:
    """Compute today's figures anew, in the transaction of the decision. Returns how many readings changed."""
    return roll_up(connection, as_of=now.date(), now=now)


def _compared(
    project_id: int, old: dict[str, Reading], new: dict[str, Reading], kpis: Collection[str]
) -> Iterator[Recoloured]:
    return (Recoloured(project_id, kpi, old.get(kpi), new.get(kpi)) for kpi in kpis)


def _differ(each: Recoloured) -> bool:
    colours = [None if it is None else it.rag for it in (each.before, each.after)]
    return colours[0] is not colours[1]
