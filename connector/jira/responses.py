"""What is taken from a response of the library beside its status: the whole body at once, and the tracker's clock."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC
from email.utils import parsedate_to_datetime

from requests import Response

from connector.boundary.answer import whole_body


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
