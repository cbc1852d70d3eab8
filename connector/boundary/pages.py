"""Splitting an answer into raw records: the slices of the tracker's own bytes, never re-serialised."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from connector.protocol import RawRecord, Stream


class _Id(msgspec.Struct):
    id: str | int | None = None


class _Gid(msgspec.Struct):
    gid: str | int | None = None


_ID = msgspec.json.Decoder(_Id)
_GID = msgspec.json.Decoder(_Gid)


def raw_records(stream: Stream, slices: Iterable[msgspec.Raw], *, key: str = "id") -> tuple[RawRecord, ...]:
    """One record per slice, identified by its `id` (or `gid`).

    A slice without one, or that is no object, gets "" and is left for the reader to refuse: one odd record must not
    cost the page.
    """
    return tuple(RawRecord(stream, identity(raw, key=key), bytes(raw)) for raw in slices)


def identity(raw: msgspec.Raw | bytes, *, key: str = "id") -> str:
    """The record's own id as text, without the NUL that no database takes; "" when there is none."""
    try:
        found = _GID.decode(raw).gid if key == "gid" else _ID.decode(raw).id
    except msgspec.DecodeError:
        return ""
    return id_text(found)


def id_text(ident: str | int | None) -> str:
    """An id as text, without the NUL that no database takes; "" for none."""
    return "" if ident is None else str(ident).replace("\x00", "")


def joined(slices: Sequence[msgspec.Raw | bytes]) -> bytes:
    """A JSON array of raw slices, as they came."""
    return b"[" + b",".join(bytes(raw) for raw in slices) + b"]"
