"""The portfolio page: a sentence, then portfolios, programs and projects in one table; and the same as a file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from portfolio.kpis.catalogue import KPIS
from webapp import here, record, signin
from webapp.export import Form, file
from webapp.queries import tree
from webapp.queries.columns import COLUMNS, COUNTED, colour_counts, shown_unit, shown_value
from webapp.queries.portfolio import GroupLine, Loaded, ProjectLine, load
from webapp.queries.readings import Readings
from webapp.spreadsheet import Cell
from webapp.tables import Order, read_choice, read_id, read_order, read_text
from webapp.words import amount, say

page = Blueprint("portfolio", __name__)

REPORTED = ("green", "amber", "red", "none")
NOT_COMPUTED, NOT_PERMITTED = "NOT_COMPUTED", "NOT_PERMITTED"
HEAD = ("level", "portfolio", "program", "code", "name", "manager", "status", "rag", "reported", *COLUMNS)


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


@dataclass(frozen=True, slots=True)
class Figure:
    """One cell as it is read out: the text, or the reason why there is none."""

    text: str | None
    rag: str
    reason: str | None


def _figures(readings: Readings, *, permitted: bool) -> list[Figure]:
    missing = NOT_COMPUTED if permitted else NOT_PERMITTED
    figures = []
    for column, kpi_id in COLUMNS.items():
        reading = readings.get(kpi_id)
        counted = column in COUNTED
        if reading is None:
            figures.append(Figure(None, "grey", missing))
            continue
        value = shown_value(reading, counted=counted)
        text = None if value is None else amount(value, shown_unit(KPIS[kpi_id], counted=counted))
        figures.append(Figure(text, reading.rag, reading.reason))
    return figures


def _row_figures(line: ProjectLine | GroupLine) -> list[Figure]:
    return _figures(line.readings, permitted=line.permitted)


def _asked() -> tuple[Loaded, tree.Filters, Order, bool, tree.Table]:
    wish = _filters()
    order = read_order(request.args, tree.SORTS, "rag")
    flat = request.args.get("view") == "list"
    with here.reading() as connection:
        loaded = load(connection, signin.viewer())
    return loaded, wish, order, flat, tree.arrange(loaded, wish, order, flat=flat)


@page.get("/")
def portfolio() -> ResponseReturnValue:
    loaded, wish, order, flat, table = _asked()
    managers = {project.manager_id: project.manager for project in loaded.projects if project.manager_id}
    return render_template(
        "portfolio.html",
        loaded=loaded,
        wish=wish,
        order=order,
        flat=flat,
        table=table,
        columns=[(column, KPIS[kpi]) for column, kpi in COLUMNS.items()],
        rows=[(row, _row_figures(row.line) if row.line else ()) for row in table.rows],
        all_figures=_figures(loaded.all, permitted=True) if loaded.all else (),
        all_colours=colour_counts(loaded.all),
        managers=sorted(managers.items(), key=lambda pair: (pair[1] or "").casefold()),
    )


def _colour(line: ProjectLine | GroupLine) -> str:
    if isinstance(line, ProjectLine):
        return say("rag", line.rag)
    return ", ".join(f"{count} {say('rag', rag)}" for rag, count in line.colours)


def _values(line: ProjectLine | GroupLine) -> list[Cell]:
    missing = NOT_COMPUTED if line.permitted else NOT_PERMITTED
    cells: list[Cell] = []
    for column, kpi in COLUMNS.items():
        reading = line.readings.get(kpi)
        if reading is None or reading.value is None:
            cells.append(say("reason", reading.reason if reading else missing))
        else:
            cells.append(shown_value(reading, counted=column in COUNTED))
    return cells


def _line(row: tree.Row, parents: Mapping[str, tree.Row]) -> list[Cell]:
    above: dict[str, str] = {}
    step: tree.Row | None = row
    while step is not None:
        above[step.kind] = step.line.name if step.line else say("homeless")
        step = parents.get(step.parent)
    places: list[Cell] = [say("level", row.kind), above.get("portfolio"), above.get("program")]
    line = row.line
    if line is None:
        return [*places, None, say("homeless"), *[None] * (len(HEAD) - 5)]
    if isinstance(line, GroupLine):
        return [*places, None, line.name, line.owner, None, _colour(line), None, *_values(line)]
    said = line.reported_status or line.reported_rag
    own: list[Cell] = [line.code, line.name, line.manager, say("project_status", line.status), _colour(line)]
    return [*places, *own, say("reported", said) if said else None, *_values(line)]


@page.get("/portfolio.csv")
def portfolio_csv() -> ResponseReturnValue:
    return _file(Form.CSV)


@page.get("/portfolio.xlsx")
def portfolio_xlsx() -> ResponseReturnValue:
    return _file(Form.XLSX)


def _file(form: Form) -> ResponseReturnValue:
    *_, table = _asked()
    parents = {row.key: row for row in table.rows}
    record.export("portfolio", form, len(table.rows))
    head = [say("column", name) if name in COLUMNS else say("portfolio_head", name) for name in HEAD]
    return file(form, "portfolio", head, (_line(row, parents) for row in table.rows))
