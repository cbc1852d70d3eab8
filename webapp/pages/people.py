"""The people of the trackers: what is kept of one, as a file for them, and erasing one."""

from __future__ import annotations

import msgspec
from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from sync import erasure
from sync.disclosure import disclose
from sync.erasure import Found
from sync.errors import BusyError, UnknownPersonError
from webapp import here, record, signin
from webapp.tables import read_text

MOST_SHOWN = 50

page = Blueprint("people", __name__)


def _person(person_id: int) -> Found:
    try:
        return erasure.find_person(here.engine(), person_id)
    except UnknownPersonError:
        abort(404)


@page.get("/settings/people")
def people() -> ResponseReturnValue:
    """Nobody is listed before somebody is looked for."""
    text = read_text(request.args, "q")
    found = erasure.find_persons(here.engine(), text, MOST_SHOWN) if text else ()
    record.people("who is who", (each.id for each in found))
    return render_template("people.html", text=text, people=found, most=MOST_SHOWN)


@page.get("/settings/people/<id:person_id>")
def person(person_id: int) -> ResponseReturnValue:
    found = _person(person_id)
    record.person_view(found.id, "settings")
    return render_template("person.html", person=found, fault=None, typed={}, longest=erasure.LONGEST_REASON)


@page.get("/settings/people/<id:person_id>.json")
def person_json(person_id: int) -> ResponseReturnValue:
    """All that is kept of the person, for the person. Noted before it is sent."""
    found = disclose(here.engine(), _person(person_id).id, here.now(), signin.actor())
    answer = Response(msgspec.json.encode(found), mimetype="application/json")
    answer.headers["Content-Disposition"] = f'attachment; filename="person-{person_id}.json"'
    return answer


@page.post("/settings/people/<id:person_id>/erase")
def erase(person_id: int) -> ResponseReturnValue:
    """Erase the person whose name was typed, for a reason. Whichever process syncs then cleans what was kept before."""
    found, reason = _person(person_id), " ".join(request.form.get("reason", "").split())
    fault = None
    if request.form.get("name", "").strip() != found.name:
        fault = "name"
    elif not 0 < len(reason) <= erasure.LONGEST_REASON or found.name in reason:
        fault = "reason"
    else:
        try:
            erasure.erase(here.engine(), person_id, reason, here.now(), signin.actor())
        except BusyError:
            fault = "busy"
    if fault is None:
        flash(str(person_id), "erased")
        return redirect(url_for("people.person", person_id=person_id))
    shown = {"typed": request.form, "fault": fault, "longest": erasure.LONGEST_REASON}
    return render_template("person.html", person=found, **shown), 422
