"""Who is who: everybody the trackers and tables tell of, and one person with their accounts and what is entered."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from sync.errors import PersonDecisionError, SyncError
from sync.identities import people as query
from sync.identities.decided import decisions
from sync.identities.deciding import merge as decide_merge
from sync.identities.deciding import split as decide_split
from sync.identities.details import LONGEST, Details, calendars, change_details, read_details
from sync.identities.exporting import write_share, write_teams
from sync.identities.roster import read_share, read_teams
from sync.identities.suggesting import judged
from webapp import here, record, signin
from webapp.tables import read_id, read_paging, read_text

PAGE_SIZE = 50
MOST_DECISIONS = 50

page = Blueprint("who", __name__)


@page.get("/people")
def people() -> ResponseReturnValue:
    text = read_text(request.args, "q")
    with here.reading() as connection:
        paging = read_paging(request.args, query.count_people(connection, text), PAGE_SIZE)
        found = query.list_people(connection, text, paging.size, paging.offset)
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
        details = read_details(connection, [person_id]).get(person_id)
        manager = details.manager_id if details else None
        shown = {
            "accounts": query.accounts_of(connection, person_id),
            "told_teams": query.told_teams(connection, person_id),
            "decisions": decisions(connection, person_id, most=MOST_DECISIONS),
            "calendars": calendars(connection),
            "manager": query.find_line(connection, manager) if manager is not None else None,
        }
    entered = {"teams": write_teams(details.teams), "fte": write_share(details.fte)} if details else {}
    given = {"fault": fault, "about": about, "typed": typed or {}, "longest": LONGEST}
    return render_template("who_person.html", person=line, details=details, **entered, **shown, **given)


def _refused(person_id: int, error: SyncError, about: str) -> ResponseReturnValue:
    return _page(person_id, str(error), about, request.form), 422


@page.post("/people/<id:person_id>")
def change(person_id: int) -> ResponseReturnValue:
    """Write what is entered of the person."""
    try:
        changed = change_details(here.engine(), person_id, _typed(), here.now(), signin.actor())
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
        manager_id=read_id(form, "manager"),
        active=form.get("active") == "on",
        teams=read_teams(form.get("teams", "")),
    )


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
