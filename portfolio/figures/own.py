"""What is said of one project by itself, worked out anew only where it rests on something else than the last time.

A reading follows from the facts of the project, the day and the settings, and from nothing else. So what was said of a
project of the present day is kept in this process, with what it rests on; where all of that is equal, it is said again.
A sync that touched one project of very many has the readings of that one worked out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from fractions import Fraction
from operator import attrgetter
from types import MappingProxyType
from typing import NamedTuple

from portfolio.facts.gather import Day, ProjectFacts
from portfolio.governance.scope import EVERYTHING, Chain
from portfolio.governance.settings import SHIPPED, Resolved, Settings
from portfolio.kpis.confidence import grade, of_project
from portfolio.kpis.declare import Together
from portfolio.kpis.rag import OVERALL, project_colours
from portfolio.kpis.reading import Rag, Reading, Reason

NONE: Mapping[str, str] = MappingProxyType({})
NOTHING: Mapping[int, Mapping[str, str]] = MappingProxyType({})


class Own(NamedTuple):
    """What is said of one project by itself, by KPI: its readings, and how far each can be trusted."""

    readings: Mapping[str, Reading]
    grades: Mapping[str, str | None]


@dataclass(frozen=True)
class _Last:
    """The last time: the day, the settings, and of each project its facts, its scopes and what was said."""

    day: Day
    settings: Settings
    said: Mapping[int, tuple[ProjectFacts, Chain, Own]]

    def of(self, day: Day, settings: Settings) -> Mapping[int, tuple[ProjectFacts, Chain, Own]]:
        """What was said of the day by these settings."""
        alike = (self.day.as_of, self.day.calendar) == (day.as_of, day.calendar) and self.settings == settings
        return self.said if alike else {}


_last: _Last | None = None

# When it was last synced is a matter of KPIs of the moment alone, which are read each time.
_resting_on = attrgetter(*(each.name for each in fields(ProjectFacts) if each.name != "synced_at"))


def read_each(
    day: Day,
    facts: Mapping[int, ProjectFacts],
    settings: Settings,
    chains: Mapping[int, Chain],
    observed: Mapping[int, Mapping[str, str]] = NOTHING,
) -> dict[int, Own]:
    """What is said of projects by themselves. `observed` are the colours that were kept on a past day, by project."""
    global _last
    if day.is_past:
        counting = {project_id: settings.of(chains.get(project_id, (EVERYTHING,))) for project_id in facts}
        return {
            project_id: _own(facts[project_id], day, resolved, observed.get(project_id, NONE))
            for project_id, resolved in counting.items()
        }
    known = {} if _last is None else _last.of(day, settings)
    said = {}
    for project_id, of_it in facts.items():
        chain = chains.get(project_id, (EVERYTHING,))
        before = known.get(project_id)
        if before and before[1] == chain and _resting_on(before[0]) == _resting_on(of_it):
            said[project_id] = of_it, chain, _of_now(before[2], of_it, day, settings.of(chain))
        else:
            said[project_id] = of_it, chain, _own(of_it, day, settings.of(chain))
    _last = _Last(day, settings, {**known, **said})
    return {project_id: own for project_id, (_, _, own) in said.items()}


def _own(facts: ProjectFacts, day: Day, resolved: Mapping[str, Resolved], kept: Mapping[str, str] = NONE) -> Own:
    readings, best = project_readings(facts, day, resolved, kept), of_project(facts)
    return Own(readings, {kpi_id: grade(reading, best) for kpi_id, reading in readings.items()})


def _of_now(own: Own, facts: ProjectFacts, day: Day, resolved: Mapping[str, Resolved]) -> Own:
    """The same, with what is of the moment read anew."""
    asked = [it for kpi_id, it in resolved.items() if it.kpi.of_now and kpi_id in own.readings]
    anew = {it.kpi.id: it.kpi.read(facts, day, it.limits) for it in asked}
    best = of_project(facts)
    graded = {kpi_id: grade(reading, best) for kpi_id, reading in anew.items()}
    return Own({**own.readings, **anew}, {**own.grades, **graded})


def project_readings(
    facts: ProjectFacts, day: Day, resolved: Mapping[str, Resolved] = SHIPPED, kept: Mapping[str, str] = NONE
) -> dict[str, Reading]:
    """Every reading of one project, its colours included, by id; without the KPIs that are off in it.

    `kept` are the colours that were observed on a past day. They count where only the present knows the reading: the
    colour of the project does not change because time went by.
    """
    counting = [(kpi_id, it) for kpi_id, it in resolved.items() if it.on and it.kpi.together is not Together.PERSONS]
    readings = {kpi_id: it.kpi.read(facts, day, it.limits) for kpi_id, it in counting if not it.kpi.by_colour}
    observed = {
        kpi_id: Reading(Fraction(1), rag=Rag(kept[kpi_id]))
        for kpi_id, reading in readings.items()
        if reading.reason is Reason.NOT_KEPT and kpi_id in kept
    }
    colours = project_colours(readings | observed)
    knowing = facts.with_colour(colours[OVERALL].rag)
    readings |= {kpi_id: it.kpi.read(knowing, day, it.limits) for kpi_id, it in counting if it.kpi.by_colour}
    return readings | colours
