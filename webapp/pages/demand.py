"""Demand: what each role can do, what it is to do, and what it is short of, by month."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from portfolio.resources.demand import Need
from portfolio.resources.periods import Columns, Periods
from webapp import here, record, signin
from webapp.charts import demand as charts
from webapp.charts.answer import picture
from webapp.export import Form, file
from webapp.period_form import read_periods
from webapp.queries.demand import DemandView, demand_view
from webapp.spreadsheet import Cell
from webapp.tables import read_text
from webapp.words import say

page = Blueprint("demand", __name__)


def _asked() -> DemandView:
    now = here.now().astimezone(here.zone())
    periods = read_periods(request.args, now.date(), Columns.MONTH)
    with here.reading() as connection:
        return demand_view(connection, signin.viewer(), now.date(), now, periods)


def _chosen(found: DemandView) -> tuple[str, tuple[Need, ...] | None]:
    """The role that was asked for, as it is written here, and its periods; of all together where none was."""
    name = read_text(request.args, "role")
    of_role = next((it.needs for it in found.rows if (it.role or say("load_unknown")) == name), None)
    return (name, of_role) if of_role else ("", found.total)


@page.get("/resources/demand")
def demand() -> ResponseReturnValue:
    found = _asked()
    name, needs = _chosen(found)
    return render_template("demand.html", found=found, name=name, needs=needs)


@page.get("/resources/demand.svg")
def drawn() -> ResponseReturnValue:
    """The picture of a role, or of all together; empty where these are too few persons to be shown."""
    found = _asked()
    _, needs = _chosen(found)
    words = {name: say("demand_word", name) for name in (*charts.BANDS, "capacity", "hours")}
    return picture(charts.demand(_labels(found.periods) if needs else (), needs or (), words))


def _labels(periods: Periods) -> list[str]:
    """What stands below the bars: the month, or the day without its year."""
    month = periods.columns is Columns.MONTH
    return [day.isoformat()[:7] if month else day.isoformat()[5:] for day in periods.days]


@page.get("/resources/demand.csv")
def demand_csv() -> ResponseReturnValue:
    return _file(Form.CSV)


@page.get("/resources/demand.xlsx")
def demand_xlsx() -> ResponseReturnValue:
    return _file(Form.XLSX)


HEAD = ("role", "persons", "from", "capacity", "firm", "unassigned", "gap", "proposed")


def _file(form: Form) -> ResponseReturnValue:
    found = _asked()
    record.export("demand", form, len(found.rows))
    return file(form, "demand", [say("demand_head", name) for name in HEAD], _lines(found))


def _lines(found: DemandView) -> list[list[Cell]]:
    lines: list[list[Cell]] = []
    for row in found.rows:
        role = row.role or say("load_unknown")
        if row.needs is None:
            lines.append([role, row.persons, say("load_suppressed")])
            continue
        for begins, it in zip(found.periods.days, row.needs, strict=True):
            hours = (it.capacity, it.firm, it.unassigned, it.gap, it.proposed)
            lines.append([role, row.persons, begins, *(round(each, 2) for each in hours)])
    return lines
