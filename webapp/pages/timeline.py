"""The timeline: projects, milestones and what waits for what, over a quarter, a year, two, or all there is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection

from portfolio.access.viewer import Viewer
from portfolio.facts.gather import day_of
from webapp import here, record, signin
from webapp.as_of import AsOf, as_of
from webapp.export import Form, file
from webapp.queries import tree
from webapp.queries.dependencies import MOST_LINKS, links_once
from webapp.queries.portfolio import Loaded, load
from webapp.queries.timeline import Listed, Plan, dates_of, listed, plans_of
from webapp.spreadsheet import Cell
from webapp.tables import Order, read_choice, read_day, read_paging
from webapp.timeline.picture import mark_of, picture
from webapp.timeline.rows import Dates
from webapp.timeline.window import Window, Zoom, beside, window
from webapp.words import say

PAGE_SIZE = 50
MARKS = ("reached", "ahead", "slipped", "overdue")
"""How milestones are marked, as the legend tells them."""

page = Blueprint("timeline", __name__)


@dataclass(frozen=True)
class Asked:
    """What the address asks for: the projects that fit, with and without any date."""

    of_day: AsOf
    loaded: Loaded
    wish: tree.Filters
    dates: Mapping[int, Dates]
    dated: tuple[Listed, ...]
    undated: tuple[Listed, ...]


def _asked(connection: Connection, viewer: Viewer) -> Asked:
    of_day, wish = as_of(connection), tree.read_filters(request.args)
    loaded = load(connection, viewer, day=of_day.figures)
    found = listed(tree.arrange(loaded, wish, Order("name")))
    dates = dates_of(connection, viewer)
    dated = tuple(it for it in found if dates[it.project.id].known)
    return Asked(of_day, loaded, wish, dates, dated, tuple(it for it in found if not dates[it.project.id].known))


def _window(zoom: Zoom, asked: Asked) -> Window:
    spans = [ends for it in asked.dated if (ends := asked.dates[it.project.id].ends)]
    span = (min(first for first, _ in spans), max(last for _, last in spans)) if spans else None
    return window(zoom, asked.of_day.day, read_day(request.args, "from"), span)


@page.get("/portfolio/timeline")
def timeline() -> ResponseReturnValue:
    viewer = signin.viewer()
    zoom = Zoom(read_choice(request.args, "zoom", tuple(Zoom)) or Zoom.YEAR)
    with here.reading() as connection:
        asked = _asked(connection, viewer)
        paging = read_paging(request.args, len(asked.dated), PAGE_SIZE)
        some = asked.dated[paging.offset : paging.offset + paging.size]
        ids, today = [it.project.id for it in some], asked.of_day.day
        plans = plans_of(connection, ids, viewer, day_of(connection, today, here.now()), asked.of_day.figures)
        links = links_once(connection, ids, viewer, today)
    shown = _window(zoom, asked)
    managers = {it.manager_id: it.manager for it in asked.loaded.projects if it.manager_id}
    return render_template(
        "timeline.html",
        shown=asked.of_day,
        loaded=asked.loaded,
        wish=asked.wish,
        managers=sorted(managers.items(), key=lambda pair: (pair[1] or "").casefold()),
        window=shown,
        zoom=zoom,
        zooms=tuple(Zoom),
        beside=beside(zoom, shown),
        rows=picture(some, asked.dates, plans, links, shown, today),
        dated=asked.dated,
        undated=asked.undated[:PAGE_SIZE],
        undated_more=max(0, len(asked.undated) - PAGE_SIZE),
        links=links,
        cut=len(links) >= MOST_LINKS,
        overdue=[point for plan in plans.values() for point in plan.milestones if point.state == "overdue"],
        marks=MARKS,
        mark_of=mark_of,
        paging=paging,
    )


@page.get("/portfolio/timeline.csv")
def timeline_csv() -> ResponseReturnValue:
    return _file(Form.CSV)


@page.get("/portfolio/timeline.xlsx")
def timeline_xlsx() -> ResponseReturnValue:
    return _file(Form.XLSX)


HEAD = ("level", "group", "project", "name", "state", "start", "due", "planned", "reached", "half", "likely", "url")


def _file(form: Form) -> ResponseReturnValue:
    """All projects that fit, those without dates too, each with its milestones below it."""
    viewer = signin.viewer()
    with here.reading() as connection:
        asked = _asked(connection, viewer)
        every = (*asked.dated, *asked.undated)
        ids, now = [it.project.id for it in every], here.now()
        of_day = asked.of_day
        plans = plans_of(connection, ids, viewer, day_of(connection, of_day.day, now), of_day.figures)
    lines = [line for it in every for line in _lines(it, asked.dates[it.project.id], plans[it.project.id])]
    record.export("timeline", form, len(lines))
    return file(form, "timeline", [say("timeline_head", name) for name in HEAD], lines)


def _lines(it: Listed, dates: Dates, plan: Plan) -> Iterator[Sequence[Cell]]:
    place: list[Cell] = [it.group.name if it.group else None, it.project.name]
    own: list[Cell] = [it.project.name, say("project_status", it.project.status), dates.start, dates.due]
    yield [say("level", "project"), *place, *own, plan.baseline, None, plan.half, plan.likely, None]
    for point in plan.milestones:
        state = say("milestone_mark", mark_of(point))
        told: list[Cell] = [point.name, state, None, point.due, point.baseline, point.finished_on]
        yield [say("timeline_milestone"), *place, *told, None, None, point.url]
