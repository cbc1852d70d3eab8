"""sightline connection webhooks: have a tracker say what changed, see whether it does, and end it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from cli.exits import DONE, INCOMPLETE, CommandError
from cli.output import json_option, note, print_json, print_table
from cli.runtime import Runtime, now
from cli.settings import public_address

if TYPE_CHECKING:
    from sync.hooks.registering import Left, Paste, Site, Standing

ADVICE = {
    "active": "",
    "pending": "register it as `enable` said, or `enable` again while `sightline serve` is reached at that address",
    "failing": "see that the tracker reaches the public address and that it leads here; else `disable` and `enable`",
    "gone": "run `enable` again",
}
POLLED = "Without webhooks the schedule goes on reading what changed."


@click.group("webhooks")
def webhooks() -> None:
    """Notices by which a tracker says at once what changed."""


@webhooks.command("enable")
@click.argument("name")
@click.option("--public-url", default=None, help="Where trackers reach this installation; default: server.public_url.")
@click.option(
    "--unsigned", is_flag=True, help="The tracker cannot sign (Jira Data Center before 10): the address is all."
)
@json_option
@click.pass_obj
def enable(config: str | None, name: str, public_url: str | None, unsigned: bool, as_json: bool) -> int:
    """Register the webhooks at the tracker, those that are missing or gone.

    Where the account may not, what to enter there by hand is printed, once: the secret is not shown again.
    `sightline serve` must be running, and be reached from the tracker.
    """
    from sync.hooks import registering

    runtime = Runtime.load(config)
    address = _public_url(runtime, public_url)
    with _site(runtime, name) as site:
        standings, pastes = registering.enable(site, address, signed=not unsigned)
    if as_json:
        print_json({"webhooks": [each._asdict() for each in standings], "by_hand": [_entry(each) for each in pastes]})
    else:
        for paste in pastes:
            _print_paste(paste)
        _print_standings(standings)
    return _code(standings)


@webhooks.command("status")
@click.argument("name")
@json_option
@click.pass_obj
def status(config: str | None, name: str, as_json: bool) -> int:
    """Ask the tracker how the webhooks stand. Exit code 3 when one is not active."""
    from sync.hooks import registering

    with _site(Runtime.load(config), name) as site:
        standings = registering.status(site)
    if as_json:
        print_json({"webhooks": [each._asdict() for each in standings]})
    else:
        _print_standings(standings)
    return _code(standings)


@webhooks.command("disable")
@click.argument("name")
@json_option
@click.pass_obj
def disable(config: str | None, name: str, as_json: bool) -> int:
    """Remove the webhooks at the tracker and close their doors. Exit code 3 when the tracker may still have one."""
    from sync.hooks import registering

    with _site(Runtime.load(config), name) as site:
        left = registering.disable(site)
    if as_json:
        print_json({"left_at_tracker": [each._asdict() for each in left]})
    else:
        _print_left(left)
        note(f"The doors of {name!r} are closed. {POLLED}")
    return INCOMPLETE if left else DONE


@contextmanager
def _site(runtime: Runtime, name: str) -> Iterator[Site]:
    from connector.registry import open_hooks
    from portfolio.audit.entry import COMMAND
    from sync.connections import find_connection
    from sync.governor import SharedGovernor
    from sync.hooks.registering import Site

    row = find_connection(runtime.engine, name)
    governor = SharedGovernor(runtime.engine, row.id, row.settings.requests_per_minute)
    hooks = open_hooks(row.settings, runtime.secrets.get(row.id), governor, runtime.outbound)
    try:
        yield Site(runtime.engine, runtime.secrets, row.id, hooks, now, COMMAND)
    finally:
        hooks.close()


def _public_url(runtime: Runtime, given: str | None) -> str:
    if given is not None:
        try:
            given = public_address(given)
        except ValueError as error:
            raise click.UsageError(f"--public-url: {error}.") from error
    address = given or runtime.settings.server.public_url
    if not address:
        raise CommandError(
            "trackers have to be told where this installation is reached. Give --public-url https://..., or set "
            "server.public_url."
        )
    return address


def _code(standings: Sequence[Standing]) -> int:
    return DONE if all(each.state == "active" for each in standings) else INCOMPLETE


def _entry(paste: Paste) -> dict[str, Any]:
    secret = paste.secret.reveal() if paste.secret is not None else None
    return {
        "where": paste.by_hand.where,
        "address": paste.address,
        "secret": secret,
        "events": list(paste.by_hand.events),
    }


def _print_paste(paste: Paste) -> None:
    note("This account may not register webhooks. Have an administrator enter this; it is shown only now:")
    rows = [("where", paste.by_hand.where), ("address", paste.address)]
    if paste.secret is not None:
        rows.append(("secret", paste.secret.reveal()))
    rows += [("event", event) for event in paste.by_hand.events]
    print_table(("by hand", ""), rows, empty="")


def _print_standings(standings: Sequence[Standing]) -> None:
    rows = [
        (
            each.resource or "the whole site",
            each.state,
            _moment(each.last_delivery_at),
            each.why,
            _moment(each.ends_at),
            ADVICE[each.state],
        )
        for each in standings
    ]
    headings = ("of", "state", "last notice", "why", "given up at", "what to do")
    print_table(headings, rows, empty=f"No webhooks. {POLLED} `sightline connection webhooks enable` makes them.")
    if any(not each.asked for each in standings):
        note("This account may not ask the tracker about its webhooks: the state is by what came in.")


def _print_left(left: Sequence[Left]) -> None:
    rows = [(each.resource or "the whole site", f".../hooks/{each.door}", each.why) for each in left]
    if rows:
        note("The tracker still has, or may have, these. Remove them there by hand:")
        print_table(("of", "address", "why"), rows, empty="")


def _moment(at: datetime | None) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC" if at is not None else ""
