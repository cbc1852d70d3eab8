"""Requests for people: the inbox, asking, and what one can do about a request."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection

from portfolio.access.matrix import Capability, Right
from portfolio.access.narrow import in_project
from portfolio.access.rows import sees_all
from portfolio.bookings.asking import Action, Ask, possible
from portfolio.bookings.effects import NONE, Effect
from portfolio.bookings.keep import UnconfirmedError
from portfolio.bookings.known import read_known
from portfolio.bookings.requests import Request, ask_for, wrong_to_ask
from portfolio.bookings.sides import may_ask
from portfolio.bookings.suggest import Candidate, suggest
from portfolio.faults import EntryError, Fault, Faults
from portfolio.overlay.persons import written
from portfolio.resources.kept import kept_plan
from portfolio.store.engine import writing
from webapp import here, record, signin
from webapp.booking_form import NO_PROJECT, SOMETHING, read_needed_day, read_number, read_person, read_project
from webapp.export import Form, file
from webapp.queries import requests as query
from webapp.queries.bookings import choices
from webapp.queries.load import namable, sight
from webapp.request_decided import decided, opened
from webapp.spreadsheet import Cell
from webapp.tables import read_choice, read_id, read_paging, read_text
from webapp.words import say

PAGE_SIZE = 50
MOST_EXPORTED = 50_000
HEAD = (
    "request", "project", "role", "skill", "level", "hours", "start", "end", "answer_by", "state", "person",
    "asked_by", "asked_at",
)  # fmt: skip
REFUSED = 422

page = Blueprint("requests", __name__)


def _wish() -> query.Wish:
    arguments = request.args
    return query.Wish(
        read_text(arguments, "project"),
        read_choice(arguments, "which", query.WHICH),
        read_choice(arguments, "stands", query.STANDS),
    )


@page.get("/resources/requests")
def requests() -> ResponseReturnValue:
    viewer, arguments, wish = signin.viewer(), request.args, _wish()
    with here.reading() as connection:
        paging = read_paging(arguments, query.count_requests(connection, viewer, wish), PAGE_SIZE)
        lines = query.list_requests(connection, viewer, wish, limit=paging.size, offset=paging.offset)
    record.people("requests", (it.person_id for it in lines))
    return render_template("requests.html", lines=lines, paging=paging, wish=wish, today=here.today())


@page.get("/resources/requests.csv")
def requests_csv() -> ResponseReturnValue:
    return _file(Form.CSV)


@page.get("/resources/requests.xlsx")
def requests_xlsx() -> ResponseReturnValue:
    return _file(Form.XLSX)


def _file(form: Form) -> ResponseReturnValue:
    with here.reading() as connection:
        lines = query.list_requests(connection, signin.viewer(), _wish(), limit=MOST_EXPORTED)
    record.people("requests", (it.person_id for it in lines))
    record.export("requests", form, len(lines))
    return file(form, "requests", [say("request_head", name) for name in HEAD], map(_cells, lines))


def _cells(it: query.Line) -> list[Cell]:
    what: list[Cell] = [it.id, it.project, it.role, it.skill, it.level, float(it.hours), it.start, it.end, it.answer_by]
    return [*what, say("request_state", it.state), it.person, it.asked_by, it.asked_at]


@page.get("/resources/requests/new")
def new() -> ResponseReturnValue:
    return _form(request.args)


@page.post("/resources/requests/new")
def ask() -> ResponseReturnValue:
    now = here.now().astimezone(here.zone())
    wanted, faults = _read_ask(request.form, now.date())
    confirmed = request.form.get("confirmed") == wanted.mark
    try:
        with here.reading() as connection:
            if wanted.project_id != NO_PROJECT and not may_ask(
                in_project(connection, signin.viewer(), wanted.project_id)
            ):
                abort(403)
            faults.require(wrong_to_ask(connection, wanted, now.date(), confirmed=confirmed))
        with writing(here.engine()) as store:
            note = request.form.get("note", "")
            request_id = ask_for(store, wanted, note, now, signin.actor(), confirmed=confirmed)
    except EntryError as error:
        return _form(request.form, error, wanted)
    flash("asked", "requests")
    return redirect(url_for("requests.request", request_id=request_id))


def _read_ask(form: Mapping[str, str], today: date) -> tuple[Ask, Faults]:
    """What is asked for, and what of it could not be read; as `webapp.booking_form.read_wish`."""
    faults = Faults()
    text = {name: " ".join(form.get(name, "").split()) for name in ("role", "skill", "level", "answer_by")}
    if text["level"] and read_id(text, "level") is None:
        faults.append(Fault("level", "A level is 1 to 5, of a skill that is named."))
    wanted = Ask(
        project_id=faults.reading(lambda: read_project(form), NO_PROJECT),
        role=text["role"],
        hours=faults.reading(lambda: read_number(form, "hours"), SOMETHING),
        start=faults.reading(lambda: read_needed_day(form, "start"), today),
        end=faults.reading(lambda: read_needed_day(form, "end"), date.max),
        skill=text["skill"] or None,
        level=read_id(text, "level"),
        answer_by=faults.reading(lambda: read_needed_day(text, "answer_by"), None) if text["answer_by"] else None,
    )
    return wanted, faults


def _form(typed: Mapping[str, str], fault: EntryError | None = None, wanted: Ask | None = None) -> ResponseReturnValue:
    with here.reading() as connection:
        offered = choices(connection, signin.viewer(), Right.PROPOSE, Right.EDIT)
        skills = read_known(connection).skills
    shown = render_template(
        "request_new.html", typed=typed, fault=fault, wanted=wanted, choices=offered, skills=skills, today=here.today()
    )
    return (shown, REFUSED) if fault else shown


@page.get("/resources/requests/<id:request_id>", endpoint="request")
def request_(request_id: int) -> ResponseReturnValue:
    """A request, its history, and for who staffs it those who could do it."""
    return _shown(request_id)


def _shown(
    request_id: int, fault: EntryError | None = None, does: Effect = NONE, person_id: int | None = None
) -> ResponseReturnValue:
    today = here.today()
    with here.reading() as connection:
        it = opened(connection, request_id)
        steps = query.steps_of(connection, request_id)
        can = possible(it.kept.state, it.sides, over=it.line.end < today)
        found = _suggested(connection, it.kept) if Action.PROPOSE in can else []
        whom = written(connection, [] if person_id is None else [person_id])
    named = (it.line.person_id, person_id, *(step.person_id for step in steps), *(each.person_id for each in found))
    record.people("requests", named)
    shown = render_template(
        "request.html",
        it=it.line,
        kept=it.kept,
        steps=steps,
        can=can,
        candidates=found,
        # Who has which skill is told to who sees everybody by name.
        levels=it.line.skill is not None and sees_all(signin.viewer(), Capability.ALLOCATIONS, Right.VIEW),
        fault=fault,
        does=does,
        chosen=person_id,
        whom=None if person_id is None else whom.get(person_id),
        today=today,
        typed=request.form,
    )
    return (shown, REFUSED) if fault or does.warns else shown


def _suggested(connection: Connection, kept: Request) -> list[Candidate]:
    now = here.now().astimezone(here.zone())
    plan = kept_plan(connection, now.date(), now)
    return suggest(connection, plan, kept.ask, sight(connection, signin.viewer(), plan).persons)


@page.post("/resources/requests/<id:request_id>")
def decide(request_id: int) -> ResponseReturnValue:
    """Propose, accept, send back, decline or withdraw."""
    action, seen = read_choice(request.form, "do", tuple(Action)), read_id(request.form, "seen")
    if action is None:
        abort(400)
    now, person_id = here.now().astimezone(here.zone()), None
    try:
        with here.reading() as connection:
            it = opened(connection, request_id)
            if it.may(Action(action), now):
                person_id = _whom(connection, it.kept, Action(action))
        confirmed, note = request.form.get("confirmed") == str(person_id), request.form.get("note", "")
        decided(it, Action(action), seen or 0, person_id, note, now, confirmed=confirmed)
    except EntryError as error:
        return _shown(request_id, error)
    except UnconfirmedError as error:
        return _shown(request_id, does=error.effect, person_id=person_id)
    flash(action, "requests")
    return redirect(url_for("requests.request", request_id=request_id))


def _whom(connection: Connection, kept: Request, action: Action) -> int | None:
    """Whom the action is about: who is chosen or typed, or who is proposed already."""
    if action is Action.PROPOSE:
        now, form = here.now().astimezone(here.zone()), request.form
        among = namable(connection, signin.viewer(), now.date(), now)
        # Somebody is chosen when the page opens: who types a name means that one.
        return read_person(connection, form.get("other", "").strip() or form.get("person", ""), among)
    return kept.person_id if action is Action.ACCEPT else None
