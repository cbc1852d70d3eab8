"""What the commands about the mapping share: versions in words, files, and the draft."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cli.exits import CommandError
from cli.output import note

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from sync.mapping.document import Mapping
    from sync.mapping.faults import Fault
    from sync.versions import Version

FILE = click.Path(exists=True, dir_okay=False, allow_dash=True)
"""A file to read; - is standard input."""


def line_of(version: Version) -> str:
    """A version as a line."""
    if version.number is None:
        return f"changed by {version.edited_by} on {version.edited_at:%Y-%m-%d %H:%M} UTC"
    by = "alone" if version.self_approved else f"after {version.edited_by}"
    return (
        f"version {version.number}, approved by {version.approved_by} on {version.approved_at:%Y-%m-%d %H:%M} UTC, {by}"
    )


def document_of(version: Version) -> dict[str, Any]:
    """A version for programs, without its mapping: that is `sightline mapping export`."""
    return {name: value for name, value in version._asdict().items() if name != "mapping"}


def listed(faults: Sequence[Fault]) -> list[dict[str, str]]:
    """Faults for programs."""
    return [fault._asdict() for fault in faults]


def read_text(file: str) -> str:
    """The text of a file."""
    raw = sys.stdin.read().encode() if file == "-" else Path(file).read_bytes()
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise CommandError(f"{file} is no text in UTF-8. Save it as that.") from error


def read_mapping(file: str) -> tuple[Mapping, tuple[Fault, ...]]:
    """The mapping in a file, and its faults, which are told with their lines."""
    from sync.errors import FileError
    from sync.mapping.faults import faults
    from sync.mapping.files import from_toml, line_of_place

    text = read_text(file)
    try:
        mapping = from_toml(text)
    except FileError as error:
        raise CommandError(f"{file}: {error}") from error
    found = faults(mapping)
    for each in found:
        line = line_of_place(text, each.place)
        note(f"{file}, {f'line {line}, ' if line else ''}{each.place}: {each.message}")
    return mapping, found


def put_into_draft(store: Connection, mapping: Mapping, *, replace: bool) -> Version:
    """Make the mapping the draft. Refuses to throw away what somebody else has drafted, unless `replace`."""
    from cli.runtime import now, whoever
    from portfolio.audit.entry import COMMAND
    from sync import versions
    from sync.mapping.document import Mapping as Document

    warn_of_strangers(store, mapping)
    current, there = versions.in_force(store), versions.draft(store)
    as_it_is = current.mapping if current is not None else Document()
    if there is not None and not replace and there.mapping not in (as_it_is, mapping):
        raise CommandError(
            f"there is a draft, {line_of(there)}. Approve or discard it, or put the file in its place with --replace."
        )
    draft = versions.begin(store, now(), whoever(), COMMAND)
    return versions.change(store, draft.id, draft.revision, mapping, now(), whoever(), COMMAND)


def warn_of_strangers(store: Connection, mapping: Mapping) -> None:
    """Say which connections the mapping names that do not exist. No error: files move between installations."""
    from sync import versions
    from sync.mapping.strangers import strangers

    for each in strangers(mapping, versions.all_taken_up(store)):
        more = f" and {len(each.places) - 1} more" if len(each.places) > 1 else ""
        note(
            f"There is no connection {each.connection}: what is said at {each.places[0]}{more} is without effect. "
            "Check its name, or add the connection."
        )


def open_draft(store: Connection) -> Version:
    """The open draft. Raises `CommandError` when there is none."""
    from sync import versions

    found = versions.draft(store)
    if found is None:
        raise CommandError("there is no draft. `sightline mapping import FILE` makes one, as do the pages.")
    return found
