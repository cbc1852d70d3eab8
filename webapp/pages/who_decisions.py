"""Who may be one human, decided many at once; and what was decided, to be looked at and taken back."""

from __future__ import annotations

import re

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from sync.errors import SyncError
from sync.identities import undoing
from sync.identities.decided import count_decisions, decisions
from sync.identities.deciding import merge, reject
from sync.identities.suggesting import describe, find_candidates, judged
from webapp import here, record, signin
from webapp.tables import read_paging

PAGE_SIZE = 50
ACCEPT, REJECT = "accept", "reject"
_PAIR = re.compile(r"([0-9]{1,18})-([0-9]{1,18})", re.ASCII)

page = Blueprint("who_decisions", __name__)


@page.get("/people/suggestions")
def suggestions() -> ResponseReturnValue:
    return _suggestions()


def _suggestions(fault: str = "") -> str:
    with here.reading() as connection:
        found = find_candidates(connection)
        paging = read_paging(request.args, len(found), PAGE_SIZE)
        shown = describe(connection, found[paging.offset : paging.offset + paging.size])
    record.people("who is who", (side.id for it in shown for side in (it.one, it.other)))
    chosen = request.form.getlist("pair")
    return render_template("who_suggestions.html", suggestions=shown, paging=paging, fault=fault, chosen=chosen)


@page.post("/people/suggestions")
def decide() -> ResponseReturnValue:
    """Make one person of each chosen pair, or tell them apart. The lower number stays."""
    matches = [match for each in request.form.getlist("pair") if (match := _PAIR.fullmatch(each))]
    what = request.form.get("do")
    if not matches or what not in (ACCEPT, REJECT):
        return _suggestions("Choose suggestions first."), 422
    with here.reading() as connection:
        pairs = judged(connection, [(int(match[1]), int(match[2])) for match in matches])
    act = merge if what == ACCEPT else reject
    try:
        made = act(here.engine(), pairs, here.now(), signin.name(), signin.actor())
    except SyncError as error:
        return _suggestions(str(error)), 422
    flash(f"{what} {len(made)}", "decided")
    return redirect(url_for("who_decisions.suggestions"))


@page.get("/people/decisions")
def log() -> ResponseReturnValue:
    return _log()


def _log(fault: str = "") -> str:
    with here.reading() as connection:
        paging = read_paging(request.args, count_decisions(connection), PAGE_SIZE)
        found = decisions(connection, most=paging.size, offset=paging.offset)
    record.people("who is who", (ident for it in found for ident in (it.person_id, it.other_id)))
    return render_template("who_decisions.html", decisions=found, paging=paging, fault=fault)


@page.post("/people/decisions/<id:decision_id>/undo")
def undo(decision_id: int) -> ResponseReturnValue:
    """Take a decision back."""
    try:
        undoing.undo(here.engine(), decision_id, here.now(), signin.name(), signin.actor())
    except SyncError as error:
        return _log(str(error)), 422
    flash("undone", "who")
    return redirect(url_for("who_decisions.log"))
