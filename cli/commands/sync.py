"""sightline sync: one run per connection, with progress and a summary."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from contextlib import closing
from typing import TYPE_CHECKING, Any

import click

from cli.exits import DONE, FAILED, INCOMPLETE, report
from cli.output import json_option, note, print_json, print_table
from cli.runtime import Runtime, now

if TYPE_CHECKING:
    from sync.connections import ConnectionRow
    from sync.run.runs import RunSummary


@click.command("sync")
@click.argument("names", nargs=-1)
@click.option("--full", "mode", flag_value="full", help="Read everything again, not only what changed.")
@click.option("--census", "mode", flag_value="census", help="Also list which items there are, and retire what is gone.")
@click.option("--dry-run", is_flag=True, help="Read and map, say what would change, and write nothing.")
@json_option
@click.pass_obj
def command(config: str | None, names: tuple[str, ...], mode: str | None, dry_run: bool, as_json: bool) -> int:
    """Bring the portfolio up to date from the named connections, or from all enabled ones.

    Reads what changed since the last sync; everything, the first time. On SQLite nothing else can be written while a
    dry run is under way.

    Exit code 3: done, but some records could not be read (they wait in quarantine with their reasons), some parts
    were out of reach (the notes say which, and what to do), or so much is missing that a person has to decide.
    """
    from sync.connections import find_connection, list_connections

    runtime = Runtime.load(config)
    engine = runtime.engine
    chosen = [find_connection(engine, name) for name in names] or [
        row for row in list_connections(engine) if row.enabled
    ]
    if not chosen:
        if as_json:
            print_json([])
        note("There are no connections to sync. Add one with `sightline connection add`.")
        return DONE
    summaries = sync_all(runtime, chosen, mode=mode or "incremental", dry_run=dry_run)
    if not dry_run:
        compute_past(runtime)
    if as_json:
        print_json([_document(name, summary) for name, summary in summaries])
    else:
        for name, summary in summaries:
            print_summary(name, summary, dry_run=dry_run)
    return exit_code([summary for _, summary in summaries], expected=len(chosen))


def sync_all(
    runtime: Runtime, connections: Sequence[ConnectionRow], *, mode: str = "incremental", dry_run: bool = False
) -> list[tuple[str, RunSummary]]:
    """Run the connections one after the other. One in trouble is reported, and the next goes on."""
    from cli.progress import TerminalProgress
    from portfolio.audit.entry import COMMAND
    from sync.connections import open_connection
    from sync.modes import Mode
    from sync.run.pipeline import sync_connection

    done = []
    for row in connections:
        try:
            with (
                closing(open_connection(runtime.engine, row.id, runtime.secrets, runtime.outbound)) as connector,
                TerminalProgress(row.name) as progress,
            ):
                summary = sync_connection(
                    runtime.engine,
                    row.id,
                    connector,
                    clock=now,
                    mode=Mode(mode),
                    by=COMMAND,
                    dry_run=dry_run,
                    time_zone=runtime.settings.time_zone,
                    threads=runtime.settings.sync.threads,
                    most_retired=runtime.settings.sync.most_retired,
                    progress=progress,
                )
        except Exception as error:  # noqa: BLE001 - reported, and the other connections still run
            report(error, row.name)
            continue
        done.append((row.name, summary))
    return done


def compute_past(runtime: Runtime) -> int:
    """Compute the figures of past days that are due. Returns of how many days."""
    from cli.progress import DayProgress
    from sync.jobs.figures import keep_figures

    with DayProgress("Figures of the past") as progress:
        return keep_figures(runtime.engine, now, runtime.settings.time_zone, told=progress)


def exit_code(summaries: Sequence[RunSummary], *, expected: int) -> int:
    """1 if any connection failed or has no summary, 3 if something was left unread or undecided, else 0."""
    from sync.run.runs import ENDED_WELL, PARTIAL

    if len(summaries) < expected or any(summary.state not in ENDED_WELL for summary in summaries):
        return FAILED
    held = any(counts.quarantined for summary in summaries for counts in summary.streams.values())
    if held or any(summary.state == PARTIAL or summary.held for summary in summaries):
        return INCOMPLETE
    return DONE


def print_summary(name: str, summary: RunSummary, *, dry_run: bool = False) -> None:
    """The run as a table of its streams."""
    rows = [
        (stream, c.fetched, c.unchanged, c.created, c.updated, c.retired, c.quarantined, c.note or "")
        for stream, c in summary.streams.items()
    ]
    ended = "done, with gaps (see the notes)," if summary.state == "partial" else summary.state
    kind = "dry run, nothing was written: " if dry_run else ""
    note(f"{name}: {kind}{summary.mode.value} sync {ended} in {summary.seconds:.1f} s")
    headings = ("stream", "fetched", "unchanged", "created", "updated", "retired", "quarantined", "note")
    print_table(headings, rows, empty="Nothing was read.")
    if summary.held:
        note(
            f"held: {summary.held} records are missing at once and were kept. "
            f"Next: sightline connection missing {shlex.quote(name)}"
        )
    if summary.error:
        note(f"error: {summary.error}")


def _document(name: str, summary: RunSummary) -> dict[str, Any]:
    return {
        "connection": name,
        "run": summary.run_id,
        "mode": summary.mode.value,
        "held": summary.held,
        "state": summary.state,
        "error": summary.error,
        "seconds": round(summary.seconds, 3),
        "streams": summary.streams,
    }
