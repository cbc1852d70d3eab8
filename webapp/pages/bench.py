"""Bench: who has little to do for weeks, and when everybody's firm work ends."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from webapp import here, record, signin
from webapp.export import Form, file
from webapp.period_form import read_weeks
from webapp.queries.bench import BenchRow, BenchView, bench_view
from webapp.spreadsheet import Cell
from webapp.tables import read_choice, read_page_size, read_paging
from webapp.words import say

WEEKS = 13

page = Blueprint("bench", __name__)


def _asked() -> tuple[BenchView, list[BenchRow], str, str]:
    """What is seen, and who has the role and the skill that were asked for."""
    now = here.now().astimezone(here.zone())
    weeks = read_weeks(request.args, now.date(), WEEKS)
    with here.reading() as connection:
        found = bench_view(connection, signin.viewer(), now.date(), now, weeks)
    role = read_choice(request.args, "role", found.roles) or ""
    skill = read_choice(request.args, "skill", found.skills) or ""
    wanted = [row for row in found.rows if role in ("", row.role) and (not skill or skill in row.skills)]
    return found, wanted, role, skill


@page.get("/resources/bench")
def bench() -> ResponseReturnValue:
    found, wanted, role, skill = _asked()
    free = _free(wanted)
    # Who is free already is above: here is when the others will be.
    ending = sorted((row for row in wanted if row.bench.firm_until), key=lambda row: row.bench.firm_until or date.max)
    paging = read_paging(request.args, max(len(free), len(ending)), read_page_size(request.args))
    part = slice(paging.offset, paging.offset + paging.size)
    record.people("bench", (row.person_id for row in (*free[part], *ending[part])))
    return render_template(
        "bench.html",
        found=found,
        free=free,
        shown=free[part],
        ending=ending[part],
        wanted=wanted,
        paging=paging,
        role=role,
        skill=skill,
    )


def _free(rows: Iterable[BenchRow]) -> list[BenchRow]:
    """Who is free, the soonest first; of those with as much time, the one with more hours."""
    dated = [(it.since, -it.hours, row) for row in rows if (it := row.bench.free)]
    return [row for _, _, row in sorted(dated, key=lambda it: it[:2])]


@page.get("/resources/bench.csv")
def bench_csv() -> ResponseReturnValue:
    return _file(Form.CSV)


@page.get("/resources/bench.xlsx")
def bench_xlsx() -> ResponseReturnValue:
    return _file(Form.XLSX)


HEAD = ("person", "role", "skills", "since", "until", "weeks", "hours", "firm_until")


def _file(form: Form) -> ResponseReturnValue:
    _, wanted, _, _ = _asked()
    record.people("bench", (row.person_id for row in wanted))
    record.export("bench", form, len(wanted))
    return file(form, "bench", [say("bench_head", name) for name in HEAD], map(_line, wanted))


def _line(row: BenchRow) -> list[Cell]:
    free = row.bench.free
    of_free: list[Cell] = [free.since, free.until, free.weeks, round(free.hours, 2)] if free else [None] * 4
    skills = ", ".join(f"{skill} {level}" for skill, level in row.skills.items())
    return [row.name, row.role, skills, *of_free, row.bench.firm_until]
