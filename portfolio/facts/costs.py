"""What the hours of a project have cost by the end of a day: each at the rate of its day.

An hour costs what the person's own rate says, else the rate of their role; hours without either are told apart. Nothing
here shows what one person costs, but whether an amount would (`of_one_person`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from sqlalchemy import ColumnElement, Connection, ScalarSelect, func, or_, select

from portfolio.facts.earned import logged_on
from portfolio.facts.over_days import over_days, position
from portfolio.model.finance import CostRate
from portfolio.model.people import Person
from portfolio.model.work import Worklog

HOUR = 3600
Rates = Mapping[int, tuple[Decimal, str, bool]]
"""By id: the amount, its currency, and whether it is a person's own."""


@dataclass(frozen=True)
class Hours:
    """`seconds` were logged up to the day, `unrated` of them without a rate; the others cost `amounts`, by currency.

    `of_one_person`: what they cost is that of one person alone, at a rate of their own. `logged_anywhere`: somebody
    logs time in the organisation at all.
    """

    seconds: int = 0
    unrated: int = 0
    amounts: Mapping[str, Fraction] = field(default_factory=dict)
    of_one_person: bool = False
    logged_anywhere: bool = False


@over_days
def hours(
    connection: Connection, days: Sequence[date], project_ids: Collection[int] | None
) -> Mapping[date, Mapping[int | None, Hours]]:
    """The hours of each project that has any. What holds for every other project stands under None."""
    earliest = select(Worklog.work_date).where(logged_on(days[-1])).order_by(Worklog.work_date).limit(1)
    begun = next((day for (day,) in connection.execute(earliest)), None)
    known = select(CostRate.id, CostRate.amount, CostRate.currency, CostRate.person_id.is_not(None))
    rates: Rates = {ident: (amount, currency, own) for ident, amount, currency, own in connection.execute(known)}
    logged: dict[int, list[Any]] = defaultdict(list)
    for row in connection.execute(_logged(days, project_ids)):
        logged[row.project_id].append(row)
    told: dict[date, dict[int | None, Hours]] = {}
    for at, day in enumerate(days):
        told[day] = {None: Hours(logged_anywhere=begun is not None and begun <= day)}
        for ident, rows in logged.items():
            if until := [row for row in rows if row.since <= at]:
                told[day][ident] = _together(until, rates)
    return told


def _logged(days: Sequence[date], project_ids: Collection[int] | None) -> Any:
    """Seconds by project, person, the rate of the person or else of the role, and the first day they count on."""
    rate = func.coalesce(_rate(CostRate.person_id == Worklog.person_id), _rate(CostRate.role == Person.role))
    since = position(Worklog.work_date, days).label("since")
    each = (
        select(Worklog.project_id, Worklog.person_id, rate.label("rate_id"), since, Worklog.seconds)
        .select_from(Worklog)
        .outerjoin(Person, Person.id == Worklog.person_id)
        .where(logged_on(days[-1]), Worklog.project_id.is_not(None))
    )
    if project_ids is not None:
        each = each.where(Worklog.project_id.in_(project_ids))
    rows = each.subquery()
    columns = (rows.c.project_id, rows.c.person_id, rows.c.rate_id, rows.c.since)
    return select(*columns, func.sum(rows.c.seconds).label("seconds")).group_by(*columns)


def _rate(whose: ColumnElement[bool]) -> ScalarSelect[int]:
    """The id of the rate that holds on the day of the worklog; of several the newest."""
    until = or_(CostRate.valid_to.is_(None), CostRate.valid_to >= Worklog.work_date)
    found = select(CostRate.id).where(whose, CostRate.valid_from <= Worklog.work_date, until)
    newest = found.order_by(CostRate.valid_from.desc(), CostRate.id.desc()).limit(1)
    return newest.correlate(Worklog, Person).scalar_subquery()


def _together(rows: Iterable[Any], rates: Rates) -> Hours:
    seconds = unrated = 0
    amounts: dict[str, Fraction] = defaultdict(Fraction)
    people, own = set(), False
    for row in rows:
        seconds += int(row.seconds)
        rate = rates.get(row.rate_id)
        if rate is None:
            unrated += int(row.seconds)
        else:
            amount, currency, of_person = rate
            # Hours without a rate add nothing to the amount, and hide nobody in it.
            people.add(row.person_id)
            amounts[currency] += Fraction(amount) * int(row.seconds) / HOUR
            own = own or of_person
    return Hours(seconds, unrated, dict(amounts), own and len(people) < 2, logged_anywhere=True)
