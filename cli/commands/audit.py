"""sightline audit: the record of what was done, and whether it is whole."""

from __future__ import annotations

import re
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click
import msgspec

from cli.exits import DONE, FAILED, CommandError
from cli.output import json_option, note, print_json, print_table
from cli.runtime import Runtime

if TYPE_CHECKING:
    from portfolio.audit.entry import Entry
    from portfolio.audit.read import Names
    from portfolio.audit.verify import Verified

HASH = re.compile("[0-9a-f]{64}")
DAY = click.DateTime(formats=["%Y-%m-%d"])
NEXT = "Keep a copy of the database as it is, compare with a backup, and find out who could write past Sightline."


@click.group("audit")
def command() -> None:
    """The audit log: what was done, by whom."""


@command.command("verify")
@click.option("--expect", metavar="HASH", help="A head that was noted earlier, which must be in the log.")
@json_option
@click.pass_obj
def verify(config: str | None, expect: str | None, as_json: bool) -> int:
    """Check that every entry is as it was written and none is missing. Exit code 1 when not.

    Note the head it prints where nobody who owns the database can reach it, and give it with --expect later: whoever
    removes the newest entries, or writes the whole log anew, leaves a chain that fits.
    """
    from portfolio.audit import verify as checking
    from portfolio.store.engine import reading

    if expect is not None and not HASH.fullmatch(expect.strip().lower()):
        raise click.UsageError("--expect takes the 64 characters of a head, as `sightline audit verify` prints it.")
    with reading(Runtime.load(config).engine) as store:
        found = checking.verify(store, expect.strip().lower() if expect is not None else None)
    if as_json:
        print_json(found)
    elif found.broken_at is None:
        click.echo(f"The log is whole: {found.entries} entries up to {found.last_id}.\nHead: {found.head}")
    else:
        note(f"error: the log is not whole. {_broken(found)} {NEXT}")
    return DONE if found.broken_at is None else FAILED


@command.command("list")
@click.option("--since", type=DAY, help="From this day on.")
@click.option("--until", type=DAY, help="To this day, including it.")
@click.option("--user", metavar="NAME", help="Only what this account did.")
@click.option("--action", metavar="CODE", help='Only this, such as user.added; "user" is all that begins with it.')
@click.option("--most", type=click.IntRange(1), default=100, show_default=True, help="So many at most.")
@json_option
@click.pass_obj
def list_entries(
    config: str | None,
    since: datetime | None,
    until: datetime | None,
    user: str | None,
    action: str | None,
    most: int,
    as_json: bool,
) -> None:
    """List entries, the newest first."""
    from portfolio.audit import read
    from portfolio.store.engine import reading
    from webapp.accounts.users import user_named

    runtime = Runtime.load(config)
    zone = ZoneInfo(runtime.settings.time_zone)
    with reading(runtime.engine) as store:
        account = user_named(store, user) if user is not None else None
        if user is not None and account is None:
            raise CommandError(f"there is no user {user!r}. Correct the name.")
        wish = read.Wish(
            since=_begins(since, zone),
            until=_begins(until + timedelta(days=1) if until is not None else None, zone),
            user_id=account.id if account is not None else None,
            action=action,
        )
        entries = read.list_entries(store, wish, limit=most)
        names = read.names_of(store, entries)
    if as_json:
        print_json([_document(each) for each in entries])
        return
    rows = [(each.id, f"{each.at.astimezone(zone):%Y-%m-%d %H:%M}", *_row(each, names)) for each in entries]
    print_table(("entry", "when", "who", "what", "about", "before", "after"), rows, empty="No entry fits.")


def _begins(day: datetime | None, zone: ZoneInfo) -> datetime | None:
    return None if day is None else datetime.combine(day.date(), time(), zone)


def _row(entry: Entry, names: Names) -> tuple[str, str, str, str, str]:
    who = entry.actor
    if entry.user_id is not None:
        who = names.get(("user", entry.user_id), f"account {entry.user_id}")
    about = entry.subject_type or ""
    if entry.subject_id is not None:
        about += f" {names.get((about, entry.subject_id), entry.subject_id)}"
    return who, entry.action, about, entry.old or "", entry.new or ""


def _document(entry: Entry) -> dict[str, Any]:
    parts = {name: msgspec.Raw(text.encode()) for name, text in (("old", entry.old), ("new", entry.new)) if text}
    return {**{name: getattr(entry, name) for name in entry.__dataclass_fields__}, **parts}


def _broken(found: Verified) -> str:
    return {
        "changed": f"Entry {found.broken_at} was changed after it was written, or put there.",
        "missing": f"Entry {found.broken_at} is missing.",
        "stray": f"Entry {found.broken_at} stands before the beginning of the log.",
    }.get(
        found.why or "",
        f"The expected head is not in it: the newest entries were removed after entry {found.last_id}, or the whole "
        "log was written anew.",
    )
