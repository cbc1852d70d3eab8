"""What a decision about settings does to today's figures: looked at before it is taken, and done when it is.

Readings of days that are over keep their colour and their number.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection

from portfolio.audit.entry import Actor
from portfolio.facts.gather import day_of, gather
from portfolio.figures.own import project_readings
from portfolio.figures.rollup import roll_up
from portfolio.governance import store
from portfolio.governance.scope import EVERYTHING, project_chains
from portfolio.governance.settings import Settings
from portfolio.governance.store import Wanted
from portfolio.kpis.rag import OVERALL
from portfolio.kpis.reading import Reading
from portfolio.store.locks import Lock, exclusive


class Recoloured(NamedTuple):
    """A KPI, or the overall colour, of a project that would be another; None where it is not computed."""

    project_id: int
    kpi: str
    before: Reading | None
    after: Reading | None

    @property
    def differs(self) -> bool:
        """Whether it is another colour, or computed only before or only after."""
        return (self.before and self.before.rag) is not (self.after and self.after.rag)


def recoloured(
    connection: Connection, before: Settings, after: Settings, kpis: Collection[str], now: datetime
) -> list[Recoloured]:
    """What changes colour today if these KPIs are judged by other settings. Nothing is written.

    Computed anew rather than from what is kept, so that it is what the roll-up will then say.
    """
    day = day_of(connection, now.date(), now)
    chains = project_chains(connection)
    found: list[Recoloured] = []
    facts = gather(connection, day, units=before.units)
    anew = facts if after.units == before.units else gather(connection, day, units=after.units)
    for project_id, as_now in facts.items():
        chain = chains.get(project_id, (EVERYTHING,))
        old = project_readings(as_now, day, before.of(chain))
        new = project_readings(anew[project_id], day, after.of(chain))
        compared = (Recoloured(project_id, kpi, old.get(kpi), new.get(kpi)) for kpi in (OVERALL, *kpis))
        found += (each for each in compared if each.differs)
    return found


def readings_with(connection: Connection, settings: Settings, kpi_id: str, now: datetime) -> dict[int, Reading]:
    """What a KPI says of each project today under these settings, without the projects where it is off."""
    day = day_of(connection, now.date(), now)
    chains = project_chains(connection)
    found = {}
    for project_id, facts in gather(connection, day, units=settings.units).items():
        resolved = settings.resolve(kpi_id, chains.get(project_id, (EVERYTHING,)))
        if resolved.on:
            found[project_id] = resolved.kpi.read(facts, day, resolved.limits)
    return found


def decide(
    connection: Connection, wanted: Wanted, seen: int, now: datetime, name: str, by: Actor, *, note: str = ""
) -> int | None:
    """`store.decide`, with today's figures computed anew in the same transaction. `now` carries the time zone."""
    # Whoever rolls up may have something to note afterwards, so this lock comes before that of the audit log.
    exclusive(connection, Lock.FIGURES)
    return _settled(connection, store.decide(connection, wanted, seen, now, name, by, note=note), now)


def restore(
    connection: Connection, number: int, seen: int, now: datetime, name: str, by: Actor, *, note: str = ""
) -> int | None:
    """`store.restore`, likewise."""
    exclusive(connection, Lock.FIGURES)
    return _settled(connection, store.restore(connection, number, seen, now, name, by, note=note), now)


def _settled(connection: Connection, number: int | None, now: datetime) -> int | None:
    if number is not None:
        roll_up(connection, as_of=now.date(), now=now)
    return number
