"""How a connection's settings are given on the command line, for adding one and for editing one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import click
import msgspec
from sqlalchemy import Engine

from cli.exits import CommandError
from connector.settings import ConnectionSettings, Follow, FollowType, SignIn


def settings_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options that say how a tracker is reached, for adding and for editing; None is: not given."""
    for option in reversed(_SETTINGS_OPTIONS):
        command = option(command)
    return command


_SETTINGS_OPTIONS = (
    click.option("--address", default=None, help="The tracker's URL, with its context path if it has one."),
    click.option(
        "--sign-in",
        type=click.Choice([way.value for way in SignIn]),
        default=None,
        help="Default: cloud_token for Jira, else personal_token; for Jira Data Center: personal_token.",
    ),
    click.option("--account", default=None, help="The e-mail that belongs to a Jira Cloud token."),
    click.option("--cloud-id", default=None, help="The site's cloud id, for tokens that go through the API gateway."),
    click.option(
        "--scope",
        multiple=True,
        default=None,
        help='A project key (Jira) or project gid (Asana) to follow; repeat it. Default, or "": all that can be seen.',
    ),
    click.option(
        "--rule",
        "follow",
        multiple=True,
        default=None,
        help='What else to follow, as TYPE=NAME; repeat it, "" for none. `sightline connection choices` lists names.',
    ),
    click.option("--proxy", default=None, help="Proxy URL."),
    click.option(
        "--ca-bundle", default=None, type=click.Path(dir_okay=False), help="File with the private CA's certificates."
    ),
    click.option(
        "--requests-per-minute",
        type=click.IntRange(0),
        default=None,
        help="Never ask more often than this; 0 is no limit of ours.",
    ),
    click.option(
        "--secret-env",
        default=None,
        help="Read the token from this environment variable each time, instead of storing it.",
    ),
    click.option("--no-test", is_flag=True, help="Do not ask the tracker first."),
    click.option("--again", is_flag=True, help="Although another connection follows the same projects."),
)


def read_rules(given: Sequence[str]) -> tuple[Follow, ...]:
    """The rules given as TYPE=NAME. Raises `click.UsageError`."""
    found = []
    for text in filter(None, map(str.strip, given)):
        kind, _, name = (part.strip() for part in text.partition("="))
        if kind not in frozenset(FollowType) or not name:
            kinds = ", ".join(FollowType)
            raise click.UsageError(f"{text!r} is no rule: give TYPE=NAME, where TYPE is one of {kinds}.")
        found.append(Follow(FollowType(kind), name))
    return tuple(found)


def check_settings(settings: ConnectionSettings) -> None:
    """Raise `click.UsageError` for settings no connection can be made of."""
    if not settings.address:
        raise click.UsageError("give the tracker's URL with --address.")
    if not settings.address.startswith(("https://", "http://")):
        raise click.UsageError(
            f"{settings.address!r} is not a URL: it begins with https:// (or http:// inside a closed network)."
        )
    if settings.sign_in is SignIn.CLOUD_TOKEN and not settings.account:
        raise click.UsageError("a Jira Cloud token belongs to an e-mail: give it with --account.")
    if settings.sign_in is SignIn.GATEWAY_TOKEN and not settings.cloud_id:
        raise click.UsageError("a token for the API gateway needs the site's --cloud-id.")


def with_changes(settings: ConnectionSettings, given: dict[str, Any]) -> ConnectionSettings:
    """The settings with what was given on the command line in place of what there was."""
    changes = {name: value for name, value in given.items() if value not in (None, ())}
    if "address" in changes:
        changes["address"] = changes["address"].strip().rstrip("/") or settings.address
    if "sign_in" in changes:
        changes["sign_in"] = SignIn(changes["sign_in"])
    if "follow" in changes:
        changes["follow"] = read_rules(changes["follow"])
    if "scope" in changes:
        changes["scope"] = tuple(project.strip() for project in changes["scope"] if project.strip())
    return msgspec.structs.replace(settings, **changes)


def require_no_overlap(engine: Engine, settings: ConnectionSettings, besides: int | None = None) -> None:
    """Raise `CommandError` when another connection brings projects of these settings already."""
    from sync.connections import overlapping

    other = overlapping(engine, settings, besides)
    if other is not None:
        raise CommandError(
            f"the connection {other!r} follows projects at {settings.address} already, and they would be counted "
            "twice. Name others with --scope, or give --again if that is meant."
        )
