"""Where in a TOML file something stands. The reader of TOML does not tell, so it is looked for line by line."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from typing import Any

Path = tuple[str | int, ...]

_NAME = r"""(?:"(?:[^"\\]|\\.)*"|'[^']*'|[A-Za-z0-9_-]+)"""
_NAMES = rf"{_NAME}(?:\s*\.\s*{_NAME})*"
_HEADER = re.compile(rf"\s*(\[\[?)\s*({_NAMES})\s*]")
_KEY = re.compile(rf"\s*({_NAMES})\s*=")


def line_of(text: str, place: Path) -> int | None:
    """The line (from 1 on) of what stands at the place or, if that has none, of the narrowest thing around it.

    `rules` may be left out of a place, as people do. None when nothing of it is found.
    """
    wanted = _short(place)
    best: tuple[int, int] | None = None
    for number, path in _lines(text):
        here = _short(path)[: len(wanted)]
        if here and here == wanted[: len(here)] and (best is None or len(here) > best[0]):
            best = (len(here), number)
    return best[1] if best is not None else None


def _lines(text: str) -> Iterator[tuple[int, Path]]:
    """Each line that begins a table or gives a key, with the path of that."""
    table: Path = ()
    latest: dict[Path, int] = {}
    for number, line in enumerate(text.splitlines(), 1):
        header, key = _HEADER.match(line), _KEY.match(line)
        if header is not None and (names := _parsed(header[2])):
            table = ()
            for place, name in enumerate(names):
                table = (*table, name)
                if header[1] == "[[" and place == len(names) - 1:
                    latest[table] = latest.get(table, -1) + 1
                if table in latest:
                    table = (*table, latest[table])
            yield number, table
        elif key is not None and (names := _parsed(key[1])):
            yield number, (*table, *names)


def _parsed(names: str) -> list[str]:
    """The names, none where they are none: a line of a long text may look like a key."""
    found: list[str] = []
    try:
        inner: Any = tomllib.loads(f"{names} = 0")
    except tomllib.TOMLDecodeError:
        return []
    while isinstance(inner, dict):
        name, inner = next(iter(inner.items()))
        found.append(name)
    return found


def _short(path: Path) -> Path:
    """A path without the step `rules` within a profile or an override."""
    if path[:1] != ("profiles",):
        return path
    at = 4 if path[2:3] == ("overrides",) else 2
    return (*path[:at], *path[at + 1 :]) if path[at : at + 1] == ("rules",) else path
