"""What can go wrong while syncing, beside what the connector and the store say themselves.

SyncError
├── UnknownConnectionError  no connection of this name or id: correct the name
├── UnknownPersonError      no person of this number: correct it
├── PersonDecisionError     who is who cannot be decided so: the text says why, and what to do instead
├── TableError              a file is no table that can be taken in: the text says why, and what to do
├── TakenNameError          a connection of this name exists: take another
├── SecretError             a secret cannot be had: set it again
├── SealedError             stored secrets are opened by no key at hand: bring back the key, or enter them again
├── BusyError               another process syncs the connection: wait for it
├── LostLeaseError          another process took the connection over: look whether it is done
├── StoppedError            somebody asked the run to stop: start another one when wanted
├── PreviewStoppedError     somebody asked the preview to stop: ask for another one when wanted
├── UnknownVersionError     no version of the mapping has this number: correct it
├── StaleDraftError         the draft was changed by somebody else meanwhile: look at it as it is now
├── FaultyMappingError      the mapping has faults: mend them
├── FileError        a file is no mapping: mend it at the place that is told
├── SecondPersonError       another person has to approve: ask one who may
└── UnmappableError         one record cannot be placed in the portfolio: it goes to quarantine, the run goes on
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sync.mapping.faults import Fault


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


class PersonDecisionError(SyncError):
    """A decision about who is who that cannot be made or undone. Nothing was changed."""


class TableError(SyncError):
    """A file that is no table of what it is said to be. Nothing was changed."""


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


class UnknownVersionError(SyncError):
    """There is no such version of the mapping."""

    def __init__(self, wanted: int) -> None:
        super().__init__(
            f"there is no version {wanted} of the mapping. `sightline mapping history` shows those there are."
        )
        self.wanted = wanted


class StaleDraftError(SyncError):
    """The draft is not what it was when it was read. `what` is what became of it: changed, approved, discarded."""

    def __init__(self, who: str, when: datetime, what: str = "changed") -> None:
        super().__init__(
            f"the draft of the mapping was {what} by {who or 'somebody else'} on {when:%Y-%m-%d %H:%M} UTC, after you "
            "had read it. Nothing of yours was written: look at it as it is now, and make your change again."
        )
        self.who = who
        self.when = when
        self.what = what


class FaultyMappingError(SyncError):
    """A mapping that makes no sense. `faults` has them all."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        shown = "; ".join(f"{fault.place}: {fault.message.rstrip('.')}" for fault in faults[:3])
        more = f"; and {len(faults) - 3} more" if len(faults) > 3 else ""
        super().__init__(f"the mapping has faults. {shown}{more}. Nothing came in force: mend them and approve again.")
        self.faults = tuple(faults)


class FileError(SyncError):
    """A file that is not what it should be. `place` and `line` tell where, as far as that is known."""

    def __init__(self, what: str, *, place: str = "", line: int | None = None) -> None:
        where = ", ".join(part for part in (f"line {line}" if line else "", place) if part)
        super().__init__(f"{where}: {what}." if where else f"{what}.")
        self.place = place
        self.line = line


class SecondPersonError(SyncError):
    """Who edited a mapping may not be the one who approves it."""

    def __init__(self, editor: str) -> None:
        super().__init__(
            f"{editor} had a hand in this mapping, so somebody else has to approve it: another PMO lead. Where one "
            "person does both, an admin sets the organisation to small under Settings."
        )
        self.editor = editor


class PreviewStoppedError(SyncError):
    """A preview was asked to stop. `by` says by whom or by what."""

    def __init__(self, by: str) -> None:
        super().__init__(f"the preview was stopped by {by}. It changes nothing; ask for another one when you want it.")
        self.by = by


class UnmappableError(SyncError):
    """A readable record that has no place in the portfolio; the text is the reason shown in quarantine."""
