"""Calendars: which days are worked for how many hours, from which day on; and which are off."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection

from portfolio.calendar import PORTFOLIO_CALENDAR
from portfolio.capacity import calendars as keeping
from portfolio.capacity import countries as abroad
from portfolio.capacity.errors import CapacityError
from portfolio.capacity.holidays import (
    DayOff,
    add_holidays,
    holidays_of,
    missing_of,
    past_by_adding,
    past_by_removing,
    remove_holiday,
)
from portfolio.dated import holding, spans
from portfolio.model.base import EVER, FAR
from portfolio.resources.hours import HoursError, read_hours
from portfolio.store.engine import writing
from sync.capacity.ics import days_off, read_events
from sync.errors import PersonDecisionError, TableError
from sync.identities.roster import read_share
from webapp import here, signin
from webapp.queries.calendars import list_calendars, shown
from webapp.since_form import read_since, unmeant
from webapp.tables import read_day, read_id

MOST_SHOWN = 400
REFUSED = 422

page = Blueprint("calendars", __name__, url_prefix="/resources/calendars")


@page.get("")
def calendars() -> ResponseReturnValue:
    return _list()


def _list(fault: str = "") -> str:
    with here.reading() as connection:
        found = list_calendars(connection, here.today())
    given = {"calendars": found, "of_all": PORTFOLIO_CALENDAR, "ever": EVER, "far": FAR}
    return render_template("resources_calendars.html", **given, fault=fault, typed=request.form)


@page.post("")
def make() -> ResponseReturnValue:
    """Make a calendar, and open it."""
    try:
        with writing(here.engine()) as store:
            ident = keeping.make_calendar(store, _name(request.form), _hours(request.form), _now(), signin.actor())
    except CapacityError as error:
        return _list(str(error)), REFUSED
    flash("made", "calendar")
    return redirect(url_for("calendars.calendar", calendar_id=ident))


@page.get("/<id:calendar_id>")
def calendar(calendar_id: int) -> ResponseReturnValue:
    return _one(calendar_id)


def _one(calendar_id: int, fault: str = "") -> str:
    preview: list[DayOff] | None = None
    with here.reading() as connection:
        found = keeping.read_calendar(connection, calendar_id)
        if found is None:
            abort(404)
        days, users = holidays_of(connection, calendar_id), keeping.users_of(connection, calendar_id)
        if request.args.get("country") and not fault:
            try:
                preview = missing_of(connection, calendar_id, _of_country(request.args))
            except CapacityError as error:
                fault = str(error)
    today = here.today()
    years = sorted({it.day.year for it in days} | {today.year})
    year = read_id(request.args, "year")
    year = year if year in years else today.year
    return render_template(
        "resources_calendar.html",
        it=found,
        history=spans(found.hours),
        present=holding(found.hours, today),
        ever=EVER,
        far=FAR,
        today=today,
        calendar_id=calendar_id,
        of_all=found.name == PORTFOLIO_CALENDAR,
        days=shown([each for each in days if each.day.year == year], found.hours, today),
        years=years,
        year=year,
        users=users,
        countries=abroad.countries(),
        parts=abroad.parts_of(request.args.get("country", "")),
        preview=preview,
        most=MOST_SHOWN,
        asked=request.args,
        typed=request.form,
        fault=fault,
        this_year=today.year,
        years_on=abroad.MOST_YEARS,
    )


@page.post("/<id:calendar_id>")
def change(calendar_id: int) -> ResponseReturnValue:
    """Do what the form asks for (`do`): hours, back, name, delete, add, remove, country, or file."""
    do = request.form.get("do", "")
    try:
        given = _given(do)
        with writing(here.engine()) as store:
            done = _do(store, calendar_id, do, given)
    except (CapacityError, TableError) as error:
        return _one(calendar_id, str(error)), REFUSED
    flash(done, "calendar")
    if do == "delete":
        return redirect(url_for("calendars.calendars"))
    return redirect(url_for("calendars.calendar", calendar_id=calendar_id, year=read_id(request.form, "year")))


def _given(do: str) -> tuple[list[DayOff], str] | None:
    """The days off that are to be added, and where they are from. Raises `CapacityError` and `TableError`."""
    form = request.form
    if do == "add":
        return [DayOff(_day(form), form.get("name", ""), _fraction(form))], "hand"
    if do == "country":
        return _of_country(form), f"{form.get('country')} {form.get('part', '')}".strip()
    if do == "file":
        sent = request.files.get("file")
        return days_off(read_events(sent.read() if sent else b"", here.today())), "file"
    return None


def _do(store: Connection, calendar_id: int, do: str, given: tuple[list[DayOff], str] | None) -> str:
    """What was done, as a code or a number of days."""
    now, by, form = _now(), signin.actor(), request.form
    if given is not None:
        _mean(past_by_adding(store, calendar_id, given[0], now))
        return str(add_holidays(store, calendar_id, *given, now, by))
    if do == "hours":
        since = read_since(form, now.date())
        return _what(keeping.tell_hours(store, calendar_id, _hours(form), since, now, by), since)
    if do == "back":
        since = read_since(form, now.date())
        return _what(keeping.take_back_hours(store, calendar_id, since, now, by), since)
    if do == "name":
        return "renamed" if keeping.rename_calendar(store, calendar_id, _name(form), now, by) else "same"
    if do == "delete":
        keeping.delete_calendar(store, calendar_id, now, by)
        return "deleted"
    if do != "remove":
        abort(400)
    _mean(past_by_removing(store, calendar_id, _day(form), now))
    return "removed" if remove_holiday(store, calendar_id, _day(form), now, by) else "same"


def _mean(since: date | None) -> None:
    """Raises `CapacityError` where the past would be corrected without the tick that it is meant."""
    if asked := unmeant(request.form, since, here.today()):
        raise CapacityError(asked)


def _what(done: keeping.Effect, since: date) -> str:
    """What was done, as a code: a past day that is no correction is one of a calendar nobody works by."""
    return "unused" if done is keeping.Effect.CHANGED and since < here.today() else done.value


def _now() -> datetime:
    return here.now().astimezone(here.zone())


def _name(form: Mapping[str, str]) -> str:
    return " ".join(form.get("name", "").split())


def _hours(form: Mapping[str, str]) -> str:
    """The hours of a week as they were typed. Raises `CapacityError`."""
    try:
        found = read_hours(form.get("hours", ""))
    except HoursError as error:
        raise CapacityError(str(error)) from error
    if found is None:
        raise CapacityError(str(HoursError()))
    return found


def _day(form: Mapping[str, str]) -> date:
    found = read_day(form, "day")
    if found is None:
        raise CapacityError("A day is written 2026-03-14.")
    return found


def _fraction(form: Mapping[str, str]) -> Decimal:
    try:
        return read_share(form.get("fraction", "") or "1")
    except PersonDecisionError as error:
        raise CapacityError(str(error)) from error


def _of_country(form: Mapping[str, str]) -> list[DayOff]:
    first, last = read_id(form, "first") or 0, read_id(form, "last") or 0
    return abroad.public_holidays(form.get("country", ""), form.get("part", "").strip(), first, last)
