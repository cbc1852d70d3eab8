"""Half characters in a tracker's answer.

Trackers count text in UTF-16 and cut it in the middle of a character; their JSON then holds one half of it (`\\ud83d`),
which is no character in any text of ours, and which the decoder refuses with all that stands around it. One title cut
so must not cost the page it stands on.
"""

from __future__ import annotations

import re
from typing import TypeVar

import msgspec

T = TypeVar("T")

_ESCAPED = re.compile(
    rb"""\\(?:
        u[dD][89aAbB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}  # both halves
        | (u[dD][89a-fA-F][0-9a-fA-F]{2})                         # one alone
        | .                                                       # any other escape, a backslash itself included
    )""",
    re.VERBOSE | re.DOTALL,
)
_UNKNOWN = rb"\ufffd"


def mended(body: bytes) -> bytes:
    """The JSON text with each half that stands alone made the mark for an unknown character; as long as before."""
    return _ESCAPED.sub(lambda found: _UNKNOWN if found[1] else found[0], body)


def decode(body: bytes, shape: type[T]) -> T:
    """The JSON text as `shape`, half characters mended. Raises what `msgspec.json.decode` raises."""
    try:
        return msgspec.json.decode(body, type=shape)
    except msgspec.DecodeError:
        # Looked for only here: hardly any answer has one.
        whole = mended(body)
        if whole == body:
            raise
    return msgspec.json.decode(whole, type=shape)
