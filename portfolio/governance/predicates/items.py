"""Predicates over single items; `none_older` also over expenses and proposed bookings."""

from __future__ import annotations

from typing import Literal

from sqlalchemy import and_, or_, true

from portfolio.facts.gather import Day
from portfolio.governance.filters.compile import filled
from portfolio.governance.predicates import sources
from portfolio.governance.predicates.asking import (
    Json,
    known_fields,
    meant,
    meant_if_given,
    older,
    share_of,
    working_days,
)
from portfolio.governance.predicates.declare import Check, Passes, predicate
from portfolio.governance.predicates.projects import instant_after
from portfolio.governance.rules import Part
from portfolio.governance.working_days import last_of_age
from portfolio.model.finance import Expense
from portfolio.model.people import Allocation


class ShareWithFields(Part, frozen=True, kw_only=True):
    """`meets` is a filter that holds for the rows that are as they should be, beside having the fields."""

    filter: Json
    fields: tuple[str, ...] = ()
    meets: Json = {}
    min_share: str = "1"


@predicate("share_with_fields", ShareWithFields)
def share_with_fields(params: ShareWithFields, day: Day) -> Check:
    """At least this share of the items has the fields filled in."""
    lacking = {field: ~filled(field) for field in known_fields(params.fields)}
    fails = or_(~meant(params.meets, day, "meets"), *lacking.values())
    return Check(
        sources.items(day), meant(params.filter, day), fails, Passes(share_of(params.min_share)), lacking=lacking
    )


class NoneOlder(Part, frozen=True, kw_only=True):
    """`unless`: a filter for the items that may be older."""

    entity: Literal["item", "expense", "booking"] = "item"
    filter: Json = {}
    date: str = "due"
    n_wd: int = 0
    unless: Json | None = None


@predicate("none_older", NoneOlder)
def noneolder(params: NoneOlder, day: Day) -> Check:
    """None of the rows is older than so many working days without what excuses it."""
    if params.entity == "expense":
        late = Expense.spent_on <= last_of_age(day.calendar, day.as_of, working_days(params.n_wd) + 1)
        open_ = or_(Expense.receipt.is_(None), Expense.receipt == "", Expense.approved_by.is_(None))
        return Check(sources.expenses(day), true(), and_(late, open_))
    if params.entity == "booking":
        return Check(sources.bookings(day), true(), Allocation.booked_at < instant_after(params.n_wd, day))
    excused = meant_if_given(params.unless, day, "unless")
    fails = and_(older(params.date, params.n_wd, day), ~excused)
    return Check(sources.items(day), meant(params.filter, day), fails)


class Linked(Part, frozen=True, kw_only=True):
    """`to`: what the items are to be linked with, `unless`: a filter for those that need no link."""

    filter: Json
    to: Json
    date: str = "created"
    n_wd: int = 0
    unless: Json | None = None


@predicate("linked", Linked)
def linked(params: Linked, day: Day) -> Check:
    """Each of the items is linked with another one of that kind, after so many working days at the latest."""
    excused = or_(meant({"linked": params.to}, day, "to"), meant_if_given(params.unless, day, "unless"))
    fails = and_(older(params.date, params.n_wd, day), ~excused)
    return Check(sources.items(day), meant(params.filter, day), fails)
