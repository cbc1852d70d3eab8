"""/api/v1/objectives: the objectives, making and changing them, and which projects in sight serve them."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Literal

import msgspec
from flask import Blueprint, Response, abort
from sqlalchemy import Connection

from portfolio.access.matrix import Right
from portfolio.faults import EntryError
from portfolio.objectives.keep import change, find_objective, make, retire
from portfolio.objectives.links import mark_of_links, say, withdraw
from portfolio.objectives.wish import Kept, Wish
from portfolio.store.engine import writing
from webapp import here, signin
from webapp.api.asked import Nothing, Part, Shape, answer, body, one_line, query
from webapp.api.bookings import MADE, Made, refused
from webapp.problems import Unreadable
from webapp.queries import objectives as found
from webapp.tables import Order

part = Blueprint("objectives", __name__)


class Wanted(Part, frozen=True):
    """Which objectives, as on the page: a text of title or code, a quarter, also those that stand no more."""

    text: str = ""
    period: str = ""
    time: Literal["standing", "all"] | None = None


class Objective(msgspec.Struct, frozen=True):
    """An objective. `ref` names it in files; `goal`: a tracker tells of it; `stands`: it still asks for projects, of
    which `projects` in sight serve it."""

    id: int
    ref: str
    title: str
    goal: bool
    connection: str | None
    status: str | None
    period: str | None
    due: date | None
    weight: float | None
    metric_name: str | None
    metric_target: float | None
    metric_current: float | None
    parent_id: int | None
    stands: bool
    gone: bool
    projects: int


class Objectives(msgspec.Struct, frozen=True):
    """Some of the objectives, by their period."""

    total: int
    limit: int
    offset: int
    objectives: list[Objective]


class Link(msgspec.Struct, frozen=True):
    """A project in sight. `strength` counts today; `said` is what was said here, `told` what the tracker tells."""

    project_id: int
    project: str
    code: str
    strength: int
    said: int | None
    told: int | None
    reason: str | None
    since: date | None
    said_by: str | None
    said_at: datetime | None


class One(msgspec.Struct, frozen=True):
    """An objective with its links. `seen` and `seen_links` say what they are by now: whoever changes them sends it."""

    objective: Objective
    links: list[Link]
    seen: str
    seen_links: str


class New(Shape, frozen=True):
    """An objective as it is to be. Of a goal title and status are the tracker's: leave them out."""

    code: str | None = None
    title: str | None = None
    period: str | None = None
    weight: Decimal | None = None
    metric_name: str | None = None
    metric_target: Decimal | None = None
    metric_current: Decimal | None = None
    parent_id: int | None = None
    status: str | None = None


class Decision(Shape, frozen=True):
    """What becomes of an objective: changed to another `objective`, all of it, or retired with an `outcome`."""

    do: Literal["change", "retire"]
    seen: str
    objective: New | None = None
    outcome: Literal["achieved", "partial", "missed", "dropped"] | None = None


class Saying(Shape, frozen=True):
    """How strongly a project serves it from a day on (today), and why; without a `strength` what was said is withdrawn
    from that day on."""

    project_id: int
    seen: str
    strength: int | None = None
    reason: str = ""
    since: date | None = None


@part.get("/objectives")
def objectives() -> Response:
    asked, viewer, today = query(Wanted), signin.viewer(), here.today()
    wish = found.Wish(asked.text, asked.period, asked.time)
    with here.reading() as connection:
        total = found.count_objectives(connection, wish, today)
        which = {"limit": asked.limit, "offset": asked.offset}
        lines = found.list_objectives(connection, viewer, wish, today, Order("period"), **which)
    return answer(Objectives(total, asked.limit, asked.offset, [_told(it) for it in lines]))


def _told(it: found.Line) -> Objective:
    weight, target, current = (
        None if amount is None else float(amount) for amount in (it.weight, it.metric_target, it.metric_current)
    )
    return Objective(
        id=it.id,
        ref=it.ref,
        title=it.title,
        goal=it.goal,
        connection=it.tracker,
        status=it.status,
        period=it.period,
        due=it.due,
        weight=weight,
        metric_name=it.metric_name,
        metric_target=target,
        metric_current=current,
        parent_id=it.parent_id,
        stands=it.stands,
        gone=it.gone_at is not None,
        projects=it.projects,
    )


@part.get("/objectives/<id:objective_id>")
def objective(objective_id: int) -> Response:
    query(Nothing)
    with here.reading() as connection:
        kept, line = _found(connection, objective_id)
        links = found.serving(connection, signin.viewer(), objective_id, here.today())
        seen_links = mark_of_links(connection, objective_id)
    return answer(One(_told(line), [_link(it) for it in links], kept.mark, seen_links))


def _link(it: found.Serving) -> Link:
    counts = (it.strength, it.said, it.told)
    return Link(it.project_id, it.project, it.code, *counts, it.reason, it.since, it.said_by, it.said_at)


def _found(connection: Connection, objective_id: int) -> tuple[Kept, found.Line]:
    kept = find_objective(connection, objective_id)
    line = found.find_line(connection, signin.viewer(), objective_id, here.today())
    if kept is None or line is None:
        abort(404)
    return kept, line


@part.post("/objectives")
def add() -> Response:
    new, now = body(New), here.now().astimezone(here.zone())
    try:
        with writing(here.engine()) as store:
            objective_id = make(store, _wish(new, None), now, signin.name(), signin.actor())
    except EntryError as error:
        raise refused(error) from error
    return answer(Made(objective_id), MADE)


def _wish(new: New, before: Kept | None) -> Wish:
    title, status = (None, None) if before is None else (before.wish.title, before.wish.status)
    return Wish(
        code=one_line(new.code or "") or None,
        title=title or "" if new.title is None else one_line(new.title),
        period=one_line(new.period or "").upper() or None,
        weight=new.weight,
        metric_name=one_line(new.metric_name or "") or None,
        metric_target=new.metric_target,
        metric_current=new.metric_current,
        parent_id=new.parent_id,
        status=new.status or status or (None if before else "on_track"),
    )


@part.post("/objectives/<id:objective_id>")
def decide(objective_id: int) -> Response:
    """Do it as on the page."""
    asked, whose = body(Decision), (here.now().astimezone(here.zone()), signin.name(), signin.actor())
    with here.reading() as connection:
        kept, _ = _found(connection, objective_id)
    try:
        with writing(here.engine()) as store:
            if asked.do == "retire":
                retire(store, objective_id, asked.seen, asked.outcome or "", *whose)
            elif asked.objective is None:
                raise Unreadable("Say what the `objective` is to be")
            else:
                change(store, objective_id, asked.seen, _wish(asked.objective, kept), *whose)
    except EntryError as error:
        raise refused(error) from error
    return answer(Made(objective_id))


@part.post("/objectives/<id:objective_id>/links")
def link(objective_id: int) -> Response:
    """Say it as on the page, from whoever may link the project."""
    asked, now = body(Saying), here.now().astimezone(here.zone())
    with here.reading() as connection:
        _found(connection, objective_id)
        if asked.project_id not in found.project_ids(connection, signin.viewer(), Right.EDIT):
            abort(403)
    pair, since = (objective_id, asked.project_id), asked.since or now.date()
    try:
        with writing(here.engine()) as store:
            if asked.strength is None:
                withdraw(store, pair, asked.seen, since, now, signin.actor())
            else:
                reason = one_line(asked.reason)
                say(store, pair, asked.seen, asked.strength, reason, since, now, signin.name(), signin.actor())
    except EntryError as error:
        raise refused(error) from error
    return answer(Made(objective_id))
