"""sightline project: what trackers often do not hold of projects, entered here: shown, set, brought in from a file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli.exits import CommandError
from cli.output import json_option, note, print_json, print_table
from cli.projects import project_of
from cli.runtime import Runtime, now, whoever

if TYPE_CHECKING:
    from portfolio.overlay.files import Answer

LARGEST = 10_000_000


@click.group("project")
def command() -> None:
    """Projects, and what is entered of them here beside what trackers tell."""


@command.command("show")
@click.argument("code")
@json_option
@click.pass_obj
def show(config: str | None, code: str, as_json: bool) -> None:
    """Show the fields of a project: what counts, what was entered, and what its tracker tells."""
    from portfolio.overlay.fields import FIELDS
    from portfolio.store.engine import reading
    from webapp.queries.overlay import of_project

    runtime = Runtime.load(config)
    project_id = project_of(runtime, code)
    with reading(runtime.engine) as store:
        lines = of_project(store, project_id, FIELDS)
    if as_json:
        print_json({name: _document(lines.get(name)) for name in FIELDS})
        return
    rows = []
    for name in FIELDS:
        line = lines.get(name)
        rows.append(
            (name, *((line.value, line.entered, line.entered_by, line.told, line.teller) if line else [""] * 5))
        )
    print_table(("field", "counts", "entered", "by", "told", "by connection"), rows, empty="")


@command.command("set")
@click.argument("code")
@click.argument("values", nargs=-1, required=True, metavar="FIELD=VALUE...")
@click.pass_obj
def set_(config: str | None, code: str, values: tuple[str, ...]) -> None:
    """Enter values of a project; they count before what its tracker tells. FIELD= takes back what was entered.

    Fields: manager, sponsor, benefits_owner (a whole name or a number), client, segment, type, phase, methodology,
    size, budget, contingency, plan_rate (120000.00 EUR), ev_method, rag_reason, start, due (2026-03-14).
    """
    from portfolio.audit.entry import COMMAND
    from portfolio.overlay.enter import RefusedError
    from sync.overlay import enter_data

    typed = {}
    for value in values:
        name, found, text = value.partition("=")
        if not found:
            raise CommandError(f"{value!r} is no FIELD=VALUE. Write it like phase=closing.")
        typed[name.strip()] = text
    runtime = Runtime.load(config)
    project_id = project_of(runtime, code)
    try:
        enter_data(runtime.engine, {project_id: typed}, now(), whoever(), COMMAND)
    except RefusedError as error:
        raise CommandError(f"nothing was entered. {error}") from error
    note("Entered. It counts before what the tracker tells, and no sync changes it.")


@command.command("report")
@click.argument("code")
@click.argument("colour", type=click.Choice(("green", "amber", "red")))
@click.option("--title", default="", help="What the report says, in one line.")
@click.pass_obj
def report(config: str | None, code: str, colour: str, title: str) -> None:
    """Report the colour of a project, as its manager sees it. The newest report counts, wherever it was written."""
    from portfolio.audit.entry import COMMAND
    from portfolio.overlay.text import OverlayError
    from sync.overlay import report_colour

    runtime = Runtime.load(config)
    project_id = project_of(runtime, code)
    try:
        report_colour(runtime.engine, project_id, colour, title, now(), whoever(), COMMAND)
    except OverlayError as error:
        raise CommandError(f"nothing was reported. {error}") from error
    note("Reported.")


@command.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@json_option
@click.pass_obj
def import_(config: str | None, file: Path, as_json: bool) -> None:
    """Enter what a CSV file holds for many projects: all of its rows, or none. Each is answered.

    Its first row names the columns: code, and any of the fields. An empty cell leaves the field as it is, a single -
    takes back what was entered.
    """
    from portfolio.audit.entry import COMMAND
    from portfolio.overlay.fields import FIELDS
    from portfolio.overlay.files import FileError
    from sync.overlay import ImportRefusedError, import_data
    from webapp.export import bare

    if file.stat().st_size > LARGEST:
        raise CommandError(f"{file} is larger than {LARGEST // 1_000_000} MB. Split it.")
    runtime = Runtime.load(config)
    try:
        answers = import_data(runtime.engine, file.read_text("utf-8-sig"), bare, FIELDS, now(), whoever(), COMMAND)
    except UnicodeDecodeError as error:
        raise CommandError(f"{file} is not written in UTF-8. Save it as CSV (UTF-8).") from error
    except FileError as error:
        raise CommandError(str(error)) from error
    except ImportRefusedError as error:
        _answer(error.answers, as_json)
        raise CommandError(
            "nothing was entered: correct the rows that have a fault, and import the file again."
        ) from error
    _answer(answers, as_json)


def _answer(answers: tuple[Answer, ...], as_json: bool) -> None:
    if as_json:
        print_json([each._asdict() for each in answers])
        return
    rows = [(each.line, each.code, " ".join(each.faults), ", ".join(each.fields)) for each in answers]
    print_table(("row", "code", "fault", "fields"), rows, empty="The file has no rows.")


def _document(line: object) -> object:
    from dataclasses import asdict

    from webapp.queries.overlay import Line

    if not isinstance(line, Line):
        return None
    names = ("told", "teller", "told_at", "entered", "entered_by", "entered_at", "differs")
    return {"value": line.value} | {name: value for name, value in asdict(line).items() if name in names}
