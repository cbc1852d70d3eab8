"""sightline connection missing: what went missing in a tracker, and the word of a person where it is much at once."""

from __future__ import annotations

import shlex

import click

from cli.exits import CommandError
from cli.output import json_option, note, print_json, print_table
from cli.runtime import Runtime, now, whoever

SHOWN = 50


@click.command("missing")
@click.argument("name")
@click.option("--retire", "decision", flag_value="retire", help="They are really gone: the next sync retires them.")
@click.option("--keep", "decision", flag_value="keep", help="Keep them; the next census looks again.")
@json_option
@click.pass_obj
def missing(config: str | None, name: str, decision: str | None, as_json: bool) -> None:
    """Show the records that a tracker no longer has, and decide about those that are held.

    When more than the set share is missing at once, nothing is retired before a person has said so: a lost permission
    looks just like a mass deletion.
    """
    from portfolio.audit.entry import COMMAND
    from sync import holds
    from sync.connections import find_connection
    from sync.landing.missing import open_absences

    engine = Runtime.load(config).engine
    row = find_connection(engine, name)
    if decision:
        approve = decision == "retire"
        if not holds.decide(engine, row.id, approve=approve, name=whoever(), by=COMMAND, now=now()):
            raise CommandError(f"nothing is held for the connection {name!r}.")
        after = "the next sync retires them" if approve else "they are kept, and the next census looks again"
        note(f"Noted: {after}. Next: sightline sync --census {shlex.quote(name)}")
        return
    found, held = open_absences(engine, row.id, SHOWN), holds.held(engine, row.id)
    if as_json:
        print_json({"held": held._asdict() if held else None, "missing": [each._asdict() for each in found]})
        return
    rows = [
        (each.stream, each.external_id, each.title, each.verdict or "not yet asked", each.why or "") for each in found
    ]
    print_table(("stream", "id", "title", "verdict", "why"), rows, empty="Nothing is missing.")
    if held is not None and held.decision is None:
        note(
            f"held: {held.missing} of {held.total} records are missing at once, and were kept. "
            "Decide with --retire or --keep."
        )
