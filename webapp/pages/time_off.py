"""When persons are away: listed, entered and removed by hand, or brought as a calendar. Why is never asked."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection

from portfolio.capacity.time_off import Away, add_time_off, remove_time_off, start_of, wrong
from portfolio.faults import EntryError, Fault, Faults, require
from portfolio.store.engine import writing
from sync.capacity.ics import read_events, time_off_sheet
from sync.capacity.importing import import_table
from sync.capacity.kinds import KINDS
from sync.errors import PersonDecisionError, TableError
from sync.identities.finding import everybody
from sync.identities.roster import read_share
from webapp import here, record, signin
from webapp.person_field import person_named
from webapp.queries.time_off import ORIGINS, PART, Wish, count_time_off, list_time_off
from webapp.since_form import unmeant
from webapp.tables import read_choice, read_day, read_id, read_paging, read_text
from webapp.words import with_state

PAGE_SIZE = 50
NOTHING: Mapping[str, str] = {}
REFUSED = 422

page = Blueprint("time_off", __name__, url_prefix="/resources/time-off")


@page.get("")
def time_off() -> ResponseReturnValue:
    return _page()


def _page(fault: str = "", beside: Mapping[str, str] = NOTHING) -> str:
    """`fault` is all that is wrong, `beside` what stands beside the fields of the form that adds."""
    wish = Wish(
        read_text(request.args, "q"),
        read_day(request.args, "first"),
        read_day(request.args, "last"),
        read_choice(request.args, "part", PART),
        read_choice(request.args, "origin", ORIGINS),
    )
    with here.reading() as connection:
        paging = read_paging(request.args, count_time_off(connection, wish), PAGE_SIZE)
        lines = list_time_off(connection, wish, paging.size, paging.offset)
    record.people("time off", (it.person_id for it in lines))
    return render_template(
        "resources_time_off.html",
        lines=lines,
        paging=paging,
        wish=wish,
        origins=ORIGINS,
        parts=PART,
        today=here.today(),
        typed=request.form,
        fault=fault,
        beside=beside,
    )


@page.post("")
def change() -> ResponseReturnValue:
    """Do what the form asks for (`do`): add, remove, or file."""
    do = request.form.get("do", "")
    try:
        if do == "file":
            done = _from_file()
        else:
            with writing(here.engine()) as store:
                done = _do(store, do)
    except EntryError as error:
        return _page(str(error), error.by_field), REFUSED
    except (TableError, PersonDecisionError) as error:
        return _page(str(error)), REFUSED
    flash(done, "time_off")
    return redirect(url_for("time_off.time_off") + with_state())


def _do(store: Connection, do: str) -> str:
    now, by, form = here.now().astimezone(here.zone()), signin.actor(), request.form
    if do == "remove":
        ident = read_id(form, "id") or 0
        require(_asked(start_of(store, ident)))
        return "removed" if remove_time_off(store, ident, now, by) else "gone"
    if do != "add":
        abort(400)
    faults, whole = Faults(), Decimal(1)
    person_id = faults.reading(lambda: person_named(store, form), 0)
    start = faults.reading(lambda: _day("start"), None)
    end = faults.reading(lambda: _day("end"), None)
    away = Away(person_id, start or end or here.today(), end or start or here.today(), faults.reading(_fraction, whole))
    faults.require([*wrong(store, away), *_asked(start)])
    add_time_off(store, away, now, by)
    return "added"


def _asked(start: date | None) -> list[Fault]:
    """Days that are past have to be meant."""
    asked = unmeant(request.form, start, here.today())
    return [] if asked is None else [Fault("correction", asked)]


def _fraction() -> Decimal:
    try:
        return read_share(request.form["fraction"]) if request.form.get("fraction") else Decimal(1)
    except PersonDecisionError as error:
        raise EntryError(Fault("fraction", str(error))) from error


def _from_file() -> str:
    """Take in the calendar of one person, all of it or nothing: how many were new."""
    sent = request.files.get("file")
    events = read_events(sent.read() if sent else b"", here.today())
    with here.reading() as store:
        person_id = everybody(store).named(" ".join(request.form.get("person", "").split()), "person")
    sheet = time_off_sheet(events, person_id)
    kind, now = KINDS["time-off"], here.now().astimezone(here.zone())
    require(_asked(import_table(here.engine(), kind, sheet, now, signin.actor(), dry=True).corrects))
    done = import_table(here.engine(), kind, sheet, now, signin.actor())
    if done.faults:
        first = done.faults[0]
        raise TableError(f"the event from {sheet.rows[first.line - 1][1]} on: {first.fault}")
    return str(done.count("added"))


def _day(name: str) -> date:
    found = read_day(request.form, name)
    if found is None:
        raise EntryError(Fault(name, "A day is written 2026-03-14."))
    return found
