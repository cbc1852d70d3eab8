"""Which records a run has met, by id, in little memory: a company may have millions."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterable
from hashlib import blake2b


class Met:
    """A set of ids that only grows. Eight bytes an id: a hash stands for it.

    Two ids of one hash are taken for one: with a billion ids the chance is one in forty.
    """

    def __init__(self) -> None:
        self._found = array("Q")
        self._sorted = True

    def add(self, ids: Iterable[str]) -> None:
        """Take in ids, known or new."""
        self._found.extend(map(_trace, ids))
        self._sorted = False

    def __contains__(self, ident: str) -> bool:
        if not self._sorted:
            self._found = array("Q", sorted(self._found))
            self._sorted = True
        trace = _trace(ident)
        place = bisect_left(self._found, trace)
        return place < len(self._found) and self._found[place] == trace


def _trace(ident: str) -> int:
    return int.from_bytes(blake2b(ident.encode(), digest_size=8).digest(), "big")
