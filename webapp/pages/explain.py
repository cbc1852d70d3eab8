"""Explain this number: the value, how it was made, what it rests on, and the way to the items in the tracker."""

from __future__ import annotations

from flask import Blueprint, abort, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection

from portfolio.access.masks import judges
from portfolio.access.narrow import in_project
from portfolio.figures.explain import Explained, explain
from portfolio.figures.keep import Scope
from portfolio.figures.members import ALL
from portfolio.kpis.earned import ALONE
from webapp import here, signin, trends
from webapp.as_of import as_of
from webapp.explaining import parts_of, put_in, written
from webapp.queries.columns import ON_PAGE
from webapp.queries.explained import Group, find_group
from webapp.queries.items import Item, Wish, list_items
from webapp.queries.project import Heading, find_heading
from webapp.queries.setting_scopes import names
from webapp.tables import Order, read_paging

FIRST_ITEMS = 10
"""So many of the items behind a number stand on the page; all of them are a link away."""
PAGE_SIZE = 100

page = Blueprint("explain", __name__)


@page.get("/projects/<id:project_id>/kpis/<kpi_id>")
def project(project_id: int, kpi_id: str) -> ResponseReturnValue:
    viewer = signin.viewer()
    with here.reading() as connection:
        heading = find_heading(connection, project_id, viewer)
        if heading is None or not judges(in_project(connection, viewer, project_id)):
            abort(404)
        return _page(connection, ("project", project_id), kpi_id, heading)


@page.get("/programs/<id:program_id>/kpis/<kpi_id>")
def program(program_id: int, kpi_id: str) -> ResponseReturnValue:
    return _of_group(("program", program_id), kpi_id)


@page.get("/portfolios/<id:portfolio_id>/kpis/<kpi_id>")
def portfolio(portfolio_id: int, kpi_id: str) -> ResponseReturnValue:
    return _of_group(("portfolio", portfolio_id), kpi_id)


@page.get("/all/kpis/<kpi_id>")
def everything(kpi_id: str) -> ResponseReturnValue:
    return _of_group(ALL, kpi_id)


def _of_group(scope: Scope, kpi_id: str) -> str:
    with here.reading() as connection:
        group = find_group(connection, scope, signin.viewer())
        if group is None:
            abort(404)
        return _page(connection, scope, kpi_id, group)


def _page(connection: Connection, scope: Scope, kpi_id: str, heading: Heading | Group) -> str:
    shown = as_of(connection)
    found = explain(connection, scope, kpi_id, shown.day, here.now().astimezone(here.zone()))
    if found is None:
        abort(404)
    told = found.resolved
    scopes = {it for it in (told.limits_from, told.target_from, told.on_from, told.counted_in_from) if it is not None}
    paging = read_paging(request.args, len(found.contributing), PAGE_SIZE)
    return render_template(
        "explain.html",
        it=found,
        kpi=told.kpi,
        scope=scope,
        heading=heading,
        shown=shown,
        link=request.path + f"?as_of={found.day.isoformat()}",
        alone=ALONE,
        parts=[(part.symbol, written(part, found.now.currency if found.now else None)) for part in parts_of(found.now)],
        put_in=put_in(told.kpi, found.now),
        scopes=names(connection, signin.viewer(), scopes),
        items=_items(connection, found),
        section=ON_PAGE.get(kpi_id),
        paging=paging,
        contributing=found.contributing[paging.offset : paging.offset + paging.size],
        pictured=scope[0] == "project" and kpi_id in trends.MAIN and _has_curve(found),
    )


def _has_curve(found: Explained) -> bool:
    """Whether there is anything to draw: several days, and a value on one of them."""
    return len(found.trend) > 1 and any(kept.value is not None for kept in found.trend)


def _items(connection: Connection, found: Explained) -> list[tuple[str, int, tuple[Item, ...]]]:
    """The first items behind each fact, with how many there are."""
    return [
        (
            fact.name,
            number,
            list_items(connection, Wish(found.scope[1], fact.name, found.day), Order("due"), limit=FIRST_ITEMS),
        )
        for fact, number in found.behind
    ]
