"""Who is who: everybody the trackers and tables tell of, and one person with their accounts and what is entered."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portfolio.model.base import EVER, FAR
from portfolio.resources.coverage import skills_on
from portfolio.resources.hours import HoursError, read_hours
from sync.errors import PersonDecisionError, SyncError
from sync.identities import people as query
from sync.identities.decided import decisions
from sync.identities.deciding import merge as decide_merge
from sync.identities.deciding import split as decide_split
from sync.identities.details import LONGEST, Details, calendars, change_details, read_details
from sync.identities.exporting import write_share, write_teams
from sync.identities.roster import read_share, read_teams
from sync.identities.shares import all_shares
from sync.identities.suggesting import judged
from sync.identities.terms import all_terms
from webapp import here, record, signin
from webapp.tables import read_day, read_id, read_paging, read_text

PAGE_SIZE = 50
MOST_DECISIONS = 50

page = Blueprint("who", __name__)


@page.get("/people")
def people() -> ResponseReturnValue:
    text = read_text(request.args, "q")
    with here.reading() as connection:
        paging = read_paging(request.args, query.count_people(connection, text), PAGE_SIZE)
        found = query.list_people(connection, text, paging.size, paging.offset)
    record.people("who is who", (it.id for it in found))
    return render_template("who.html", people=found, paging=paging, text=text)


@page.get("/people/<id:person_id>")
def person(person_id: int) -> ResponseReturnValue:
    shown = _page(person_id)
    record.person_view(person_id, "who is who")
    return shown


def _page(person_id: int, fault: str = "", about: str = "", typed: Mapping[str, str] | None = None) -> str:
    """The page of a person; `fault` is what was wrong in which form, whose fields keep what was `typed`."""
    with here.reading() as connection:
        line = query.find_line(connection, person_id)
        if line is None:
            abort(404)
        details = read_details(connection, here.today(), [person_id]).get(person_id)
        manager = details.manager_id if details else None
        shown = {
            "accounts": query.accounts_of(connection, person_id),
            "told_teams": query.told_teams(connection, person_id, here.today()),
            "decisions": decisions(connection, person_id, most=MOST_DECISIONS),
            "calendars": calendars(connection),
            "terms": all_terms(connection, person_id),
            "shares": all_shares(connection, person_id),
            "skills": skills_on(connection, here.today(), person_id),
            "manager": query.find_line(connection, manager) if manager is not None else None,
        }
    entered = {"teams": write_teams(details.teams), "fte": write_share(details.fte)} if details else {}
    given = {"ever": EVER, "far": FAR, "fault": fault, "about": about, "typed": typed or {}, "longest": LONGEST}
    return render_template("who_person.html", person=line, details=details, **entered, **shown, **given)


def _refused(person_id: int, error: SyncError, about: str) -> ResponseReturnValue:
    return _page(person_id, str(error), about, request.form), 422


@page.post("/people/<id:person_id>")
def change(person_id: int) -> ResponseReturnValue:
    """Write what is entered of the person."""
    try:
        now = here.now().astimezone(here.zone())
        typed, meant = _typed(), request.form.get("correction") == "1"
        changed = change_details(here.engine(), person_id, typed, now, signin.actor(), _since(), meant=meant)
    except SyncError as error:
        return _refused(person_id, error, "details")
    flash("changed" if changed else "same", "who")
    return redirect(url_for("who.person", person_id=person_id))


def _typed() -> Details:
    """What was typed. Raises `PersonDecisionError` for what cannot be read."""
    form = {name: " ".join(text.split()) for name, text in request.form.items()}
    if form.get("manager") and read_id(form, "manager") is None:
        raise PersonDecisionError("a manager is given by their number, which stands in the list of people.")
    return Details(
        name=form.get("name", ""),
        role=form.get("role") or None,
        segment=form.get("segment") or None,
        seniority=form.get("seniority") or None,
        location=form.get("location") or None,
        fte=read_share(form.get("fte", "") or "1"),
        calendar=form.get("calendar") or None,
        hours=_hours(form.get("hours", "")),
        manager_id=read_id(form, "manager"),
        active=form.get("active") == "on",
        teams=read_teams(form.get("teams", "")),
    )


def _hours(text: str) -> str | None:
    """The hours of a week. Raises `PersonDecisionError`."""
    try:
        return read_hours(text)
    except HoursError as error:
        raise PersonDecisionError(str(error)) from error


def _since() -> date | None:
    """From which day on hours and calendar are to hold. Raises `PersonDecisionError` for what is no day."""
    found = read_day(request.form, "since")
    if request.form.get("since", "").strip() and found is None:
        raise PersonDecisionError("the day from which hours and calendar hold is written 2026-03-14.")
    return found


@page.post("/people/<id:person_id>/split")
def split(person_id: int) -> ResponseReturnValue:
    """Make the chosen accounts another person."""
    given = (read_id({"account": each}, "account") for each in request.form.getlist("account"))
    chosen = {each for each in given if each is not None}
    try:
        made, _ = decide_split(here.engine(), person_id, chosen, here.now(), signin.name(), signin.actor())
    except SyncError as error:
        return _refused(person_id, error, "accounts")
    flash("split", "who")
    return redirect(url_for("who.person", person_id=made))


@page.post("/people/<id:person_id>/merge")
def merge(person_id: int) -> ResponseReturnValue:
    """Make somebody else this person, who stays."""
    other = read_id(request.form, "other") or 0
    with here.reading() as connection:
        pairs = [pair._replace(gone=other, stays=person_id) for pair in judged(connection, [(other, person_id)])]
    try:
        decide_merge(here.engine(), pairs, here.now(), signin.name(), signin.actor())
    except SyncError as error:
        return _refused(person_id, error, "merge")
    flash("merged", "who")
    return redirect(url_for("who.person", person_id=person_id))
