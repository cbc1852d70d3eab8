"""Every recorded Asana payload is read. The records are not in this repository; without them these tests skip."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from connector.asana.reader import AsanaReader
from connector.protocol import RawRecord, Stream
from connector.records import ChangedField, ItemRecord, Record

ADDRESS = "https://app.asana.com/api/1.0"

PATHS = (
    (r"/tasks/\d+/stories$", Stream.CHANGES),
    (r"/(workspaces|organizations)/\d+/teams$|/users/me/teams$", Stream.TEAMS),
    (r"/users$|/users/me$", Stream.PEOPLE),
    (r"/projects(/\d+)?$", Stream.PROJECTS),
    (r"/tasks(/\d+)?$", Stream.ITEMS),
)


def lines(path: Path) -> Iterator[dict[str, Any]]:
    if not path.is_file():
        pytest.skip(f"no recorded payloads: {path.name}")
    with path.open(encoding="utf-8") as file:
        yield from map(json.loads, file)


def raw(stream: Stream, document: Any) -> RawRecord:
    gid = "" if isinstance(document, list) else document["gid"]
    return RawRecord(stream, gid, json.dumps(document, ensure_ascii=False).encode())


def streamed(path: Path) -> Iterator[RawRecord]:
    """Records of a connector's own file: one a line, with the name of its stream."""
    names = {"tasks": Stream.ITEMS, "users": Stream.PEOPLE, "projects": Stream.PROJECTS, "sections": Stream.SECTIONS}
    for line in lines(path):
        if line["stream"] in names:
            yield raw(names[line["stream"]], line["data"])
        elif line["stream"] == "stories":
            yield raw(Stream.CHANGES, [line["data"]])


def exchanged(path: Path) -> Iterator[RawRecord]:
    """Records in the answers to recorded requests."""
    for line in lines(path):
        if line["method"] not in ("GET", "PUT") or line["status"] != 200:
            continue
        address = line["url"].split("?")[0]
        stream = next((stream for pattern, stream in PATHS if re.search(pattern, address)), None)
        data = line["response"]["data"]
        if stream is Stream.CHANGES:
            yield raw(stream, data)
        elif stream:
            yield from (raw(stream, document) for document in (data if isinstance(data, list) else [data]))


def read_all(records: Iterator[RawRecord]) -> list[tuple[Stream, Record]]:
    reader = AsanaReader(ADDRESS, (), ())
    return [(record.stream, reader.read(record)) for record in records]


def items(found: list[tuple[Stream, Record]]) -> list[ItemRecord]:
    return [record for _, record in found if isinstance(record, ItemRecord)]


def test_airbyte(realdata: Path) -> None:
    found = read_all(streamed(realdata / "asana/airbyte/projects_sections_stories_tasks.jsonl"))
    assert Counter(stream for stream, _ in found) == {
        Stream.PROJECTS: 3,
        Stream.SECTIONS: 5,
        Stream.CHANGES: 3,
        Stream.ITEMS: 1,
    }
    [task] = items(found)
    assert task.memberships[0].section_id == "1200358129054063"
    assert (task.status_id, task.status_name) == (None, None)
    histories: list[Any] = [record for stream, record in found if stream is Stream.CHANGES]
    # Compact stories tell no sections and no field: only the completion is more than prose.
    assert [change.field for history in histories for change in history.changes] == [ChangedField.COMPLETED]


def test_faros(realdata: Path) -> None:
    found = read_all(streamed(realdata / "asana/faros/all_streams.jsonl"))
    assert Counter(stream for stream, _ in found) == {Stream.PEOPLE: 1, Stream.PROJECTS: 1, Stream.ITEMS: 2}
    assert [(task.status_name, task.priority) for task in items(found)] == [("On track", "Low"), ("At risk", "Medium")]
    assert [task.memberships for task in items(found)] == [(), ()]


def test_jupiterone(realdata: Path) -> None:
    found = read_all(exchanged(realdata / "asana/jupiterone/http_exchanges_cloud.jsonl"))
    assert Counter(stream for stream, _ in found) == {Stream.PEOPLE: 11, Stream.PROJECTS: 3, Stream.TEAMS: 2}


def test_nango(realdata: Path) -> None:
    found = read_all(exchanged(realdata / "asana/nango/http_exchanges.jsonl"))
    counts = Counter(stream for stream, _ in found)
    assert counts == {Stream.ITEMS: 22, Stream.PROJECTS: 16, Stream.TEAMS: 12, Stream.PEOPLE: 7, Stream.CHANGES: 1}
    due = [task.due.isoformat() for task in items(found) if task.due]
    assert "2025-09-25" in due
    assert all(task.created <= task.updated for task in items(found))
