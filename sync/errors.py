"""What can go wrong while syncing, beside what the connector and the store say themselves.

SyncError
├── UnknownConnectionError  no connection of this name or id: correct the name
├── UnknownPersonError      no person of this number: correct it
├── TakenNameError          a connection of this name exists: take another
├── SecretError             a secret cannot be had: set it again
├── SealedError             stored secrets are opened by no key at hand: bring back the key, or enter them again
├── BusyError               another process syncs the connection: wait for it
├── LostLeaseError          another process took the connection over: look whether it is done
├── StoppedError            somebody asked the run to stop: start another one when wanted
└── UnmappableError         one record cannot be placed in the portfolio: it goes to quarantine, the run goes on
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime


class SyncError(Exception):
    """Base of this package's errors. The text is one line, safe to show: it never holds a secret or a payload."""


class UnknownConnectionError(SyncError):
    """There is no such connection."""

    def __init__(self, wanted: str | int) -> None:
        super().__init__(f"there is no connection {wanted!r}. `sightline connection list` shows those there are.")
        self.wanted = wanted


class UnknownPersonError(SyncError):
    """There is no such person."""

    def __init__(self, wanted: int) -> None:
        super().__init__(f"there is no person {wanted}. `sightline person find NAME` shows those there are.")
        self.wanted = wanted


class TakenNameError(SyncError):
    """A connection of this name exists already."""

    def __init__(self, name: str) -> None:
        super().__init__(f"a connection named {name!r} exists already. Choose another name.")
        self.name = name


class SecretError(SyncError):
    """A secret is missing or cannot be decrypted. `connection_id` is None for one that is no connection's."""

    def __init__(self, connection_id: int | None, why: str, remedy: str) -> None:
        super().__init__(f"{why} {remedy}")
        self.connection_id = connection_id
        self.remedy = remedy


class SealedError(SyncError):
    """Stored secrets that no key at hand opens. `names` tells which."""

    def __init__(self, names: Sequence[str]) -> None:
        shown = ", ".join(names[:5]) + (", ..." if len(names) > 5 else "")
        super().__init__(
            f"no key at hand opens these stored secrets: {shown}. Bring back the key they were stored with, or enter "
            "them again; nothing was changed."
        )
        self.names = tuple(names)


class BusyError(SyncError):
    """Another run of the connection is under way. `since` is when it began, None when that is not known."""

    def __init__(self, name: str, owner: str, since: datetime | None) -> None:
        began = f" since {since:%Y-%m-%d %H:%M} UTC" if since is not None else ""
        super().__init__(
            f"connection {name!r} is being synced by another process{began} ({owner}). Wait until it has ended; a "
            "process that died on another machine keeps its place for a minute."
        )
        self.name = name
        self.since = since


class LostLeaseError(SyncError):
    """This run was not heard of for so long that another took its place. What it committed is kept."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"another process took over the sync of connection {name!r}, because this one was not heard of for too "
            "long. What was committed is kept; the other run goes on."
        )
        self.name = name


class StoppedError(SyncError):
    """The run was asked to stop. `by` says by whom or by what."""

    def __init__(self, by: str) -> None:
        super().__init__(f"stopped by {by}. What was committed is kept; the next run goes on from there.")
        self.by = by


class UnmappableError(SyncError):
    """A readable record that has no place in the portfolio; the text is the reason shown in quarantine."""
