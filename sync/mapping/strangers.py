"""Connections that a mapping names and that do not exist: what it says of them is without effect. Pure.

That is no fault: files move between installations, and a connection may be added, or named so, later.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator
from typing import NamedTuple

from sync.mapping.document import Mapping
from sync.mapping.place import at


class Stranger(NamedTuple):
    """A connection that does not exist, and the places in the document that name it."""

    connection: str
    places: tuple[str, ...]


def strangers(mapping: Mapping, known: Collection[str]) -> tuple[Stranger, ...]:
    """The connections that the mapping names and that are none of the `known` ones, in the order of the document."""
    found: dict[str, list[str]] = defaultdict(list)
    for connection, place in _named(mapping):
        if connection not in known:
            found[connection].append(place)
    return tuple(Stranger(connection, tuple(places)) for connection, places in found.items())


def _named(mapping: Mapping) -> Iterator[tuple[str, str]]:
    for name, profile in mapping.profiles.items():
        for number, override in enumerate(profile.overrides):
            if override.connection:
                yield override.connection, at("profiles", name, "overrides", number)
    for connection in mapping.connections:
        yield connection, at("connections", connection)
    for number, rule in enumerate(mapping.projects):
        for place, source in enumerate(rule.sources):
            yield source.connection, at("projects", number, "sources", place)
