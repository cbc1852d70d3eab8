"""sightline capacity: how persons work, when they are away and what they can, as tables in files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

from cli.exits import CommandError
from cli.output import json_option, note, print_json, print_table
from cli.runtime import Runtime, now

if TYPE_CHECKING:
    from sync.capacity.kind import Kind
    from sync.identities.importing import Imported
    from sync.identities.sheet import Sheet

SHOWN = 20


def _kind(_context: click.Context, _option: click.Parameter, name: str) -> Kind:
    from sync.capacity.kinds import KINDS

    if name not in KINDS:
        raise click.BadParameter(f"there is no kind {name!r}. There are: {', '.join(KINDS)}.")
    return KINDS[name]


kind_option = click.option(
    "--kind", required=True, callback=_kind, metavar="KIND", help="What the table is about; a wrong one lists them all."
)


@click.group("capacity")
def command() -> None:
    """How persons work, when they are away and what they can, as tables.

    Kinds: terms, time-off, calendar-hours, holidays, team-shares, skills, role-skills, bookings.
    """


@command.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@kind_option
@click.option("--person", help="Of whom an ICS file of time off is: a number, an address or a whole name.")
@click.option("--calendar", help="To which calendar the days of an ICS file of holidays go.")
@click.option("--dry-run", is_flag=True, help="Say what would come of it, and change nothing.")
@click.option(
    "--report", type=click.Path(dir_okay=False, path_type=Path), help="Where to put the rows with what is wrong."
)
@click.option("--new-names", is_flag=True, help="Roles and skills that nobody has yet are meant.")
@json_option
@click.pass_obj
def take_in(
    config: str | None,
    file: Path,
    kind: Kind,
    person: str | None,
    calendar: str | None,
    dry_run: bool,
    report: Path | None,
    new_names: bool,
    as_json: bool,
) -> None:
    """Take in a CSV, XLSX or ICS FILE: all of it, or nothing if a row is wrong.

    What the file does not name stays as it is. `sightline capacity export` shows which columns there are.
    """
    from cli.files import whole_file
    from portfolio.audit.entry import COMMAND
    from sync.capacity.importing import import_table
    from sync.identities import exporting
    from webapp.export import csv_text

    runtime = Runtime.load(config)
    here = now().astimezone(ZoneInfo(runtime.settings.time_zone))
    sheet = _sheet(runtime, file, kind, person, calendar)
    done = import_table(runtime.engine, kind, sheet, here, COMMAND, dry=dry_run, meant=new_names)
    if report is not None and done.faults:
        with whole_file(report) as out:
            out.write(csv_text(*exporting.report(sheet, done)).encode())
    _told(done, dry_run=dry_run, as_json=as_json)


def _sheet(runtime: Runtime, file: Path, kind: Kind, person: str | None, calendar: str | None) -> Sheet:
    from portfolio.store.engine import reading
    from sync.capacity.ics import MAGIC, holiday_sheet, read_events, time_off_sheet
    from sync.capacity.importing import read_table
    from sync.identities.finding import everybody
    from webapp.export import bare

    body = file.read_bytes()
    if not body.lstrip(b"\xef\xbb\xbf \r\n").startswith(MAGIC):
        return read_table(body, bare)
    events = read_events(body, now().astimezone(ZoneInfo(runtime.settings.time_zone)).date())
    with reading(runtime.engine) as store:
        if kind.name == "time-off" and person is not None:
            return time_off_sheet(events, everybody(store).named(person, "person"))
        if kind.name == "holidays" and calendar is not None:
            return holiday_sheet(store, events, calendar)
    raise CommandError(
        "An ICS file is taken in with --kind time-off and --person, or with --kind holidays and --calendar."
    )


def _told(done: Imported, *, dry_run: bool, as_json: bool) -> None:
    if as_json:
        rows = [each._asdict() for each in done.answers]
        corrects = None if done.corrects is None else done.corrects.isoformat()
        print_json({"done": done.done, "columns": done.columns, "corrects": corrects, "rows": rows})
    elif done.faults:
        print_table(("line", "what is wrong"), [(it.line, it.fault) for it in done.faults[:SHOWN]], empty="")
    else:
        told = "Would be added" if dry_run else "Added"
        counts = ", ".join(f"{word}: {done.count(word)}" for word in ("changed", "removed"))
        note(f"{told}: {done.count('added')}, {counts}, the same: {done.count('same')}.")
        correction(done, dry_run=dry_run)
    if done.faults:
        mend = "Mend them, or say --new-names if they are meant." if done.may_be_meant else "Mend them."
        raise CommandError(f"{len(done.faults)} of {len(done.answers)} rows are wrong: nothing was taken in. {mend}")


@command.command("export")
@kind_option
@json_option
@click.pass_obj
def export(config: str | None, kind: Kind, as_json: bool) -> None:
    """Print what stands as CSV, which `sightline capacity import` takes in again. That it was printed is noted."""
    from portfolio.audit.append import append
    from portfolio.audit.entry import COMMAND
    from portfolio.audit.lists import looked
    from portfolio.store.engine import reading, writing
    from sync.capacity.exporting import persons_in, table_out
    from webapp.export import csv_text

    form = "json" if as_json else "csv"
    engine = Runtime.load(config).engine
    with reading(engine) as store:
        rows = table_out(store, kind)
    looked(engine, persons_in(kind, rows), kind.told, now(), COMMAND)
    with writing(engine) as store:
        append(store, now(), COMMAND, "export", new={"what": kind.name, "form": form, "rows": len(rows)})
    if as_json:
        print_json([dict(zip(kind.head, row, strict=True)) for row in rows])
    else:
        click.echo(csv_text(kind.head, rows), nl=False)


def correction(done: Imported, *, dry_run: bool) -> None:
    """Say since which day a file corrects the past, if it does."""
    if done.corrects is not None:
        from portfolio.model.base import EVER

        what = "would be computed anew" if dry_run else "are computed anew, and marked as restated"
        figures = "all figures" if done.corrects == EVER else f"figures since {done.corrects}"
        note(f"It corrects the past: {figures} {what}.")
