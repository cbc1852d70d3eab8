"""What the pictures of a project are made of: asked for by the page with the tables and by each picture alike."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from flask import request
from sqlalchemy import Connection

from portfolio.access.viewer import Viewer
from portfolio.facts.charts.ageing import AgeingItem, ageing
from portfolio.facts.charts.cone import Cone, cone
from portfolio.facts.charts.cumulative import cumulative_flow
from portfolio.governance.scope import project_chains
from portfolio.governance.settings import read_settings
from webapp import signin, trends
from webapp.as_of import AsOf
from webapp.charts import flow, milestones
from webapp.charts.look import Spec
from webapp.queries.readings import newest
from webapp.queries.slips import Told, slips_of
from webapp.queries.trend import kept_of, weeks_to
from webapp.queries.trend import trends as trends_from
from webapp.words import say

WEEKS = 27
"""Half a year of weekly numbers and dates, both ends included."""
MOST_AGED = 25
USUAL = "FLW-01"
"""The age by which 85 % of the work was done."""


def counts_of(connection: Connection, project_id: int, shown: AsOf) -> tuple[flow.Count, ...]:
    """Work by how far it was, from the first week in which there was any; empty where there never was."""
    days = cumulative_flow(connection, project_id, weeks_to(shown.day, WEEKS))
    begun = next((place for place, day in enumerate(days) if day.scope), len(days))
    return tuple(flow.Count(*day) for day in days[begun:])


def slips(connection: Connection, project_id: int, shown: AsOf) -> list[Told]:
    """The milestones of which a day was told."""
    return [it for it in slips_of(connection, project_id, weeks_to(shown.day, WEEKS)) if it.told]


def usual_age(connection: Connection, project_id: int, shown: AsOf, viewer: Viewer) -> float | None:
    """The age by which 85 % of the finished work was done, in days; None where that is not known."""
    if shown.figures is None:
        return None
    found = newest(connection, shown.figures, ("project",), viewer, scope_ids=(project_id,), kpis=(USUAL,))
    reading = found.get(("project", project_id), {}).get(USUAL)
    return reading.value if reading else None


def reaches(found: Cone | None) -> tuple[flow.Reach, ...]:
    """The days by which all work will be done, by how sure that is."""
    days = ((50, found.half), (85, found.likely), (95, found.nearly_sure)) if found else ()
    return tuple(flow.Reach(percent, day) for percent, day in days if day is not None)


def aged(connection: Connection, project_id: int, shown: AsOf) -> tuple[AgeingItem, ...]:
    """The work in progress, the oldest first."""
    return ageing(connection, project_id, shown.day, MOST_AGED)


def _words(*names: str) -> Mapping[str, str]:
    return {name: say("chart", name) for name in names}


def _trend(connection: Connection, project_id: int, shown: AsOf) -> Spec | None:
    asked = request.args.get("kpi", "")
    if asked not in trends.MAIN:
        return None
    days = weeks_to(shown.day)
    kpis = read_settings(connection).kpis_of(project_chains(connection, project_id)[project_id])
    found = trends_from(kept_of(connection, project_id, (asked,), days), (kpis[asked],), days) if asked in kpis else ()
    return trends.picture_of(found[0]) if found else None


def _burn_up(connection: Connection, project_id: int, shown: AsOf) -> Spec | None:
    counts = counts_of(connection, project_id, shown)
    ahead = reaches(cone(connection, project_id, shown.day))
    return flow.burn_up(counts, ahead, _words("scope", "done", "items", "sure")) if counts else None


def _flow(connection: Connection, project_id: int, shown: AsOf) -> Spec | None:
    counts = counts_of(connection, project_id, shown)
    return flow.cumulative(counts, _words("todo", "in_progress", "done", "items")) if counts else None


def _ageing(connection: Connection, project_id: int, shown: AsOf) -> Spec | None:
    items = [flow.Aged(it.key, it.age, it.flow) for it in aged(connection, project_id, shown)]
    usual = usual_age(connection, project_id, shown, signin.viewer())
    return flow.ageing(items, usual, _words("days", "usual", "active", "wait", "blocked")) if items else None


def _milestones(connection: Connection, project_id: int, shown: AsOf) -> Spec:
    lines = [milestones.Line(it.name, it.dues) for it in slips(connection, project_id, shown)]
    return milestones.slip(weeks_to(shown.day, WEEKS), lines, _words("told", "due"))


Draw = Callable[[Connection, int, AsOf], Spec | None]
"""Makes the picture of a project as of a day; None: there is nothing to draw."""
FIGURES: Mapping[str, Draw] = {"trend": _trend, "burn-up": _burn_up, "flow": _flow, "ageing": _ageing}
"""Pictures of figures, by name: for those who see the figures of the project."""
PLANS: Mapping[str, Draw] = {"milestones": _milestones}
"""Pictures of what was planned: for all who see the project."""
