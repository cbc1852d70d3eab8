"""Why a payload cannot be read, in words for the person who looks into quarantine."""

from __future__ import annotations

import re

import msgspec

from connector.records import UnreadableError

# What a decoder may raise over a payload that is not what it should be.
MISREAD = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)

_LACKING = re.compile(r"Object missing required field `([^`]+)`(?: - at `\$\.?([^`]*)`)?")


def unreadable(what: str, raised: Exception) -> UnreadableError:
    """The error for `what` ("the issue"), from a decoder's exception, whose text names fields but no values."""
    text = str(raised)
    lacking = _LACKING.fullmatch(text)
    if lacking:
        return UnreadableError(f"{what} has no {'.'.join(part for part in (lacking[2], lacking[1]) if part)}")
    if isinstance(raised, msgspec.ValidationError):
        return UnreadableError(f"{what} has an unexpected value: {text}")
    return UnreadableError(f"{what} is no valid JSON: {text}")
