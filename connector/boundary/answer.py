"""What came over the wire, whichever library fetched it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import msgspec


class Answer(msgspec.Struct, frozen=True):
    """One HTTP answer. `headers` are read without regard to case; `body` is whole and decompressed.

    Its `repr` shows neither headers nor body, so that an answer in a log or a traceback betrays nothing.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes

    def header(self, name: str) -> str:
        """The header's value, "" when absent."""
        wanted = name.lower()
        return next((value for key, value in self.headers.items() if key.lower() == wanted), "")

    def __repr__(self) -> str:
        return f"Answer(status={self.status}, {len(self.body)} bytes)"


Send = Callable[[], Answer]
