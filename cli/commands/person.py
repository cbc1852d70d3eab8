"""sightline person: the persons the trackers tell of; what is kept of one, erasing one, and who is one human."""

from __future__ import annotations

import click

from cli.commands.person_identity import IDENTITY
from cli.commands.person_table import TABLE
from cli.exits import CommandError
from cli.output import json_option, note, print_json, print_table
from cli.runtime import Runtime, now


@click.group("person")
def command() -> None:
    """Persons the trackers tell of."""


@command.command("find")
@click.argument("name")
@json_option
@click.pass_obj
def find(config: str | None, name: str, as_json: bool) -> None:
    """Find persons by a part of their name, or by number."""
    from portfolio.audit.entry import COMMAND
    from portfolio.audit.lists import looked
    from sync.erasure import find_persons

    engine = Runtime.load(config).engine
    found = find_persons(engine, name.strip())
    looked(engine, (each.id for each in found), "who is who", now(), COMMAND)
    if as_json:
        print_json([each._asdict() for each in found])
        return
    rows = [(each.id, each.name, each.identities, each.accounts, each.items, _yes(each.erased)) for each in found]
    print_table(("number", "name", "at trackers", "accounts", "items", "erased"), rows, empty="Nobody is called that.")


@command.command("export")
@click.argument("person")
@click.pass_obj
def export(config: str | None, person: str) -> None:
    """Print what is kept of a person, and who looked at it, as one JSON document. PERSON is a number or a whole name.

    For whoever asks what is known of them. That it was printed is noted.
    """
    from portfolio.audit.entry import COMMAND
    from sync.disclosure import disclose

    runtime = Runtime.load(config)
    print_json(disclose(runtime.engine, _number(runtime, person), now(), COMMAND))


@command.command("erase")
@click.argument("person")
@click.option("--reason", required=True, help="Why, for the audit log; without the name.")
@click.option("--dry-run", is_flag=True, help="Say who would be erased, and change nothing.")
@click.pass_obj
def erase(config: str | None, person: str, reason: str, dry_run: bool) -> None:
    """Take a person's name and addresses out, for good. PERSON is a number or a whole name.

    Figures stay as they are: the items remain somebody's, under a number. No sync brings the name back, but the tracker
    itself keeps it until it is erased there. What people typed into titles and texts is not looked at.
    """
    from portfolio.audit.entry import COMMAND
    from sync import erasure
    from sync.jobs.clean import clean

    runtime = Runtime.load(config)
    engine = runtime.engine
    found = erasure.find_person(engine, _number(runtime, person))
    what = f"{found.name!r} (accounts at trackers: {found.identities}, accounts here: {found.accounts})"
    if dry_run:
        note(f"Would erase {what}; items that stay theirs, under a number: {found.items}.")
        return
    erasure.erase(engine, found.id, reason, now(), COMMAND)
    payloads = clean(engine, now())
    note(f"Erased {what}, from {payloads} kept payloads, too. Erase them at the trackers as well.")


def _number(runtime: Runtime, person: str) -> int:
    """The number of the one person meant."""
    from sync.erasure import find_persons

    if person.isascii() and person.isdecimal() and len(person) < 19:
        return int(person)
    same = [each for each in find_persons(runtime.engine, person.strip()) if each.name == person.strip()]
    if len(same) != 1:
        several = ", ".join(str(each.id) for each in same)
        why = f"several persons are called {person!r}: {several}" if same else f"nobody is called {person!r}"
        raise CommandError(f"{why}. Give the number; `sightline person find` shows it.")
    return same[0].id


def _yes(value: bool) -> str:
    return "yes" if value else ""


for further in (*IDENTITY, *TABLE):
    command.add_command(further)
