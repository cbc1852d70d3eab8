"""By project: who works how much on what in the next weeks, and among how many projects that divides them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from webapp import here, record, signin
from webapp.export import Form, file
from webapp.period_form import read_weeks
from webapp.queries.staffing import Amount, StaffingView, StaffRow, staffing_view, summed
from webapp.spreadsheet import Cell
from webapp.tables import read_page_size, read_paging, read_text
from webapp.words import say

MOST_COLUMNS = 20
"""Projects with a column of their own: those with the most hours. The files have all."""

page = Blueprint("staffing", __name__)


@dataclass(frozen=True)
class Column:
    """A column of hours: of a project, of the further ones in sight (`project_id` 0), or of those out of sight
    (None)."""

    project_id: int | None
    name: str
    projects: frozenset[int | None]

    def of(self, row: StaffRow) -> Amount:
        """What a person has of it."""
        return summed(amount for ident, amount in row.hours.items() if ident in self.projects)


def _asked() -> tuple[StaffingView, list[StaffRow], str]:
    now = here.now().astimezone(here.zone())
    with here.reading() as connection:
        found = staffing_view(connection, signin.viewer(), now.date(), now, read_weeks(request.args, now.date()))
    text = read_text(request.args, "q")
    wanted = [row for row in found.rows if text.casefold() in f"{row.name} {row.role or ''}".casefold()]
    return found, wanted, text


def _columns(found: StaffingView, rows: Iterable[StaffRow]) -> list[Column]:
    sums: dict[int | None, float] = {}
    for row in rows:
        for ident, amount in row.hours.items():
            sums[ident] = sums.get(ident, 0.0) + amount.firm + amount.proposed
    largest = sorted((ident for ident in sums if ident is not None), key=lambda it: (-sums[it], it))
    columns = [Column(ident, found.projects[ident], frozenset({ident})) for ident in largest[:MOST_COLUMNS]]
    if further := frozenset[int | None](largest[MOST_COLUMNS:]):
        columns.append(Column(0, say("staffing_further", len(further)), further))
    if None in sums:
        columns.append(Column(None, say("staffing_other"), frozenset({None})))
    return columns


@page.get("/resources/by-project")
def staffing() -> ResponseReturnValue:
    found, wanted, text = _asked()
    paging = read_paging(request.args, len(wanted), read_page_size(request.args))
    columns = _columns(found, wanted)
    rows = wanted[paging.offset : paging.offset + paging.size]
    record.people("hours by project", (row.person_id for row in rows))
    return render_template(
        "staffing.html",
        found=found,
        rows=rows,
        columns=columns,
        sums=[summed(column.of(row) for row in wanted) for column in columns],
        total=summed(row.total for row in wanted),
        paging=paging,
        text=text,
    )


@page.get("/resources/by-project.csv")
def staffing_csv() -> ResponseReturnValue:
    return _file(Form.CSV)


@page.get("/resources/by-project.xlsx")
def staffing_xlsx() -> ResponseReturnValue:
    return _file(Form.XLSX)


HEAD = ("person", "role", "project", "firm", "proposed", "now", "most")


def _file(form: Form) -> ResponseReturnValue:
    found, wanted, _ = _asked()
    record.people("hours by project", (row.person_id for row in wanted))
    record.export("staffing", form, len(wanted))
    return file(form, "by-project", [say("staffing_head", name) for name in HEAD], _lines(found, wanted))


def _lines(found: StaffingView, rows: Iterable[StaffRow]) -> Iterable[list[Cell]]:
    """A line for each person and project."""
    for row in rows:
        for ident, amount in row.hours.items():
            project = say("staffing_other") if ident is None else found.projects[ident]
            yield [
                row.name, row.role, project, round(amount.firm, 2), round(amount.proposed, 2), row.now, row.most,
            ]  # fmt: skip
