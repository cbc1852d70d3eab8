"""The compliance matrix: projects by rules, a sentence first; and the same as a file."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from portfolio.facts.lifecycle import OVER
from portfolio.governance.catalogue import POLICIES
from portfolio.governance.judging import Outcome
from portfolio.governance.rule_settings import Book, rules_in_force
from portfolio.governance.rules import Severity
from webapp import here, record, signin
from webapp.export import Form, file
from webapp.queries.readings import newest_roll_up
from webapp.queries.rules import Line, failing_first, lines
from webapp.spreadsheet import Cell
from webapp.tables import read_choice, read_id, read_text
from webapp.words import say

page = Blueprint("governance_matrix", __name__)
HEAD = ("code", "name", "program", "manager", "score", "grade")


@dataclass(frozen=True)
class Wish:
    """Which projects and rules. `outcome` keeps projects and rules that have one of it."""

    policy: str | None
    severity: str | None
    outcome: str | None
    program: int | None
    manager: int | None
    text: str


@dataclass(frozen=True)
class Matrix:
    """The part of the matrix that was asked for: rules with the number of projects that fail, and projects."""

    rules: list[tuple[str, int]]
    lines: list[Line]


def _wish() -> Wish:
    arguments = request.args
    return Wish(
        read_choice(arguments, "policy", POLICIES),
        read_choice(arguments, "severity", tuple(Severity)),
        read_choice(arguments, "outcome", tuple(Outcome)),
        read_id(arguments, "program"),
        read_id(arguments, "manager"),
        read_text(arguments, "q"),
    )


def _fits(line: Line, wish: Wish) -> bool:
    text = wish.text.casefold()
    return (
        line.status not in OVER
        and (wish.program is None or line.program_id == wish.program)
        and (wish.manager is None or line.manager_id == wish.manager)
        and (not text or text in line.name.casefold() or text in line.code.casefold())
    )


def _narrowed(found: tuple[Line, ...], book: Book, wish: Wish) -> Matrix:
    kept = [line for line in found if _fits(line, wish)]
    codes = [
        (code, failing)
        for code, failing in failing_first(kept, book)
        if (wish.policy is None or book[code].rule.policy == wish.policy)
        and (wish.severity is None or book[code].rule.severity == wish.severity)
    ]
    if wish.outcome is not None:
        asked = {code for code, _ in codes}

        def has(line: Line) -> bool:
            return any(code in asked and it.outcome == wish.outcome for code, it in line.results.items())

        kept = [line for line in kept if has(line)]
        there = {code for line in kept for code, it in line.results.items() if it.outcome == wish.outcome}
        codes = [(code, failing) for code, failing in codes if code in there]
    return Matrix(codes, kept)


def _asked() -> tuple[Matrix, tuple[Line, ...], Book, Wish, date | None]:
    wish = _wish()
    with here.reading() as connection:
        book = rules_in_force(connection)
        found = lines(connection, signin.viewer())
        last = newest_roll_up(connection)
    return _narrowed(found, book, wish), found, book, wish, last.as_of if last else None


@page.get("/governance")
def matrix() -> ResponseReturnValue:
    """Projects by rules: what fails most stands first."""
    shown, found, book, wish, day = _asked()
    current = [line for line in found if line.status not in OVER]
    managers = {line.manager_id: line.manager for line in current if line.manager_id}
    programs = {line.program_id: line.program for line in current if line.program_id}
    return render_template(
        "governance_matrix.html",
        matrix=shown,
        book=book,
        wish=wish,
        day=day,
        judged=[line for line in shown.lines if line.score.value is not None],
        critical=[
            line
            for line in shown.lines
            if any(it.outcome == "fail" and it.severity == "critical" for it in line.results.values())
        ],
        policies=POLICIES,
        managers=sorted(managers.items(), key=lambda pair: (pair[1] or "").casefold()),
        programs=sorted(programs.items(), key=lambda pair: (pair[1] or "").casefold()),
    )


@page.get("/governance.csv")
def matrix_csv() -> ResponseReturnValue:
    return _file(Form.CSV)


@page.get("/governance.xlsx")
def matrix_xlsx() -> ResponseReturnValue:
    return _file(Form.XLSX)


def _file(form: Form) -> ResponseReturnValue:
    shown, *_ = _asked()
    record.export("compliance", form, len(shown.lines))
    codes = [code for code, _ in shown.rules]
    head = [*(say("matrix_head", name) for name in HEAD), *codes]
    return file(form, "compliance", head, (_row(line, codes) for line in shown.lines))


def _row(line: Line, codes: list[str]) -> list[Cell]:
    value = None if line.score.value is None else round(float(line.score.value), 2)
    cells = [say("outcome", line.results[code].outcome) if code in line.results else None for code in codes]
    return [line.code, line.name, line.program, line.manager, value, line.score.grade, *cells]
