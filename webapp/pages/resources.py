"""Resources: who has too much in the next weeks, as a sentence, a heat map, and what is in no load."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from flask import Blueprint, abort, render_template, request
from flask.typing import ResponseReturnValue

from portfolio.resources.heat import Cell
from webapp import here, record, signin
from webapp.export import Form, file
from webapp.heat_cells import heat_cells
from webapp.period_form import read_periods
from webapp.queries.everybody import figures_of_everybody
from webapp.queries.load import By, LoadView, Row, choices, load_view, person_load
from webapp.spreadsheet import Cell as Field
from webapp.tables import read_choice, read_page_size, read_paging, read_text
from webapp.words import say

page = Blueprint("resources", __name__)


def _asked() -> tuple[LoadView, list[Row], By, str]:
    """What is seen, and the rows that were asked for."""
    viewer, now = signin.viewer(), here.now().astimezone(here.zone())
    offered = choices(viewer)
    by = By(read_choice(request.args, "by", offered) or offered[0])
    with here.reading() as connection:
        found = load_view(connection, viewer, now.date(), now, by, read_periods(request.args, now.date()))
    text = read_text(request.args, "q")
    wanted = [
        row for row in found.rows if not text or text.casefold() in f"{row.name or ''} {row.note or ''}".casefold()
    ]
    return found, wanted, by, text


@page.get("/resources")
def resources() -> ResponseReturnValue:
    found, wanted, by, text = _asked()
    paging = read_paging(request.args, len(wanted), read_page_size(request.args))
    rows = wanted[paging.offset : paging.offset + paging.size]
    with here.reading() as connection:
        figures = figures_of_everybody(connection, signin.viewer())
    record.people("load", (row.person_id for row in rows))
    return render_template(
        "resources.html",
        figures=figures,
        found=found,
        rows=rows,
        drawn=lambda cell: _cells(cell, rows),
        somebody=sum(not row.nobody for row in found.rows),
        over=[row for row in found.rows if row.is_over],
        nobody=sum(cell.hard for row in found.rows if row.nobody for cell in row.cells or ()),
        paging=paging,
        by=by,
        offered=choices(signin.viewer()),
        text=text,
    )


def _cells(cell: Callable[[Cell], str], rows: Iterable[Row]) -> Mapping[int, Sequence[str]]:
    """The cells of the rows that have some, by their places in the one map all are of; not of what is nobody's."""
    shown = [(row.found, row.at) for row in rows if row.found is not None and not row.nobody]
    return heat_cells(cell, shown[0][0], [at for _, at in shown]) if shown else {}


@page.get("/resources/people/<id:person_id>")
def person(person_id: int) -> ResponseReturnValue:
    """What the load of one person is made of."""
    now = here.now().astimezone(here.zone())
    periods = read_periods(request.args, now.date())
    with here.reading() as connection:
        found = person_load(connection, signin.viewer(), person_id, now.date(), now, periods)
    if found is None:
        abort(404)
    record.person_view(person_id, "load")
    return render_template("resources_person.html", it=found)


@page.get("/resources.csv")
def resources_csv() -> ResponseReturnValue:
    return _file(Form.CSV)


@page.get("/resources.xlsx")
def resources_xlsx() -> ResponseReturnValue:
    return _file(Form.XLSX)


HEAD = ("row", "note", "from", "capacity", "hard", "soft", "load", "over", "level")


def _file(form: Form) -> ResponseReturnValue:
    found, wanted, by, _ = _asked()
    record.people("load", (row.person_id for row in wanted))
    record.export("load", form, len(wanted))
    head = [say("load_by", by) if name == "row" else say("load_head", name) for name in HEAD]
    return file(form, "load", head, (line for row in wanted for line in _lines(row, found)))


def _lines(row: Row, found: LoadView) -> list[list[Field]]:
    name = say("load_nobody", row.name or "") if row.nobody else row.name or say("load_unknown")
    if row.cells is None:
        return [[name, row.note, *[None] * 6, say("load_suppressed")]]
    return [
        [
            name,
            row.note,
            begins,
            round(cell.capacity, 2),
            round(cell.hard, 2),
            round(cell.soft, 2),
            None if cell.load is None else round(cell.load, 4),
            round(cell.over, 2),
            say("load_level", cell.level),
        ]
        for begins, cell in zip(found.periods.days, row.cells, strict=True)
    ]
