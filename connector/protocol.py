"""What every tracker looks like to the rest of Sightline.

A *connector* opens one *connection* (one account on one tracker) and yields *pages* of raw records per *stream*. A
*reader* turns one raw record into a typed, tracker-neutral record (`connector.records`) without any network, so that
landed payloads can be read again at any time.

A connector pages, throttles, retries and classifies errors. It does not store, map or decide.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

import msgspec

from connector.records import FieldRecord, Record
from connector.settings import ConnectionSettings, Secret

if TYPE_CHECKING:
    from connector.boundary.call import Boundary


class Stream(StrEnum):
    """One kind of record of a tracker. The order below is the order in which streams are landed."""

    PEOPLE = "people"
    TEAMS = "teams"
    FIELDS = "fields"
    STATUSES = "statuses"
    KINDS = "kinds"
    LINK_TYPES = "link_types"
    PROJECTS = "projects"
    SECTIONS = "sections"
    BOARDS = "boards"
    SPRINTS = "sprints"
    MILESTONES = "milestones"
    COMPONENTS = "components"
    PORTFOLIOS = "portfolios"
    GOALS = "goals"
    STATUS_UPDATES = "status_updates"
    ALLOCATIONS = "allocations"
    TIME_OFF = "time_off"
    QUERIES = "queries"
    ITEMS = "items"
    CHANGES = "changes"
    WORKLOGS = "worklogs"


class RawRecord(msgspec.Struct, frozen=True):
    """One record as the tracker sent it: the JSON slice of the answer, not re-serialised.

    `external_id` is the tracker's immutable id ("" when the payload carries none: it will be quarantined).
    A CHANGES record has the id of its item and a JSON array of all histories (Jira) or stories (Asana); a QUERIES
    record the id it was asked for under, and what it finds.
    """

    stream: Stream
    external_id: str
    payload: bytes


class Page(msgspec.Struct, frozen=True):
    """Records that are landed, mapped and committed together.

    A page of ITEMS also carries the CHANGES records of those items whose embedded history is missing or truncated,
    so that an item and its history are never torn apart.
    `position` is an opaque text from which the next page of this slice can be read; None when the slice is complete.
    `mark` is an opaque text from which whatever changes after the beginning of this pass can be read (`Delta.since`).
    Every page of a pass carries the same one; None where the tracker cannot tell what changed in the stream.
    `gone` are ids of the stream that the tracker says are there no more. For ITEMS that is a rumour, asked after by id.
    """

    stream: Stream
    slice: str
    records: tuple[RawRecord, ...]
    position: str | None = None
    mark: str | None = None
    gone: tuple[str, ...] = ()


class Delta(msgspec.Struct, frozen=True):
    """What changed in some slices of a stream since a mark, read in one go.

    `tells_gone`: whether the pages name everything that is there no more, so that no other look is needed for that.
    """

    stream: Stream
    slices: tuple[str, ...]
    since: str
    tells_gone: bool = False


class Verdict(StrEnum):
    """What became of an item that is not where it was."""

    DELETED = "deleted"
    MOVED = "moved"  # to a project that the connection does not follow
    ARCHIVED = "archived"
    ACCESS_LOST = "access_lost"
    UNKNOWN = "unknown"  # the tracker could not say; to be asked again


class Absent(msgspec.Struct, frozen=True):
    """An item that was asked for by id and cannot be had as one of a followed project. `why` is one line for people."""

    external_id: str
    verdict: Verdict
    why: str


class Named(msgspec.Struct, frozen=True):
    """The answer for items asked for by id: ITEMS and CHANGES records of those that are there, and the others."""

    records: tuple[RawRecord, ...] = ()
    absent: tuple[Absent, ...] = ()


class Roll(msgspec.Struct, frozen=True):
    """One page of a census: the items of a slice by id, each with the instant of its last change where that is told.

    `told` is the number of items the tracker itself states for the slice, less those that belong to other slices; None
    where it states none, and on all rolls but the last.
    """

    slice: str
    entries: tuple[tuple[str, datetime | None], ...]
    told: int | None = None


class Gap(msgspec.Struct, frozen=True):
    """Something this account or this plan cannot give, in words, with the remedy."""

    what: str
    why: str
    remedy: str


class Probe(msgspec.Struct, frozen=True, kw_only=True):
    """Who we are, what answers, and what it can and cannot give."""

    tracker: str
    flavour: str
    version: str
    address: str
    account_id: str
    account_name: str
    time_zone: str
    projects: int
    gaps: tuple[Gap, ...] = ()


class Reader(Protocol):
    """Reads landed payloads of one tracker. Pure: no network, no state beyond the field catalogue."""

    def read(self, raw: RawRecord) -> Record:
        """Return the typed record; raise `UnreadableError` saying what is wrong with the payload."""
        ...


class Connector(Protocol):
    """One open connection. Safe to use from several threads; close it when done."""

    def probe(self) -> Probe:
        """Ask the tracker who and what it is. Raises `AbortError` kinds when it is not usable."""
        ...

    def streams(self) -> tuple[Stream, ...]:
        """The streams this tracker has, in landing order. CHANGES is absent: it travels with ITEMS."""
        ...

    def slices(self, stream: Stream) -> tuple[str, ...]:
        """The independent parts of a stream; ("",) when it is read in one go, project ids for ITEMS."""
        ...

    def pages(self, stream: Stream, slice: str = "", position: str | None = None) -> Iterator[Page]:
        """Yield the pages of one slice, from `position` or the beginning. The last page has position None.

        A slice without records yields one empty page. Raises `SkipError` kinds when the whole slice is out of reach.
        """
        ...

    def deltas(self, stream: Stream, marks: Mapping[str, str]) -> tuple[Delta, ...]:
        """How to read what changed in the slices of `marks` since then. A slice in no delta must be read whole."""
        ...

    def changes(self, delta: Delta) -> Iterator[Page]:
        """Yield the pages of a delta; the last one has position None. The others' positions cannot be resumed from.

        What did not change may come along. Raises `StaleMarkError` when the tracker does not reach back so far: the
        slices must then be read whole.
        """
        ...

    def census(self, slice: str) -> Iterator[Roll]:
        """Yield the ids of all ITEMS of a slice, as cheaply as the tracker allows."""
        ...

    def named(self, ids: Sequence[str]) -> Named:
        """Ask for some hundred items by id. Never raises for a single one: what cannot be told is `UNKNOWN`."""
        ...

    def close(self) -> None:
        """Release sockets and threads. Idempotent."""
        ...


class Reading(Protocol):
    """Makes readers for one tracker; what the registry holds beside the connector itself."""

    def __call__(self, address: str, fields: Sequence[FieldRecord], wanted: Sequence[str]) -> Reader:
        """A reader whose items carry the values of the `wanted` field ids in `ItemRecord.fields`."""
        ...


class Opening(Protocol):
    """Opens connections to one tracker; what the registry holds. Makes no request."""

    def __call__(self, settings: ConnectionSettings, secret: Secret, boundary: Boundary | None = None) -> Connector:
        """A connector that signs in with `secret` when it is first asked for something.

        All it asks goes through `boundary`; without one it makes its own.
        """
        ...
