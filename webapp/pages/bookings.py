"""Bookings: the list, and making, changing, ending and removing those made here."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection

from portfolio.access.matrix import Capability, Right
from portfolio.access.narrow import in_project
from portfolio.bookings.effects import NONE, Effect, effect_now
from portfolio.bookings.keep import UnconfirmedError, change, end, find_booking, make, remove, rest, wrong_here
from portfolio.bookings.wish import Booking, Wish, begun, from_today
from portfolio.faults import EntryError, Faults
from portfolio.overlay.persons import written
from portfolio.resources.kept import kept_plan
from portfolio.store.engine import writing
from webapp import here, record, signin
from webapp.booking_form import NO_PROJECT, read_needed_day, read_wish, typed_of
from webapp.export import Form, file
from webapp.queries import bookings as query
from webapp.queries.load import namable
from webapp.spreadsheet import Cell
from webapp.tables import read_choice, read_order, read_paging, read_text
from webapp.words import say

PAGE_SIZE = 50
MOST_EXPORTED = 50_000
REFUSED = 422
HEAD = (
    "booking", "person", "role", "project", "code", "start", "end", "hours_per_day", "percent", "total_hours", "kind",
    "origin", "booked_by", "booked_at",
)  # fmt: skip

page = Blueprint("bookings", __name__)


def _wish() -> query.Wish:
    arguments = request.args
    return query.Wish(
        person=read_text(arguments, "person"),
        role=read_text(arguments, "role"),
        project=read_text(arguments, "project"),
        kind=read_choice(arguments, "kind", query.KINDS),
        origin=read_choice(arguments, "origin", query.ORIGINS),
        time=read_choice(arguments, "time", query.TIMES),
    )


@page.get("/resources/bookings")
def bookings() -> ResponseReturnValue:
    viewer, wish, now = signin.viewer(), _wish(), here.now().astimezone(here.zone())
    order = read_order(request.args, query.ORDERS, "start")
    with here.reading() as connection:
        total = query.count_bookings(connection, viewer, wish, now.date())
        paging = read_paging(request.args, total, PAGE_SIZE)
        shown = (viewer, wish, now.date(), order)
        lines = query.list_bookings(connection, *shown, limit=paging.size, offset=paging.offset)
        misfits = query.misfits_of(connection, lines, now.date(), now)
    record.people("bookings", (it.person_id for it in lines))
    return render_template(
        "bookings.html", lines=lines, paging=paging, wish=wish, order=order, misfits=misfits, today=now.date()
    )


@page.get("/resources/bookings.csv")
def bookings_csv() -> ResponseReturnValue:
    return _file(Form.CSV)


@page.get("/resources/bookings.xlsx")
def bookings_xlsx() -> ResponseReturnValue:
    return _file(Form.XLSX)


def _file(form: Form) -> ResponseReturnValue:
    order = read_order(request.args, query.ORDERS, "start")
    with here.reading() as connection:
        found = (signin.viewer(), _wish(), here.today(), order)
        lines = query.list_bookings(connection, *found, limit=MOST_EXPORTED)
    record.people("bookings", (it.person_id for it in lines))
    record.export("bookings", form, len(lines))
    return file(form, "bookings", [say("booking_head", name) for name in HEAD], map(_cells, lines))


def _cells(it: query.Line) -> list[Cell]:
    amounts = (None if amount is None else float(amount) for amount in (it.hours_per_day, it.percent, it.total_hours))
    about: list[Cell] = [it.id, it.person, it.person_role or it.role, it.project, it.code, it.start, it.end]
    return [*about, *amounts, say("booking_kind", it.kind), it.connection or "Sightline", it.booked_by, it.booked_at]


def _may_edit(connection: Connection, project_id: int) -> bool:
    return in_project(connection, signin.viewer(), project_id).may(Capability.ALLOCATIONS, Right.EDIT)


@page.get("/resources/bookings/new")
def new() -> ResponseReturnValue:
    return _form(request.args)


@page.post("/resources/bookings/new")
def add() -> ResponseReturnValue:
    """Make a booking; one that makes too much is asked about first."""
    now = here.now().astimezone(here.zone())
    with here.reading() as connection:
        wish, faults = _read(connection, now)
    try:
        with here.reading() as connection:
            faults.require(wrong_here(connection, wish, now.date(), confirmed=_confirmed(wish)))
            kept_plan(connection, now.date(), now)  # so that nobody who books has to wait for it to be read
        with writing(here.engine()) as store:
            does = effect_now(store, wish, now)
            make(store, wish, does, now, signin.actor(), confirmed=_confirmed(wish))
    except EntryError as error:
        return _form(request.form, fault=error, wish=wish)
    except UnconfirmedError as error:
        return _form(request.form, does=error.effect, wish=wish)
    flash("made", "bookings")
    return redirect(url_for("bookings.bookings"))


def _read(connection: Connection, now: datetime) -> tuple[Wish, Faults]:
    """The booking that was typed and what could not be read of it, from whoever may book in its project."""
    among = namable(connection, signin.viewer(), now.date(), now)
    wish, faults = read_wish(connection, request.form, among, now.date())
    if wish.project_id != NO_PROJECT and not _may_edit(connection, wish.project_id):
        abort(403)
    return wish, faults


def _confirmed(wish: Wish) -> bool:
    """Whether the warning about this very wish was seen."""
    return request.form.get("confirmed") == wish.mark


def _form(
    typed: Mapping[str, str],
    booking: Booking | None = None,
    fault: EntryError | None = None,
    does: Effect = NONE,
    wish: Wish | None = None,
) -> ResponseReturnValue:
    """The form of a new booking, or of one that is changed, with what is wrong or to be confirmed."""
    viewer = signin.viewer()
    with here.reading() as connection:
        choices = query.choices(connection, viewer, Right.EDIT)
        line = query.find_line(connection, viewer, booking.id) if booking else None
        may = _may_edit(connection, booking.wish.project_id) if booking else True
    if does.warns and wish is not None:
        record.people("bookings", [wish.person_id])  # it tells what load they have
    parts: dict[str, Any] = {"booking": booking, "line": line, "choices": choices, "editable": may}
    parts["ending"] = request.form.get("do") == "end"
    begins = booking is not None and begun(booking, here.today())
    shown = render_template(
        "booking.html", typed=typed, fault=fault, does=does, wish=wish, begun=begins, today=here.today(), **parts
    )
    return (shown, REFUSED) if fault or does.warns else shown


def _held(connection: Connection, booking_id: int) -> Booking:
    """The booking of that id, if it is in sight."""
    booking = find_booking(connection, booking_id)
    if booking is None or query.find_line(connection, signin.viewer(), booking_id) is None:
        abort(404)
    return booking


@page.get("/resources/bookings/<id:booking_id>")
def booking(booking_id: int) -> ResponseReturnValue:
    with here.reading() as connection:
        found = _held(connection, booking_id)
        typed = _typed(connection, found)
    if found.wish.person_id is not None:
        record.person_view(found.wish.person_id, "booking", found.wish.project_id)
    return _form(typed, found)


def _typed(connection: Connection, found: Booking) -> dict[str, str]:
    person_id = found.wish.person_id
    person = written(connection, [person_id]).get(person_id) if person_id is not None else None
    return typed_of(rest(connection, found, here.today()), person)


@page.post("/resources/bookings/<id:booking_id>")
def decide(booking_id: int) -> ResponseReturnValue:
    """Change it, let it end earlier, or remove it."""
    with here.reading() as connection:
        found = _held(connection, booking_id)
        if not _may_edit(connection, found.wish.project_id):
            abort(403)
    do, seen = request.form.get("do", ""), request.form.get("seen", "")
    now, by = here.now().astimezone(here.zone()), signin.actor()
    try:
        if do == "change":
            return _change(found, seen)
        with writing(here.engine()) as store:
            if do == "end":
                end(store, booking_id, seen, read_needed_day(request.form, "last"), now, by)
            elif do == "remove":
                remove(store, booking_id, seen, now, by)
            else:
                abort(400)
    except EntryError as error:
        with here.reading() as connection:
            return _form(_typed(connection, found), found, fault=error)
    flash("ended" if do == "end" else "removed", "bookings")
    return redirect(url_for("bookings.bookings"))


def _change(found: Booking, seen: str) -> ResponseReturnValue:
    now = here.now().astimezone(here.zone())
    with here.reading() as connection:
        typed, faults = _read(connection, now)
    wish = from_today(typed, now.date()) if begun(found, now.date()) else typed
    try:
        with here.reading() as connection:
            said = _confirmed(wish)
            faults.require(wrong_here(connection, wish, now.date(), instead_of=found.wish, confirmed=said))
            kept_plan(connection, now.date(), now)  # as in `add`
        with writing(here.engine()) as store:
            does = effect_now(store, wish, now, found.wish)
            change(store, found.id, seen, wish, does, now, signin.actor(), confirmed=_confirmed(wish))
    except EntryError as error:
        return _form(request.form, found, fault=error, wish=wish)
    except UnconfirmedError as error:
        return _form(request.form, found, does=error.effect, wish=wish)
    flash("changed", "bookings")
    return redirect(url_for("bookings.bookings"))
