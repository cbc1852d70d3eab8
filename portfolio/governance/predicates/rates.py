"""Whether worked time has a cost. The answer is one of the project: never by whom the time was logged."""

from __future__ import annotations

from sqlalchemy import and_, exists, or_, select
from sqlalchemy.orm import aliased

from portfolio.facts.gather import Day
from portfolio.governance.predicates import sources
from portfolio.governance.predicates.declare import Check, predicate
from portfolio.governance.rules import Part
from portfolio.model.finance import CostRate
from portfolio.model.people import Person
from portfolio.model.work import Worklog


class RateExists(Part, frozen=True, kw_only=True):
    """Nothing to say: all time that is logged is asked about, once there are rates at all."""


@predicate("rate_exists", RateExists)
def rate_exists(_params: RateExists, day: Day) -> Check:
    """Whoever logged time had a cost rate on that day, of their own or of their role."""
    rate, person = aliased(CostRate), aliased(Person)
    role = select(person.role).where(person.id == Worklog.person_id).correlate(Worklog).scalar_subquery()
    covers = and_(
        or_(rate.person_id == Worklog.person_id, rate.role == role),
        rate.valid_from <= Worklog.work_date,
        or_(rate.valid_to.is_(None), rate.valid_to >= Worklog.work_date),
    )
    asked = exists(select(CostRate.id))
    return Check(sources.worklogs(day), asked, ~exists().where(covers).correlate(Worklog))
