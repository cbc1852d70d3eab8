"""sightline secrets: what is stored encrypted, and the keys it is encrypted with."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from cli.exits import CommandError
from cli.keys import VARIABLE, new_key, write_keys
from cli.output import json_option, note, print_json, print_table
from cli.runtime import Runtime, now

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from sync.rotation import SealedValue

FRONT = (
    f"Put a new key in front of {VARIABLE}, separated by a comma, for every process; restart them, and run this again. "
    "One is made by: openssl rand -base64 32 | tr '+/' '-_'"
)


@click.group("secrets")
def command() -> None:
    """Stored secrets, and the keys they are encrypted with. Neither is ever shown."""


@command.command("list")
@json_option
@click.pass_obj
def list_all(config: str | None, as_json: bool) -> None:
    """List what is stored encrypted: whose it is, since when, and which of the keys opens it."""
    from portfolio.store.engine import reading
    from sync.rotation import sealed_values

    runtime = Runtime.load(config)
    keys = runtime.keys
    with reading(runtime.engine) as store:
        found = sealed_values(store, keys)
    if as_json:
        print_json([each._asdict() for each in found])
        return
    rows = [(each.what, each.owner, each.since and f"{each.since:%Y-%m-%d %H:%M}", _key(each)) for each in found]
    print_table(("secret", "of", "since", "key"), rows, empty="Nothing is stored encrypted.")


@command.command("rotate")
@click.pass_obj
def rotate(config: str | None) -> None:
    """Add a new key and encrypt everything stored with it. The old keys stay until `sightline secrets drop-old`.

    It can be broken off at any point and run again: it then ends what it began. Where a new key stands in front
    already, that one is taken: put there by hand, it can be brought to all machines first.
    """
    from portfolio.audit.append import append
    from portfolio.audit.entry import COMMAND, Subject
    from sync.rotation import require_opened, reseal, sealed_values

    runtime = Runtime.load(config)
    with _alone(runtime) as store:
        keys = runtime.present_keys()
        found = sealed_values(store, keys)
        require_opened(found)
        begun = any(each.key for each in found)
        if not begun:
            if runtime.environ.get(VARIABLE):
                raise CommandError(f"everything stored is encrypted with the first key of {VARIABLE} already. {FRONT}")
            keys = (new_key(), *keys)
            # Before anything is encrypted with it: whatever happens then, it can be opened.
            write_keys(runtime.settings.keys_path.absolute(), keys)
        changed = reseal(store, keys)
        append(
            store, now(), COMMAND, "keys.rotated", Subject("installation"), new={"secrets": changed, "keys": len(keys)}
        )
    which = "the key that was in front already" if begun else "a new key"
    note(f"{changed} stored secrets are encrypted with {which}.")
    note(
        f"{len(keys) - 1} older keys stay in {runtime.keys_name}. Bring the keys to every machine and into your copy "
        "of them; then, when no process uses older ones: sightline secrets drop-old"
    )
    note(
        "Sessions are signed with a key derived from the newest: restart the servers, and everybody has to sign in "
        "again. Until then they go on with the old one."
    )


@command.command("drop-old")
@click.pass_obj
def drop_old(config: str | None) -> None:
    """Remove all keys but the newest, after making sure that it opens everything stored."""
    from portfolio.audit.append import append
    from portfolio.audit.entry import COMMAND, Subject
    from sync.rotation import require_opened, sealed_values

    runtime = Runtime.load(config)
    with _alone(runtime) as store:
        keys = runtime.present_keys()
        found = sealed_values(store, keys)
        require_opened(found)
        needed = [each.name for each in found if each.key]
        if needed:
            raise CommandError(
                f"{len(needed)} stored secrets need an older key, such as the {needed[0]}. "
                "Run `sightline secrets rotate` first; nothing was changed."
            )
        if len(keys) == 1:
            note(f"There is only one key in {runtime.keys_name}.")
            return
        if runtime.environ.get(VARIABLE):
            note(f"The first key opens everything stored: take the others out of {VARIABLE}, for every process.")
            return
        append(store, now(), COMMAND, "keys.dropped", Subject("installation"), new={"keys": len(keys) - 1})
        write_keys(runtime.settings.keys_path.absolute(), keys[:1])
    note(f"Removed {len(keys) - 1} older keys from {runtime.keys_name}.")
    note(
        "Backups from before the rotation hold secrets that only the removed keys open: keep your copy of them for as "
        "long as those backups."
    )


@contextmanager
def _alone(runtime: Runtime) -> Iterator[Connection]:
    """A write transaction in which no other process changes the keys: two new keys at once, and one would be lost."""
    from portfolio.store.engine import writing
    from portfolio.store.locks import Lock, exclusive

    with writing(runtime.engine) as store:
        exclusive(store, Lock.SECRETS)
        yield store


def _key(value: SealedValue) -> str:
    if value.key is None:
        return "none at hand"
    return "newest" if value.key == 0 else f"older ({value.key})"
