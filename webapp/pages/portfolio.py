"""The portfolio page: a sentence, then portfolios, programs and projects in one table; and the same as a file."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from portfolio.kpis.catalogue import KPIS
from portfolio.kpis.rag import OVERALL
from webapp import compare, here, record, signin
from webapp.as_of import AsOf, as_of
from webapp.export import Form, file
from webapp.portfolio_figures import figures, figures_of, judged_dimensions
from webapp.portfolio_file import head, lines
from webapp.queries import tree
from webapp.queries.changes import Changes, changes_of
from webapp.queries.columns import COLUMNS, SHOWN, TREND, colour_counts
from webapp.queries.portfolio import Loaded, load
from webapp.tables import Order, read_choice, read_id, read_order, read_text

page = Blueprint("portfolio", __name__)

REPORTED = ("green", "amber", "red", "none")


def _filters() -> tree.Filters:
    arguments = request.args
    return tree.Filters(
        portfolio=read_id(arguments, "portfolio"),
        program=read_id(arguments, "program"),
        rag=read_choice(arguments, "rag", tree.RAGS),
        reported=read_choice(arguments, "reported", REPORTED),
        status=read_choice(arguments, "status", (*tree.STATUSES, "all")) or "current",
        manager=read_id(arguments, "manager"),
        text=read_text(arguments, "q"),
    )


@dataclass(frozen=True)
class Asked:
    """What the address asks for. `compare` is the word or day in it, empty where it asks for no comparison."""

    of_day: AsOf
    compare: str
    loaded: Loaded
    wish: tree.Filters
    order: Order
    flat: bool
    table: tree.Table
    changes: Changes


def _asked() -> Asked:
    wish = _filters()
    order = read_order(request.args, tree.SORTS, "rag")
    flat = request.args.get("view") == "list"
    viewer = signin.viewer()
    with here.reading() as connection:
        of_day = as_of(connection)
        since = compare.since(of_day.day, request.args.get("compare", ""))
        compared = SHOWN if since else (OVERALL, COLUMNS[TREND])
        loaded = load(connection, viewer, day=of_day.figures, since=since, compared=compared)
        table = tree.arrange(loaded, wish, order, flat=flat)
        changes = changes_of(connection, viewer, table.turned, loaded.as_of, loaded.since)
    return Asked(of_day, request.args["compare"] if since else "", loaded, wish, order, flat, table, changes)


@page.get("/")
def portfolio() -> ResponseReturnValue:
    asked = _asked()
    loaded, table = asked.loaded, asked.table
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
        changes=asked.changes,
        columns=[(column, KPIS[kpi]) for column, kpi in COLUMNS.items()],
        rows=[(row, figures_of(row.line) if row.line else (), judged_dimensions(row.line)) for row in table.rows],
        all_figures=figures(loaded.all, loaded.all_before, permitted=True) if loaded.all else (),
        all_colours=colour_counts(loaded.all),
        managers=sorted(managers.items(), key=lambda pair: (pair[1] or "").casefold()),
    )


@page.get("/portfolio.csv")
def portfolio_csv() -> ResponseReturnValue:
    return _file(Form.CSV)


@page.get("/portfolio.xlsx")
def portfolio_xlsx() -> ResponseReturnValue:
    return _file(Form.XLSX)


def _file(form: Form) -> ResponseReturnValue:
    asked = _asked()
    since = asked.loaded.since if asked.compare else None
    record.export("portfolio", form, len(asked.table.rows))
    return file(form, "portfolio", head(since), lines(asked.table.rows, compared=since is not None))
