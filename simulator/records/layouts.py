"""The layouts in which people keep recorded payloads, told apart row by row.

Each reader takes one decoded row (of a JSON lines file) and yields sightings, or None when the row is not its layout.
The order of `LAYOUTS` matters: the first that recognises a row reads it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import urlencode

from simulator.records.sighting import Sighting, documents

Row = dict[str, Any]
Layout = Callable[[Row, str], Iterable[Sighting] | None]


def raw_table(row: Row, stem: str) -> Iterable[Sighting] | None:
    """An enveloped row of a raw table: the payload in `data`, the request in `url` and `input`."""
    if "raw_id" not in row or not isinstance(row.get("data"), dict):
        return None
    return [Sighting(row["data"], stem.removeprefix("api_"), str(row.get("url") or ""))]


def stream_record(row: Row, _stem: str) -> Iterable[Sighting] | None:
    """A record of a named stream. `recorded_before` orders the versions of one record."""
    if "stream" not in row or not isinstance(row.get("data"), dict):
        return None
    return [Sighting(row["data"], str(row["stream"]), seen=str(row.get("recorded_before") or ""))]


def archived_item(row: Row, _stem: str) -> Iterable[Sighting] | None:
    """An item of a data archive: the payload in `data`, beside its backend, origin and time of fetching."""
    if "backend_name" not in row or not isinstance(row.get("data"), dict):
        return None
    return [Sighting(row["data"], str(row.get("category") or ""), seen=str(row.get("timestamp") or ""))]


def exchange(row: Row, _stem: str) -> Iterable[Sighting] | None:
    """A recorded HTTP exchange. Only answered readings count: a write's answer and a refusal show no state."""
    if not {"method", "url", "status", "response"} <= row.keys():
        return None
    url = str(row["url"])
    asked = row.get("request") or {}
    searching = row["method"] == "POST" and url.split("?")[0].endswith(("/search", "/search/jql"))
    if row["status"] != 200 or not (row["method"] == "GET" or searching):
        return []
    if isinstance(asked, dict) and isinstance(asked.get("params"), dict):
        url += ("&" if "?" in url else "?") + urlencode(asked["params"])
    stream = "me" if url.split("?")[0].endswith(("/myself", "/users/me")) else ""
    return [Sighting(document, stream, url) for document in documents(row["response"])]


def payload_file(row: Row, _stem: str) -> Iterable[Sighting] | None:
    """A fixture file kept as a row: its name in `file`, the answer in `payload`. Webhooks are no answers."""
    if "payload" not in row or "file" not in row:
        return None
    payload = row["payload"]
    if isinstance(payload, dict) and "webhookEvent" in payload:
        return []
    return [Sighting(document, str(row["file"])) for document in documents(payload)]


def other_peoples_result(row: Row, _stem: str) -> Iterable[Sighting] | None:
    """What somebody else's mapping made of the recordings: not a recording."""
    return [] if "mapped" in row and "output" in row else None


def bare_document(row: Row, stem: str) -> Iterable[Sighting] | None:
    """A document without an envelope; the file is named for the stream."""
    return [Sighting(row, stem)]


LAYOUTS: tuple[Layout, ...] = (
    raw_table,
    stream_record,
    archived_item,
    exchange,
    payload_file,
    other_peoples_result,
    bare_document,
)


def sightings_of(row: Row, stem: str) -> Iterable[Sighting]:
    for layout in LAYOUTS:
        found = layout(row, stem)
        if found is not None:
            return found
    return []
