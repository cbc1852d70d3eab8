"""How old what we know is: the project's own report, and what its trackers sent."""

from __future__ import annotations

from datetime import datetime
from fractions import Fraction

from sqlalchemy import Connection

from portfolio.facts.gather import Day, ProjectFacts
from portfolio.facts.lifecycle import OVER
from portfolio.facts.reports import last_syncs
from portfolio.kpis.declare import Together, Unit, kpi
from portfolio.kpis.reading import Reading, Reason, nothing
from portfolio.kpis.thresholds import Direction


@kpi(
    "STK-02",
    name="Age of the last report",
    unit=Unit.WORKDAYS,
    direction=Direction.LOWER,
    green="5",
    amber="10",
    source="practice default",
)
def report_age(facts: ProjectFacts, day: Day) -> Reading:
    """Working days since the project's last status update. Never reported: NO_DATA. Closed or cancelled:
    NOT_APPLICABLE. Programs and portfolios: the mean over projects that report, coverage telling how many do.
    """
    if facts.status in OVER:
        return nothing(Reason.NOT_APPLICABLE)
    if facts.last_report is None:
        return nothing(Reason.NO_DATA)
    age = Fraction(day.calendar.since(facts.last_report.on, day.as_of))
    return Reading(age, age, Fraction(1), 1)


@kpi(
    "DQ-06",
    name="Age of the data",
    unit=Unit.MINUTES,
    direction=Direction.LOWER,
    green="60",
    amber="240",
    source="practice default",
    together=Together.WORST,
    of_now=True,
)
def data_age(facts: ProjectFacts, day: Day) -> Reading:
    """Minutes since what feeds the project was last read whole, by the tracker's project heard longest ago.

    One that was never read whole: NO_DATA. A project no tracker feeds: NOT_APPLICABLE. Any day before the present one:
    NOT_KEPT, because only the last time is known. Programs and portfolios: the oldest of their projects. Items that are
    missing on either side are no part of it: a census finds them, and they stand with the absences.
    """
    if not facts.fed:
        return nothing(Reason.NOT_APPLICABLE)
    if day.is_past:
        return nothing(Reason.NOT_KEPT)
    if facts.synced_at is None:
        return nothing(Reason.NO_DATA)
    seconds = max(0, int((day.now - facts.synced_at).total_seconds()))
    return Reading(Fraction(seconds, 60), n=1)


def data_age_now(connection: Connection, project_id: int, now: datetime) -> Reading:
    """DQ-06 at this moment. The stored reading is of the last roll-up, and data ages while nothing is rolled up."""
    synced = last_syncs(connection, now, (project_id,))
    facts = ProjectFacts(fed=project_id in synced, synced_at=synced.get(project_id))
    return data_age.read(facts, Day(now.date(), now))
