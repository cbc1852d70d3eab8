"""Objectives: the list, making, changing and retiring them, and saying which projects serve them."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection

from portfolio.access.matrix import Capability, Right
from portfolio.facts.objectives import OVER
from portfolio.faults import EntryError, Faults
from portfolio.model.base import FAR
from portfolio.objectives.keep import change, find_objective, make, retire, wrong_here
from portfolio.objectives.links import LONGEST_REASON, mark_of_links, say, withdraw
from portfolio.objectives.links import wrong_here as wrong_link
from portfolio.objectives.wish import GOING_ON, LONGEST_CODE, LONGEST_TITLE, Kept
from portfolio.store.engine import writing
from webapp import here, signin
from webapp.booking_form import NO_PROJECT, read_project
from webapp.objective_form import read_objective, read_since, read_strength, typed_of
from webapp.queries import objectives as query
from webapp.tables import read_choice, read_order, read_paging, read_text

PAGE_SIZE = 50
REFUSED = 422

page = Blueprint("objectives", __name__, url_prefix="/objectives")


@page.get("")
def objectives() -> ResponseReturnValue:
    viewer, today = signin.viewer(), here.today()
    wish = query.Wish(
        read_text(request.args, "text"),
        read_text(request.args, "period"),
        read_choice(request.args, "time", query.TIMES),
    )
    order = read_order(request.args, query.ORDERS, "period")
    with here.reading() as connection:
        total = query.count_objectives(connection, wish, today)
        paging = read_paging(request.args, total, PAGE_SIZE)
        which = {"limit": paging.size, "offset": paging.offset}
        lines = query.list_objectives(connection, viewer, wish, today, order, **which)
        periods, weights = query.periods(connection), query.weights(connection, today)
        kept = bool(total) or query.any_objective(connection)
    given = {"paging": paging, "wish": wish, "order": order, "periods": periods, "weights": weights, "any": kept}
    return render_template("objectives.html", lines=lines, **given)


@page.get("/new")
def new() -> ResponseReturnValue:
    today = here.today()
    return _new({"period": f"{today.year}-Q{(today.month + 2) // 3}"})


def _new(typed: Mapping[str, str], fault: EntryError | None = None) -> ResponseReturnValue:
    with here.reading() as connection:
        parents = query.parents(connection, here.today())
    shown = render_template("objective_new.html", typed=typed, fault=fault, parents=parents, **_BOUNDS)
    return (shown, REFUSED) if fault else shown


_BOUNDS = {"statuses": GOING_ON, "outcomes": OVER, "longest_code": LONGEST_CODE, "longest_title": LONGEST_TITLE}


@page.post("/new")
def add() -> ResponseReturnValue:
    now = here.now().astimezone(here.zone())
    wish, faults = read_objective(request.form, None)
    try:
        with writing(here.engine()) as store:
            faults.require(wrong_here(store, wish, None, now))
            objective_id = make(store, wish, now, signin.name(), signin.actor())
    except EntryError as error:
        return _new(request.form, error)
    flash("made", "objective")
    return redirect(url_for("objectives.objective", objective_id=objective_id))


@page.get("/<id:objective_id>")
def objective(objective_id: int) -> ResponseReturnValue:
    return _page(objective_id)


def _page(objective_id: int, fault: EntryError | None = None, act: str = "") -> ResponseReturnValue:
    """`act` is what was asked for in vain: its form shows what was typed."""
    viewer, today = signin.viewer(), here.today()
    with here.reading() as connection:
        kept, line = _found(connection, objective_id)
        links = query.serving(connection, viewer, objective_id, today)
        mine = query.linkable(connection, viewer)
        given = {
            "entries": query.entries(connection, viewer, objective_id),
            "unfed": query.unfed(connection, objective_id) if _decides() else 0,
            "parents": query.parents(connection, today, of=kept),
            "mine": mine,
            "editable": query.project_ids(connection, viewer, Right.EDIT),
            "seen_links": mark_of_links(connection, objective_id),
        }
    shown = render_template(
        "objective.html",
        it=line,
        kept=kept,
        links=links,
        decides=_decides(),
        fault=fault,
        act=act,
        typed=request.form if act == "change" else typed_of(kept.wish),
        said=request.form if act in ("link", "withdraw") else {"project": request.args.get("project", "")},
        today=today,
        zone=here.zone(),
        far=FAR,
        longest_reason=LONGEST_REASON,
        **_BOUNDS,
        **given,
    )
    return (shown, REFUSED) if fault else shown


def _found(connection: Connection, objective_id: int) -> tuple[Kept, query.Line]:
    kept = find_objective(connection, objective_id)
    line = query.find_line(connection, signin.viewer(), objective_id, here.today())
    if kept is None or line is None:
        abort(404)
    return kept, line


def _decides() -> bool:
    return signin.viewer().may_everywhere(Capability.OBJECTIVES, Right.APPROVE)


@page.post("/<id:objective_id>")
def decide(objective_id: int) -> ResponseReturnValue:
    """Change it, or retire it."""
    now, do, seen = here.now().astimezone(here.zone()), request.form.get("do", ""), request.form.get("seen", "")
    whose = (now, signin.name(), signin.actor())
    with here.reading() as connection:
        kept, _ = _found(connection, objective_id)
    try:
        with writing(here.engine()) as store:
            if do == "change":
                wish, faults = read_objective(request.form, kept)
                if kept.mark == seen:
                    faults.require(wrong_here(store, wish, kept, now))
                done = change(store, objective_id, seen, wish, *whose)
            elif do == "retire":
                retire(store, objective_id, seen, request.form.get("outcome", ""), *whose)
                done = True
            else:
                abort(400)
    except EntryError as error:
        return _page(objective_id, error, do)
    flash({"change": "changed", "retire": "retired"}[do] if done else "same", "objective")
    return redirect(url_for("objectives.objective", objective_id=objective_id))


@page.post("/<id:objective_id>/links")
def link(objective_id: int) -> ResponseReturnValue:
    """Say how strongly a project serves it, or withdraw what was said."""
    now, form, by = here.now().astimezone(here.zone()), request.form, signin.actor()
    do, seen = form.get("do", ""), form.get("seen", "")
    if do not in ("link", "withdraw"):
        abort(400)
    faults = Faults()
    project_id = faults.reading(lambda: read_project(form), NO_PROJECT)
    with here.reading() as connection:
        _found(connection, objective_id)
        if project_id not in (NO_PROJECT, *query.project_ids(connection, signin.viewer(), Right.EDIT)):
            abort(403)
    since = faults.reading(lambda: read_since(form, now.date()), now.date())
    pair = (objective_id, project_id)
    try:
        with writing(here.engine()) as store:
            if do == "withdraw":
                faults.require()
                done = withdraw(store, pair, seen, since, now, by)
            else:
                strength = faults.reading(lambda: read_strength(form), 0)
                reason = " ".join(form.get("reason", "").split())
                faults.require(wrong_link(store, pair, strength, reason, since, now))
                done = say(store, pair, seen, strength, reason, since, now, signin.name(), by)
    except EntryError as error:
        return _page(objective_id, error, do)
    told = "corrected" if since < now.date() else {"link": "linked", "withdraw": "withdrawn"}[do]
    flash(told if done else "same", "objective")
    return redirect(url_for("objectives.objective", objective_id=objective_id))
