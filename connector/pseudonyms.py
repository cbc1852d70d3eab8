"""Giving accounts other names inside a payload: what stands there of a human is replaced, everything else stays.

Each tracker says what an account looks like in its payloads (`Shape`); the walk is the same for all. What people typed
into titles, descriptions and other texts is not looked at: a name there can be taken for nobody's.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import msgspec

_DECODER = msgspec.json.Decoder(float_hook=Decimal)
_ENCODER = msgspec.json.Encoder(decimal_format="number")
UNREADABLE = b"null"


@dataclass(frozen=True)
class Shape:
    """What an account looks like in a tracker's payloads.

    An object is an account when one of `marks` stands in it; the first of `ids` that has a text is its id. `names` get
    the pseudonym, `gone` go, `off` become false. `beside` are pairs of keys in any object: where the first is the id of
    an account, the second is its name. `told` are pairs, too: where the first holds an account, the second is its own
    words, or its name in other words, and goes.
    """

    ids: tuple[str, ...] = ()
    marks: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    off: tuple[str, ...] = ()
    beside: tuple[tuple[str, str], ...] = ()
    told: tuple[tuple[str, str], ...] = ()


def rename(payload: bytes, names: Mapping[str, str], shape: Shape) -> bytes:
    """The payload with the accounts of `names` (pseudonyms by id) under their pseudonyms; the same bytes without them.

    One that is no JSON and mentions such an account becomes `UNREADABLE`: nothing can be taken out of it.
    """
    if not any(ident.encode() in payload for ident in names):
        return payload
    try:
        document = _DECODER.decode(payload)
    except msgspec.DecodeError:
        return UNREADABLE
    return _ENCODER.encode(document) if _Walk(names, shape).walk(document) else payload


class _Walk:
    """Changes a decoded document in place."""

    def __init__(self, names: Mapping[str, str], shape: Shape) -> None:
        self._names = names
        self._shape = shape

    def walk(self, part: Any) -> bool:
        """Whether anything was changed in it."""
        if isinstance(part, list):
            return self._walk_all(part)
        if not isinstance(part, dict):
            return False
        changed = self._walk_all(part.values())
        changed |= self._beside(part)
        changed |= self._told(part)
        ident = self._account(part)
        return changed if ident is None else self._cover(part, ident) or changed

    def _walk_all(self, parts: Iterable[Any]) -> bool:
        # Every part, although the first may have answered the question.
        return sum(map(self.walk, parts)) > 0

    def _account(self, part: Any) -> str | None:
        """The id of one of the accounts, if that is what the part is."""
        if not isinstance(part, dict) or not any(mark in part for mark in self._shape.marks):
            return None
        ident = next((part[name] for name in self._shape.ids if isinstance(part.get(name), str) and part[name]), None)
        return ident if ident in self._names else None

    def _cover(self, part: dict[str, Any], ident: str) -> bool:
        before = dict(part)
        for name in self._shape.names:
            # On an old server the name is the id, by which the account is found again.
            if part.get(name) and part[name] != ident:
                part[name] = self._names[ident]
        for name in self._shape.gone:
            part.pop(name, None)
        for name in self._shape.off:
            if name in part:
                part[name] = False
        return part != before

    def _beside(self, part: dict[str, Any]) -> bool:
        changed = False
        for key, beside in self._shape.beside:
            ident = part.get(key)
            if isinstance(ident, str) and ident in self._names and part.get(beside) not in (None, self._names[ident]):
                part[beside] = self._names[ident]
                changed = True
        return changed

    def _told(self, part: dict[str, Any]) -> bool:
        changed = False
        for holder, told in self._shape.told:
            held = part.get(holder)
            accounts = held if isinstance(held, list) else [held]
            if part.get(told) is not None and any(self._account(each) is not None for each in accounts):
                del part[told]
                changed = True
        return changed
