"""The portfolio page: a sentence, then portfolios, programs and projects in one table; and the same as a file."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection

from portfolio.access.viewer import Viewer
from portfolio.kpis.catalogue import KPIS
from webapp import compare, here, record, signin
from webapp.as_of import AsOf, as_of
from webapp.export import Form, file
from webapp.portfolio_figures import figures, figures_of, judged_dimensions
from webapp.portfolio_file import head, lines
from webapp.queries import tree
from webapp.queries.changes import changes_of
from webapp.queries.columns import COLUMNS, SHOWN, TREND, by_budget, colour_counts
from webapp.queries.portfolio import Loaded, load, readings_of_all, with_readings
from webapp.tables import Order, read_id, read_order, read_text

page = Blueprint("portfolio", __name__)

MOST_OPEN = 2_000
"""So many characters of an address may name the branches that are open."""


def _part() -> tree.Part:
    opened = read_text(request.args, "open", MOST_OPEN).split(".")
    return tree.Part(frozenset(filter(None, opened)), read_id(request.args, "page") or 1)


@dataclass(frozen=True)
class Asked:
    """What the address asks for. `compare` is the word or day in it, empty where it asks for no comparison.

    The rows of the table are without readings yet.
    """

    of_day: AsOf
    compare: str
    compared: Collection[str]
    loaded: Loaded
    wish: tree.Filters
    order: Order
    flat: bool
    table: tree.Table


def _asked(connection: Connection, viewer: Viewer, part: tree.Part | None = None) -> Asked:
    """What the address asks for, of many projects only the part."""
    wish = tree.read_filters(request.args)
    order = read_order(request.args, tree.SORTS, "rag")
    flat = request.args.get("view") == "list"
    of_day = as_of(connection)
    since = compare.since(of_day.day, request.args.get("compare", ""))
    compared = SHOWN if since else (COLUMNS[TREND],)
    loaded = load(connection, viewer, day=of_day.figures, since=since, column=order.column)
    table = tree.arrange(loaded, wish, order, part, flat=flat)
    return Asked(of_day, request.args["compare"] if since else "", compared, loaded, wish, order, flat, table)


def _filled(connection: Connection, viewer: Viewer, asked: Asked) -> Iterator[tree.Row]:
    """The rows with their readings, which are asked for while the rows are taken."""
    lines = (row.line for row in asked.table.rows if row.line)
    return tree.filled(asked.table.rows, with_readings(connection, viewer, asked.loaded, lines, asked.compared))


@page.get("/")
def portfolio() -> ResponseReturnValue:
    viewer, part = signin.viewer(), _part()
    with here.reading() as connection:
        asked = _asked(connection, viewer, part)
        loaded, table = asked.loaded, asked.table
        rows = list(_filled(connection, viewer, asked))
        of_all, of_all_before = readings_of_all(connection, viewer, loaded, asked.compared)
        changes = changes_of(connection, viewer, table.turned, loaded.as_of, loaded.since)
    managers = {project.manager_id: project.manager for project in loaded.projects if project.manager_id}
    return render_template(
        "portfolio.html",
        shown=asked.of_day,
        compare=asked.compare,
        loaded=loaded,
        wish=asked.wish,
        order=asked.order,
        flat=asked.flat,
        table=table,
        changes=changes,
        columns=[(column, KPIS[kpi]) for column, kpi in COLUMNS.items()],
        rows=[(row, figures_of(row.line) if row.line else (), judged_dimensions(row.line)) for row in rows],
        all_figures=figures(of_all, of_all_before, permitted=True) if of_all else (),
        all_colours=colour_counts(of_all),
        all_budgets=by_budget(of_all),
        managers=sorted(managers.items(), key=lambda pair: (pair[1] or "").casefold()),
        opened=part.opened,
    )


@page.get("/portfolio.csv")
def portfolio_csv() -> ResponseReturnValue:
    return _file(Form.CSV)


@page.get("/portfolio.xlsx")
def portfolio_xlsx() -> ResponseReturnValue:
    return _file(Form.XLSX)


def _file(form: Form) -> ResponseReturnValue:
    """All rows, however many."""
    viewer = signin.viewer()
    with here.reading() as connection:
        asked = _asked(connection, viewer)
        since = asked.loaded.since if asked.compare else None
        rows = asked.table.rows
        record.export("portfolio", form, len(rows))
        filled = _filled(connection, viewer, asked)
        return file(form, "portfolio", head(since), lines(rows, filled, compared=since is not None))
