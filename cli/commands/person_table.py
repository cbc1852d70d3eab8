"""sightline person import, export-list: the people as a table."""

from __future__ import annotations

from pathlib import Path
from zoneinfo import ZoneInfo

import click

from cli.commands.capacity import correction
from cli.exits import CommandError
from cli.output import json_option, note, print_json, print_table
from cli.runtime import Runtime, now

SHOWN = 20


@click.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Say what would come of it, and change nothing.")
@click.option(
    "--report", type=click.Path(dir_okay=False, path_type=Path), help="Where to put the rows with what is wrong."
)
@json_option
@click.pass_obj
def take_in(config: str | None, file: Path, dry_run: bool, report: Path | None, as_json: bool) -> None:
    """Take in a CSV FILE of people, from a directory or by hand: all of it, or nothing if a row is wrong.

    Columns are found by their headings in several languages: number, name, e-mail, login, role, segment, seniority,
    location, fte, calendar, manager, active, teams. An empty cell leaves what there is, "-" clears it.
    """
    from cli.files import whole_file
    from portfolio.audit.entry import COMMAND
    from sync.identities import exporting
    from sync.identities.importing import import_people
    from sync.identities.sheet import read_sheet
    from webapp.export import bare, csv_text

    sheet = read_sheet(file.read_bytes(), bare)
    runtime = Runtime.load(config)
    here = now().astimezone(ZoneInfo(runtime.settings.time_zone))
    done = import_people(runtime.engine, sheet, here, COMMAND, dry=dry_run)
    if report is not None and done.faults:
        with whole_file(report) as out:
            out.write(csv_text(*exporting.report(sheet, done)).encode())
    if as_json:
        rows = [each._asdict() for each in done.answers]
        corrects = None if done.corrects is None else done.corrects.isoformat()
        told_of = {"done": done.done, "columns": done.columns, "ignored": done.ignored, "corrects": corrects}
        print_json({**told_of, "rows": rows})
    else:
        if done.ignored:
            note(f"Columns that were not read: {', '.join(done.ignored)}.")
        if done.faults:
            print_table(("line", "what is wrong"), [(it.line, it.fault) for it in done.faults[:SHOWN]], empty="")
        else:
            told = "Would be added" if dry_run else "Added"
            note(f"{told}: {done.count('added')}, changed: {done.count('changed')}, the same: {done.count('same')}.")
            correction(done, dry_run=dry_run)
    if done.faults:
        raise CommandError(
            f"{len(done.faults)} of {len(done.answers)} rows are wrong: nothing was taken in. Mend them."
        )


@click.command("export-list")
@json_option
@click.pass_obj
def export_list(config: str | None, as_json: bool) -> None:
    """Print everybody with what is entered of them as CSV, which `sightline person import` takes in again.

    That it was printed is noted.
    """
    from portfolio.audit.append import append
    from portfolio.audit.entry import COMMAND
    from portfolio.audit.lists import looked
    from portfolio.store.engine import reading, writing
    from sync.identities.exporting import HEAD, people_table
    from webapp.export import csv_text

    form = "json" if as_json else "csv"
    runtime = Runtime.load(config)
    with reading(runtime.engine) as store:
        rows = people_table(store, now().astimezone(ZoneInfo(runtime.settings.time_zone)).date())
    looked(runtime.engine, (int(row[0]) for row in rows), "who is who", now(), COMMAND)
    with writing(runtime.engine) as store:
        append(store, now(), COMMAND, "export", new={"what": "people", "form": form, "rows": len(rows)})
    if as_json:
        print_json([dict(zip(HEAD, row, strict=True)) for row in rows])
    else:
        click.echo(csv_text(HEAD, rows), nl=False)


TABLE = (take_in, export_list)
