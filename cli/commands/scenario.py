"""sightline scenario: what would be if the plan were another. Nothing is written, here or in a tracker."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from cli.commands.scenario_shown import document, show
from cli.exits import INCOMPLETE, CommandError
from cli.output import json_option, note, print_json, print_table
from cli.runtime import Runtime, now

if TYPE_CHECKING:
    from portfolio.scenario.operations import Operation

LARGEST = 1_000_000
STDIN, TOML = "-", ".toml"
LISTED = ("id", "name", "owner", "shared", "operations", "changed")
Answer = TypeVar("Answer")
FILE = click.argument("file", metavar="FILE")


@click.group("scenario")
def command() -> None:
    """What if: operations on a copy of the plan, and what they would change. Nothing is written."""


@command.command("run")
@FILE
@click.option("--weeks", type=click.IntRange(1, 26), default=6, show_default=True, help="How many, this one first.")
@json_option
@click.pass_obj
def run_file(config: str | None, file: str, weeks: int, as_json: bool) -> int:
    """Show what the operations in FILE would change: JSON, or TOML if its name ends so; - is standard input, as JSON.

    Operations that do not fit the plan as it stands are listed and left out; then the exit code is 3.
    Whom you see is noted in the audit log; nothing else is written.
    """
    from zoneinfo import ZoneInfo

    from portfolio.audit.entry import COMMAND
    from portfolio.audit.lists import looked
    from portfolio.resources.periods import weeks_from
    from portfolio.resources.plan import read_plan
    from portfolio.scenario.naming import everything
    from portfolio.scenario.run import run
    from portfolio.store.engine import reading

    runtime = Runtime.load(config)
    operations = _read(file, lambda content: _operations(content, toml=file.endswith(TOML)))
    here = now().astimezone(ZoneInfo(runtime.settings.time_zone))
    with reading(runtime.engine) as store:
        plan = read_plan(store, here.date(), here)
        weeks_shown = weeks_from(here.date(), weeks)
        # Whoever reads this database can read the rates.
        found = run(store, plan, operations, everything(plan), weeks_shown, with_cost=True)
        told = document(store, plan, found)
    added = {it.number for it in found.added}
    changed = {found.persons[it.place] for it in found.changes} - added
    looked(runtime.engine, changed, "scenarios", now(), COMMAND)
    if as_json:
        print_json(told)
    else:
        show(told)
        for fault in found.left_out:
            note(f"left out: operation {fault.number}: {fault.text}")
    return INCOMPLETE if found.left_out else 0


@command.command("start")
@FILE
@json_option
@click.pass_obj
def start(config: str | None, file: str, as_json: bool) -> None:
    """Show from which Monday on the roles have room for the new project in FILE, within 52 weeks: JSON, or TOML if its
    name ends so; - is standard input, as JSON.

    It says weeks = 8, and by role the hours in all or week by week: {"weeks": 8, "roles": {"Tester": 120}}.
    """
    from zoneinfo import ZoneInfo

    from portfolio.resources.plan import read_plan
    from portfolio.scenario.naming import everything
    from portfolio.scenario.new_project import read_new_project, starts
    from portfolio.store.engine import reading

    runtime = Runtime.load(config)
    asked = _read(file, lambda content: read_new_project(content, toml=file.endswith(TOML)))
    here = now().astimezone(ZoneInfo(runtime.settings.time_zone))
    with reading(runtime.engine) as store:
        plan = read_plan(store, here.date(), here)
        found = starts(store, plan, asked, everything(plan))
    sides = {"firm": found.firm, "with_proposed": found.with_proposed}
    if as_json:
        print_json(
            {"as_of": here.date()} | {name: asdict(it) | {"bottleneck": it.bottleneck} for name, it in sides.items()}
        )
        return
    for name, it in sides.items():
        until = f", until then {it.bottleneck} lacks hours" if it.bottleneck else ""
        what = "beside firm work and bookings" if name == "firm" else "if proposed bookings are kept, too"
        click.echo(f"{it.day or 'not within 52 weeks'} {what}{until}")
    blocked = [(day, role, round(hours, 1)) for day, role, hours in found.firm.blocked]
    print_table(("not from", "for want of", "hours lacking"), blocked, empty="Nothing keeps it from beginning at once.")


@command.command("list")
@json_option
@click.pass_obj
def list_kept(config: str | None, as_json: bool) -> None:
    """List the scenarios that are kept."""
    from sqlalchemy import true

    from portfolio.scenario.kept import kept
    from portfolio.store.engine import reading

    with reading(Runtime.load(config).engine) as store:
        found = kept(store, true())
    rows = [(it.id, it.name, it.owner, it.shared, len(it.operations), it.updated_at) for it in found]
    if as_json:
        print_json([dict(zip(LISTED, row, strict=True)) for row in rows])
    else:
        told = [(*row[:3], "yes" if row[3] else "no", row[4], f"{row[5]:%Y-%m-%d %H:%M} UTC") for row in rows]
        print_table(LISTED, told, empty="None is kept. They are made on the pages, Resources, What if.")


@command.command("show")
@click.argument("scenario_id", type=click.IntRange(min=1), metavar="ID")
@click.pass_obj
def show_kept(config: str | None, scenario_id: int) -> None:
    """Print the operations of the scenario of that ID as JSON, which `run` takes."""
    from portfolio.model.resources import Scenario
    from portfolio.scenario.kept import kept
    from portfolio.store.engine import reading

    with reading(Runtime.load(config).engine) as store:
        found = kept(store, Scenario.id == scenario_id)
    if not found:
        raise CommandError(f"there is no scenario {scenario_id}. `sightline scenario list` names those there are.")
    print_json(found[0].operations)


def _operations(content: str, *, toml: bool) -> tuple[Operation, ...]:
    from portfolio.scenario.read import read_json, read_toml

    return read_toml(content) if toml else read_json(content)


def _read(file: str, read: Callable[[str], Answer]) -> Answer:
    """What stands in a file, or on standard input."""
    from portfolio.scenario.faults import ScenarioError

    content = _content(file)
    try:
        return read(content)
    except ScenarioError as error:
        print_table(("operation", "what is wrong"), [(it.number or "", it.text) for it in error.faults], empty="")
        raise CommandError(f"what stands in {file} is wrong. Mend what is named above.") from error


def _content(file: str) -> str:
    if file == STDIN:
        content = sys.stdin.read(LARGEST + 1)
    else:
        path = Path(file)
        if not path.is_file():
            raise CommandError(f"there is no file {file}.")
        try:
            content = path.read_text("utf-8-sig") if path.stat().st_size <= LARGEST else " " * (LARGEST + 1)
        except UnicodeDecodeError as error:
            raise CommandError(f"{file} is not written in UTF-8. Save it as UTF-8.") from error
    if len(content) > LARGEST:
        raise CommandError(f"{file} is larger than {LARGEST // 1_000_000} MB. Split it.")
    return content
