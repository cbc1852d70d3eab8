"""What can go wrong while syncing, beside what the connector and the store say themselves.

SyncError
├── UnknownConnectionError  no connection of this name or id: correct the name
├── TakenNameError          a connection of this name exists: take another
├── SecretError             a connection's secret cannot be had: set it again
└── UnmappableError         one record cannot be placed in the portfolio: it goes to quarantine, the run goes on
"""

from __future__ import annotations


class SyncError(Exception):
    """Base of this package's errors. The text is one line, safe to show: it never holds a secret or a payload."""


class UnknownConnectionError(SyncError):
    """There is no such connection."""

    def __init__(self, wanted: str | int) -> None:
        super().__init__(f"there is no connection {wanted!r}. `sightline connection list` shows those there are.")
        self.wanted = wanted


class TakenNameError(SyncError):
    """A connection of this name exists already."""

    def __init__(self, name: str) -> None:
        super().__init__(f"a connection named {name!r} exists already. Choose another name.")
        self.name = name


class SecretError(SyncError):
    """The secret of a connection is missing or cannot be decrypted."""

    def __init__(self, connection_id: int, why: str, remedy: str) -> None:
        super().__init__(f"{why} {remedy}")
        self.connection_id = connection_id


class UnmappableError(SyncError):
    """A readable record that has no place in the portfolio; the text is the reason shown in quarantine."""
