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
