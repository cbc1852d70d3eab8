"""The cone of a burn-up: when the open work of a project will be finished, and how good such forecasts were so far.

cone(connection, project_id, as_of) -> Cone | None    None where there is too little to say, or nothing to do
"""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from sqlalchemy import Connection, func, select

from portfolio.facts.durations import teams
from portfolio.facts.pace import paces, since_work
from portfolio.facts.states import V, is_open, is_work, standing
from portfolio.forecast.backtest import FEWEST_WEEKS, SAMPLE_WEEKS, Score, score
from portfolio.forecast.finish import finish


class Cone(NamedTuple):
    """From `as_of` with `backlog` items open, the days by which all of them are done with a probability of 50, 85 and
    95 %; None for one that is more than 260 weeks away. `score` None: the past is too short to try the forecast on."""

    as_of: date
    backlog: int
    half: date | None
    likely: date | None
    nearly_sure: date | None
    score: Score | None


def cone(connection: Connection, project_id: int, as_of: date) -> Cone | None:
    """The forecast of one project, as FLW-09 makes it."""
    only = (project_id,)
    team, pace = teams(connection, as_of, only).get(project_id), paces(connection, as_of, only).get(project_id)
    weeks = since_work(pace, as_of, team.first_day if team else None)
    open_work = standing(select(func.count()).select_from(V), as_of, only).where(is_open(), is_work(as_of))
    backlog = connection.scalar(open_work) or 0
    sample = weeks[-SAMPLE_WEEKS:]
    if not backlog or len(sample) < FEWEST_WEEKS or not any(sample):
        return None
    expected = finish(sample, backlog)
    half, likely, nearly_sure = (expected.day(as_of, percent) for percent in (50, 85, 95))
    return Cone(as_of, backlog, half, likely, nearly_sure, score(weeks))
