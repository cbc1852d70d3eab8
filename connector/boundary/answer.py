"""What came over the wire, whichever library fetched it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import msgspec
from urllib3 import BaseHTTPResponse
from urllib3.exceptions import HTTPError

MOST_BYTES = 256 * 2**20
"""No page of a tracker comes near this size, decompressed."""


class TooLargeError(HTTPError):
    """An answer is larger than `MOST_BYTES`."""


def whole_body(response: BaseHTTPResponse) -> bytes:
    """The body, decompressed and taken off the wire in one go; `TooLargeError` as soon as it is larger than any page.

    By the libraries' small pieces a page of a megabyte costs ten times more.
    """
    body = response.read(MOST_BYTES + 1, decode_content=True)
    if len(body) > MOST_BYTES:
        response.close()
        raise TooLargeError
    return body


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
