"""Fetching ahead of the writer: read and compressed beforehand where each payload is new, and only there."""

from __future__ import annotations

import zstandard

from connector.protocol import RawRecord, Reader, Stream
from connector.records import PersonRecord, UnreadableError
from sync.fetch import fetch
from sync.landing.raw import Hashed, digest
from tests.sync.fake_connector import FakeConnector, FakeReader, raw

PEOPLE = [PersonRecord(external_id=str(number), name=f"Person {number}") for number in range(7)]
BROKEN = RawRecord(Stream.PEOPLE, "broken", b'{"external_id": "broken"}')


def _fetched(ahead: Reader | None) -> list[Hashed]:
    connector = FakeConnector().put(Stream.PEOPLE, *PEOPLE, BROKEN)
    found: list[Hashed] = []
    for pages, skipped in fetch(connector, Stream.PEOPLE, ("",), 3, ahead):
        assert skipped == []
        found += [record for page in pages for record in page.records]
    return found


def test_without_a_reader_records_come_in_order_and_hashed_only() -> None:
    wanted = [*(raw(Stream.PEOPLE, person) for person in PEOPLE), BROKEN]
    assert _fetched(None) == [Hashed(record, digest(record.payload)) for record in wanted]


def test_with_a_reader_they_come_read_and_compressed_or_with_the_reason() -> None:
    *whole, broken = _fetched(FakeReader())
    assert [record.read for record in whole] == PEOPLE
    assert isinstance(broken.read, UnreadableError)
    expand = zstandard.ZstdDecompressor().decompress
    assert [expand(record.packed or b"") for record in (*whole, broken)] == [
        record.raw.payload for record in (*whole, broken)
    ]
