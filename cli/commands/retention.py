"""sightline retention: removing what has been kept long enough."""

from __future__ import annotations

import click

from cli.output import json_option, print_json, print_table
from cli.runtime import Runtime, now

KINDS = {
    "audit_entries": "entries of the audit log",
    "runs": "runs",
    "run_requests": "requests for runs that nobody took up",
    "deliveries": "notices that were fetched",
    "tokens": "tokens that no longer work",
    "previews": "previews of drafts",
}


@click.group("retention")
def command() -> None:
    """For how long what names people is kept."""


@command.command("run")
@click.option("--dry-run", is_flag=True, help="Say what would be removed, and remove nothing.")
@json_option
@click.pass_obj
def run(config: str | None, dry_run: bool, as_json: bool) -> None:
    """Remove now what `sightline serve` and `sightline worker` remove once a day."""
    from portfolio.audit.entry import COMMAND
    from sync.jobs.retain import retain

    removed = retain(Runtime.load(config).engine, now(), COMMAND, dry_run=dry_run)
    if as_json:
        print_json({"dry_run": dry_run, **removed._asdict()})
        return
    rows = [(KINDS[name], number) for name, number in removed._asdict().items() if number]
    print_table(("would be removed" if dry_run else "removed", "rows"), rows, empty="Nothing was kept long enough.")
