"""Who works on what: the hours of each person by project, and between how many projects a week divides them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from portfolio.resources.capacity import NOTHING, Hours, Numbers
from portfolio.resources.load import by_period, load_by_project
from portfolio.resources.periods import Periods
from portfolio.resources.plan import Plan

SWITCH_LOSS = 0.2
"""The share of the time that each project beyond the first is said to cost. Source: practice default, an estimate."""


@dataclass(frozen=True)
class Staffing:
    """Firm and proposed hours by period: a row for each carrier and each project they have any of (their places)."""

    periods: Periods
    carrier: Numbers
    project: Numbers
    hard: Hours
    soft: Hours

    def projects(self, carriers: int) -> Numbers:
        """Among how many projects each of so many carriers is divided in each period: those of which they have firm
        hours.

        Source: RES-05.
        """
        count = np.zeros((carriers, self.hard.shape[1]), np.int64)
        np.add.at(count, self.carrier, self.hard > NOTHING)
        return count


def staffing(plan: Plan, periods: Periods) -> Staffing:
    """Who is to work how much on what. Firm hours are, on each day, the larger of work and firm booking of a project:
    over all projects they are the load.
    """
    return plan.memo.once(("staffing", periods), lambda: _staffing(plan, periods))


def _staffing(plan: Plan, periods: Periods) -> Staffing:
    first, last = periods.days[0].toordinal(), periods.last.toordinal()
    as_of = plan.as_of.toordinal()
    found = load_by_project(plan.rows.work, plan.hard, plan.soft, plan.capacity, as_of, first, last)
    hard, soft = (by_period(it, periods.starts) for it in (found.hard, found.soft))
    some = np.flatnonzero((hard > 0).any(axis=1) | (soft > 0).any(axis=1))
    return Staffing(periods, found.carrier[some], found.project[some], hard[some], soft[some])


def switch_loss(projects: int) -> float:
    """The share of a week that is said to be lost to so many projects in it: a rule of thumb, no figure of a person.

    Source: RES-05, heuristic: 0.2 for each project beyond the first; all of the week at most.
    """
    return min(max(0, projects - 1) * SWITCH_LOSS, 1.0)
