"""The recorded Jira payloads of Apache DevLake's own tests, read and mapped here, and what DevLake made of them.

The set has no field catalogue. The fields below are those DevLake's tests configure or the recorded changelogs name;
`test_devlake_changes` checks each name against the changelogs.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest

from connector.protocol import RawRecord, Reader, Stream
from connector.records import (
    ChangesRecord,
    FieldRecord,
    ItemRecord,
    KindRecord,
    PersonRecord,
    ProjectRecord,
    Record,
    SprintRecord,
    StatusRecord,
    WorklogRecord,
)
from connector.registry import open_reader
from sync.mapping.compile import compile_profile
from sync.mapping.defaults import References, default_profile
from sync.mapping.faults import faults
from sync.mapping.files import from_toml
from sync.mapping.items import ItemValues, map_item
from sync.mapping.rules import Rules

csv.field_size_limit(2**24)

PROFILES = Path(__file__).parent / "profiles"
_TYPES = "com.atlassian.jira.plugin.system.customfieldtypes:"
END_DATE = "customfield_10060"
FIELDS = (
    ("customfield_10014", "Epic Link", "com.pyxis.greenhopper.jira:gh-epic-link"),
    ("customfield_10015", "Start date", _TYPES + "datepicker"),
    ("customfield_10019", "Rank", "com.pyxis.greenhopper.jira:gh-lexo-rank"),
    ("customfield_10020", "Sprint", "com.pyxis.greenhopper.jira:gh-sprint"),
    ("customfield_10024", "Story Points", _TYPES + "float"),
    (END_DATE, "End date", _TYPES + "datepicker"),
)

ADDRESS = "https://merico.atlassian.net"
BOARD = '{"ConnectionId":2,"BoardId":8}'
OTHER_BOARD = '{"ConnectionId":1,"BoardId":93}'

# What their tests configure to be the due date; no default profile would know.
OTHER_DUE = "customfield_10003"
CATEGORIES = {"new": "todo", "indeterminate": "in_progress", "done": "done"}

Row = dict[str, str]


class DevLake:
    """The folder: `expected` rows, and records read from `raw` by the reader under test."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._items: dict[str, dict[str, ItemValues]] = {}
        if not folder.is_dir():
            pytest.skip(f"recorded payloads (realdata) have no folder {folder.name}")

    def expected(self, name: str, key: Callable[[Row], Any]) -> dict[Any, Row]:
        """The rows of one table by key. Fails when two rows share one."""
        with (self._folder / "expected" / f"{name}.csv").open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
        found = {key(row): row for row in rows}
        assert len(found) == len(rows)
        return found

    def raw(self, name: str, params: str | None = BOARD) -> Iterator[dict[str, Any]]:
        """The recorded payloads of one kind with their requests, of one board or of all."""
        with (self._folder / "raw" / f"{name}.jsonl").open(encoding="utf-8") as file:
            for line in map(json.loads, file):
                if params is None or line["params"] == params:
                    yield line

    @cached_property
    def fields(self) -> list[FieldRecord]:
        bare = open_reader("jira", ADDRESS, (), ())
        shapes = [
            {"id": ident, "name": name, "custom": True, "schema": {"custom": custom}} for ident, name, custom in FIELDS
        ]
        return [_as(FieldRecord, bare.read(_raw(Stream.FIELDS, str(shape["id"]), shape))) for shape in shapes]

    @property
    def references(self) -> References:
        """What this site says of itself."""
        return References(
            fields=list(self.fields), statuses=list(self.statuses.values()), kinds=list(self.kinds.values())
        )

    @cached_property
    def rules(self) -> Rules:
        """The default profile."""
        return Rules(default_profile(self.references))

    @cached_property
    def reader(self) -> Reader:
        wanted = (*self.rules.profile.bindings.wanted(), OTHER_DUE)
        return open_reader("jira", ADDRESS, self.fields, wanted)

    def _plain(self, kind: type[Any], stream: Stream, name: str, ident: str = "id") -> dict[str, Any]:
        bare = open_reader("jira", ADDRESS, (), ())
        payloads = [line["data"] for line in self.raw(name)]
        records = [_as(kind, bare.read(_raw(stream, str(body[ident]), body))) for body in payloads]
        found = {record.external_id: record for record in records}
        assert len(found) == len(records)
        return found

    @cached_property
    def statuses(self) -> dict[str, StatusRecord]:
        return self._plain(StatusRecord, Stream.STATUSES, "api_status")

    @cached_property
    def kinds(self) -> dict[str, KindRecord]:
        return self._plain(KindRecord, Stream.KINDS, "api_issue_types")

    @cached_property
    def people(self) -> dict[str, PersonRecord]:
        return self._plain(PersonRecord, Stream.PEOPLE, "api_users", "accountId")

    @cached_property
    def authors(self) -> dict[str, PersonRecord]:
        """The authors of the histories fetched apart, read as accounts of the list of people."""
        bare = open_reader("jira", ADDRESS, (), ())
        bodies = [line["data"]["author"] for line in self.raw("api_issue_changelogs")]
        accounts = {body["accountId"]: body for body in bodies if body["accountId"]}
        return {i: _as(PersonRecord, bare.read(_raw(Stream.PEOPLE, i, body))) for i, body in accounts.items()}

    @cached_property
    def projects(self) -> dict[str, ProjectRecord]:
        return self._plain(ProjectRecord, Stream.PROJECTS, "api_projects")

    @cached_property
    def sprints(self) -> dict[str, SprintRecord]:
        return self._plain(SprintRecord, Stream.SPRINTS, "api_sprints")

    @cached_property
    def worklogs(self) -> dict[str, WorklogRecord]:
        return self._plain(WorklogRecord, Stream.WORKLOGS, "api_worklogs")

    def histories(self) -> list[ChangesRecord]:
        """The histories fetched apart from their issues, read, one record an issue."""
        by_issue: dict[str, list[Any]] = {}
        for line in self.raw("api_issue_changelogs"):
            by_issue.setdefault(str(json.loads(line["input"])["issue_id"]), []).append(line["data"])
        return [_as(ChangesRecord, self.reader.read(_raw(Stream.CHANGES, *pair))) for pair in by_issue.items()]

    def items(self, name: str = "api_issues", params: str = BOARD) -> dict[str, ItemValues]:
        """The issues of one board, read and mapped, by id."""
        if name not in self._items:
            bodies = [line["data"] for line in self.raw(name, params)]
            records = [_as(ItemRecord, self.reader.read(_raw(Stream.ITEMS, body["id"], body))) for body in bodies]
            assert len({record.external_id for record in records}) == len(bodies)
            self._items[name] = {r.external_id: map_item(r, r.changes, self.rules) for r in records}
        return self._items[name]

    def items_under(self, profile: str, name: str = "api_issues") -> dict[str, ItemValues]:
        """The issues of one board as `items`, mapped by a document of `profiles` over the defaults."""
        mapping = from_toml((PROFILES / f"{profile}.toml").read_text(encoding="utf-8"))
        assert faults(mapping) == ()
        known = self.references
        known.fields.append(FieldRecord(external_id=OTHER_DUE, name="Promised", type="date"))
        compiled = compile_profile(default_profile(known), mapping, "Merico", (), known)
        assert compiled.unclear == ()
        reader = open_reader("jira", ADDRESS, known.fields, compiled.bindings.wanted())
        bodies = [line["data"] for line in self.raw(name)]
        records = [_as(ItemRecord, reader.read(_raw(Stream.ITEMS, body["id"], body))) for body in bodies]
        return {record.external_id: map_item(record, record.changes, Rules(compiled)) for record in records}


def _raw(stream: Stream, ident: str, body: Any) -> RawRecord:
    return RawRecord(stream, ident, json.dumps(body, ensure_ascii=False).encode())


def _as(kind: type[Any], record: Record) -> Any:
    assert isinstance(record, kind)
    return record


def last(ident: str) -> str | None:
    """The tracker's own id at the end of a domain id ("jira:JiraIssue:2:10063"); account ids hold colons."""
    return ident.split(":", 3)[3] if ident.startswith("jira:") else ident or None


def words(text: str) -> str | None:
    """A text; None for an empty cell."""
    return text or None


def moment(text: str) -> datetime | None:
    """An instant in UTC."""
    return datetime.fromisoformat(text).astimezone(UTC) if text else None


def whole(text: str) -> int | None:
    return int(text) if text else None


def minutes(seconds: int | None) -> int | None:
    return None if seconds is None else seconds // 60


def utc_day(text: str) -> date | None:
    found = moment(text)
    return found.date() if found else None
