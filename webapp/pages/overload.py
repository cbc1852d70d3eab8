"""Conflicts: who has too much in which week, what it is made of, and what could be moved to whom or to when."""

from __future__ import annotations

from collections.abc import Iterable

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from portfolio.scenario.kept import LONGEST_NAME
from webapp import here, record, signin
from webapp.export import Form, file
from webapp.period_form import read_weeks
from webapp.queries.overload import Conflict, Conflicts, causes, conflicts
from webapp.spreadsheet import Cell
from webapp.tables import read_paging, read_text
from webapp.words import say

PAGE_SIZE = 20
"""Conflicts of a page: for each of them others are looked for who could help."""

page = Blueprint("overload", __name__)


def _wanted(found: Conflicts) -> list[Conflict]:
    text = read_text(request.args, "q").casefold()
    return [row for row in found.rows if text in f"{row.name} {row.role or ''}".casefold()]


@page.get("/resources/conflicts")
def overload() -> ResponseReturnValue:
    now = here.now().astimezone(here.zone())
    with here.reading() as connection:
        weeks = read_weeks(request.args, now.date())
        found = conflicts(connection, signin.viewer(), now.date(), now, weeks)
        wanted = _wanted(found)
        paging = read_paging(request.args, len(wanted), PAGE_SIZE)
        rows = wanted[paging.offset : paging.offset + paging.size]
        made_of = causes(connection, found, rows, now.date())
    takers = (who.together[-1] for made in made_of.values() for cause in made for who in cause.takers)
    record.people("conflicts", (*(row.person_id for row in rows), *takers))
    return render_template(
        "overload.html",
        found=found,
        rows=rows,
        made_of=made_of,
        paging=paging,
        text=read_text(request.args, "q"),
        weeks=len(wanted),
        persons=len({row.person_id for row in wanted}),
        longest=LONGEST_NAME,
    )


@page.get("/resources/conflicts.csv")
def overload_csv() -> ResponseReturnValue:
    return _file(Form.CSV)


@page.get("/resources/conflicts.xlsx")
def overload_xlsx() -> ResponseReturnValue:
    return _file(Form.XLSX)


HEAD = ("person", "role", "week", "capacity", "firm", "over", "days", "weight")


def _file(form: Form) -> ResponseReturnValue:
    now = here.now().astimezone(here.zone())
    with here.reading() as connection:
        found = conflicts(connection, signin.viewer(), now.date(), now, read_weeks(request.args, now.date()))
    wanted = _wanted(found)
    record.people("conflicts", (row.person_id for row in wanted))
    record.export("conflicts", form, len(wanted))
    return file(form, "conflicts", [say("overload_head", name) for name in HEAD], _lines(wanted))


def _lines(rows: Iterable[Conflict]) -> Iterable[list[Cell]]:
    for row in rows:
        hours = (round(it, 2) for it in (row.cell.capacity, row.cell.hard, row.cell.over))
        yield [row.name, row.role, row.day, *hours, row.cell.over_days, round(row.weight, 2)]
