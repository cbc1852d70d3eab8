"""What an entry of the audit log is, and the hash that chains it to the one before."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

import msgspec

BEGINNING = "0" * 64
"""The hash before the first entry of all."""


class ActorKind(StrEnum):
    """Who acts: a signed-in user, a token of a user, somebody at the command line, or the product by itself."""

    USER = "user"
    TOKEN = "token"
    COMMAND = "command"
    SYSTEM = "system"


@dataclass(frozen=True)
class Actor:
    """Who did it, and from which network. `user_id` is None at the command line and for strangers."""

    kind: ActorKind
    user_id: int | None = None
    token_id: int | None = None
    network: str | None = None


COMMAND = Actor(ActorKind.COMMAND)
SYSTEM = Actor(ActorKind.SYSTEM)


@dataclass(frozen=True)
class Subject:
    """What it was done to: a kind of row and its id."""

    type: str
    id: int | None = None


@dataclass(frozen=True)
class Entry:
    """One entry as it stands in the log. `old` and `new` are JSON."""

    id: int
    at: datetime
    actor: str
    user_id: int | None
    token_id: int | None
    network: str | None
    action: str
    subject_type: str | None
    subject_id: int | None
    old: str | None
    new: str | None


def chain(entry: Entry, before: str) -> str:
    """The hash of the entry after one whose hash is `before`: SHA-256 of both, hexadecimal.

    The fields are written as a JSON array, in which none can run into the next. Times are written in UTC with
    microseconds, so that both databases give the same.
    """
    fields = [
        before,
        entry.id,
        entry.at.astimezone(UTC).isoformat(timespec="microseconds"),
        entry.actor,
        entry.user_id,
        entry.token_id,
        entry.network,
        entry.action,
        entry.subject_type,
        entry.subject_id,
        entry.old,
        entry.new,
    ]
    return hashlib.sha256(msgspec.json.encode(fields)).hexdigest()
