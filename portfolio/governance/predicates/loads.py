"""Whether those whom a project asks for can do what is planned. Shown is load alone: never whose it is."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal, InvalidOperation

from sqlalchemy import and_, or_

from portfolio.facts.gather import Day
from portfolio.governance.predicates import sources
from portfolio.governance.predicates.declare import Check, predicate
from portfolio.governance.rules import Part, RuleError
from portfolio.model.resources import PlannedLoad
from portfolio.resources.load import OVER_DAYS
from portfolio.resources.periods import monday
from portfolio.resources.planned import WEEKS

FULL = Decimal(1)
MOST = Decimal(10)


class PersonLoadLe(Part, frozen=True, kw_only=True):
    """`max` is a share of capacity, 1 for all of it; `weeks` those that come, that of the day first."""

    max: str = "1"
    weeks: int = WEEKS


@predicate("person_load_le", PersonLoadLe)
def person_load_le(params: PersonLoadLe, day: Day) -> Check:
    """Nobody is loaded beyond this in a week in which the project asks for them; nor, where that is all of their
    capacity, on two days of it. Load is of all projects together, proposed bookings not counted."""
    try:
        limit = Decimal(params.max)
    except InvalidOperation as error:
        raise RuleError("params", 'max: give a share of the capacity as text, such as "1".') from error
    if not (limit.is_finite() and 0 < limit <= MOST):
        raise RuleError("params", f"max: give a share from above 0 to {MOST}.")
    if not 0 < params.weeks <= WEEKS:
        raise RuleError("params", f"weeks: give a number from 1 to {WEEKS}.")
    last = monday(day.as_of) + timedelta(weeks=params.weeks - 1)
    within = and_(PlannedLoad.week >= monday(day.as_of), PlannedLoad.week <= last)
    beyond = or_(PlannedLoad.load.is_(None), PlannedLoad.load > float(limit))
    fails = or_(beyond, PlannedLoad.over_days >= OVER_DAYS) if limit <= FULL else beyond
    return Check(sources.loads(), within, fails)
