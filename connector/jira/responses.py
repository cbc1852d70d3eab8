"""What is taken from a response of the library beside its status: the whole body at once, the tracker's clock, and
what it says against a request."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC
from email.utils import parsedate_to_datetime

import msgspec
from requests import Response

from connector.boundary.answer import whole_body

LONGEST_REASON = 300


class _Refusal(msgspec.Struct):
    errorMessages: list[str] = []
    errors: dict[str, str] = {}


class _Body:
    """A body read already, in the shape in which the library asks for one."""

    def __init__(self, whole: bytes) -> None:
        self._whole = whole

    def stream(self, _amount: int, decode_content: bool = True) -> Iterator[bytes]:
        yield self._whole

    def close(self) -> None:
        """There is nothing to close."""


def read_whole(response: Response, **_: object) -> None:
    """Take the body off the wire in one go, before the library does it by small pieces."""
    response.raw = _Body(whole_body(response.raw))


def date_ms(text: str) -> int | None:
    """The instant of a Date header in epoch milliseconds; None where it holds none."""
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError):
        return None
    return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() * 1000)


def reason_of(body: bytes) -> str:
    """What Jira says against a request, as one printable line of bounded length; "" where it says nothing readable."""
    try:
        told = msgspec.json.decode(body, type=_Refusal)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return ""
    words = " ".join((*told.errorMessages, *told.errors.values())).split()
    line = "".join(sign for sign in " ".join(words) if sign.isprintable())
    return line if len(line) <= LONGEST_REASON else line[:LONGEST_REASON] + "..."
