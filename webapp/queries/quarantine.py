"""Records that could not be read or mapped, with the reason, and the payload of one as text."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime

import zstandard
from sqlalchemy import ColumnElement, Connection, func, or_, select

from portfolio.model.landing import Connection as ConnectionRow
from portfolio.model.landing import Quarantine
from sync.landing.quarantine import HASH_ID
from webapp.queries.search import contains
from webapp.tables import Paging

LONGEST_PAYLOAD = 20_000
ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"
_CONNECTION = ConnectionRow.__table__
_HELD = Quarantine.__table__


@dataclass(frozen=True)
class Held:
    """One record in quarantine."""

    id: int
    connection_id: int
    connection: str
    stream: str
    external_id: str
    reason: str
    first_seen_at: datetime
    last_seen_at: datetime
    run_id: int | None

    @property
    def nameless(self) -> bool:
        """Whether it carries no id: it can only come in anew, as another record."""
        return not self.external_id or self.external_id.startswith(HASH_ID)


@dataclass(frozen=True)
class Payload:
    """The beginning of what the tracker sent. `readable` is False when it cannot even be decompressed."""

    text: str
    whole: bool
    readable: bool


def _laid_out(text: str) -> str:
    """JSON with one value on a line, as long as it is short enough to be shown whole; anything else as it is."""
    if len(text) > LONGEST_PAYLOAD:
        return text
    try:
        return json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    except (ValueError, RecursionError):
        return text


def payload_text(stored: bytes) -> Payload:
    """The stored payload as text, at most `LONGEST_PAYLOAD` characters: a small bomb must not fill the memory."""
    data = stored
    if stored.startswith(ZSTD_MAGIC):
        try:
            with zstandard.ZstdDecompressor().stream_reader(stored) as stream:
                data = stream.read(LONGEST_PAYLOAD * 4 + 1)
        except zstandard.ZstdError:
            return Payload("", whole=False, readable=False)
    text = _laid_out(data.decode("utf-8", errors="replace"))
    return Payload(text[:LONGEST_PAYLOAD], whole=len(text) <= LONGEST_PAYLOAD, readable=True)


@dataclass(frozen=True)
class Wish:
    """Which records: of one connection or all, of one stream or all, for one reason or any, with some text."""

    connection: int | None = None
    stream: str | None = None
    reason: str | None = None
    text: str = ""


def _where(wish: Wish) -> list[ColumnElement[bool]]:
    parts: list[ColumnElement[bool]] = []
    if wish.connection is not None:
        parts.append(_HELD.c.connection_id == wish.connection)
    if wish.stream is not None:
        parts.append(_HELD.c.stream == wish.stream)
    if wish.reason is not None:
        parts.append(_HELD.c.reason == wish.reason)
    if wish.text:
        searched = (_HELD.c.reason, _HELD.c.external_id, _HELD.c.stream)
        parts.append(or_(*(contains(column, wish.text) for column in searched)))
    return parts


_COLUMNS = (
    _HELD.c.id,
    _HELD.c.connection_id,
    _CONNECTION.c.name,
    _HELD.c.stream,
    _HELD.c.external_id,
    _HELD.c.reason,
    _HELD.c.first_seen_at,
    _HELD.c.last_seen_at,
    _HELD.c.run_id,
)


def count_held(connection: Connection, wish: Wish) -> int:
    """How many records are held that fit the filter."""
    return int(connection.scalar(select(func.count()).select_from(_HELD).where(*_where(wish))) or 0)


def streams_held(connection: Connection) -> tuple[str, ...]:
    """The streams that have records in quarantine."""
    return tuple(connection.scalars(select(_HELD.c.stream).distinct().order_by(_HELD.c.stream)))


@dataclass(frozen=True)
class Cause:
    """One reason that holds several records of a connection back."""

    connection_id: int
    connection: str
    reason: str
    records: int


def causes(connection: Connection, wish: Wish, *, most: int) -> tuple[Cause, ...]:
    """The reasons that hold back the most records, those of one record left out."""
    count = func.count()
    rows = connection.execute(
        select(_HELD.c.connection_id, _CONNECTION.c.name, _HELD.c.reason, count)
        .join(_CONNECTION, _CONNECTION.c.id == _HELD.c.connection_id)
        .where(*_where(wish))
        .group_by(_HELD.c.connection_id, _CONNECTION.c.name, _HELD.c.reason)
        .having(count > 1)
        .order_by(count.desc(), _CONNECTION.c.name, _HELD.c.reason)
        .limit(most)
    )
    return tuple(Cause(*row) for row in rows)


def list_held(connection: Connection, wish: Wish, paging: Paging) -> tuple[Held, ...]:
    """One page of held records, the latest first."""
    rows = connection.execute(
        select(*_COLUMNS)
        .join(_CONNECTION, _CONNECTION.c.id == _HELD.c.connection_id)
        .where(*_where(wish))
        .order_by(_HELD.c.last_seen_at.desc(), _HELD.c.id)
        .limit(paging.size)
        .offset(paging.offset)
    )
    return tuple(Held(*row) for row in rows)


def find_held(connection: Connection, held_id: int) -> tuple[Held, Payload] | None:
    """One held record with its payload."""
    row = connection.execute(
        select(*_COLUMNS, _HELD.c.payload)
        .join(_CONNECTION, _CONNECTION.c.id == _HELD.c.connection_id)
        .where(_HELD.c.id == held_id)
    ).one_or_none()
    return None if row is None else (Held(*row[:-1]), payload_text(row.payload))
