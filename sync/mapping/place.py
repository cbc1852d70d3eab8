"""How places in a mapping are written, for people and for TOML: `profiles.standard.statuses."In Review"`."""

from __future__ import annotations

import re

import msgspec

_BARE = re.compile("[A-Za-z0-9_-]+")


def at(*parts: str | int) -> str:
    """A place from its steps: names, and numbers within lists from 0 on."""
    place = ""
    for part in parts:
        if isinstance(part, int):
            place += f"[{part}]"
        else:
            place += ("." if place else "") + (part if _BARE.fullmatch(part) else msgspec.json.encode(part).decode())
    return place


_STEP = re.compile(r"""\[(\d+)]|\.?("(?:[^"\\]|\\.)*"|[A-Za-z0-9_-]+)""")


def steps(place: str) -> tuple[str | int, ...]:
    """The steps of a place that `at` has written."""
    found = (match.groups() for match in _STEP.finditer(place))
    return tuple(
        int(number) if number is not None else msgspec.json.decode(name, type=str) if name.startswith('"') else name
        for number, name in found
    )
