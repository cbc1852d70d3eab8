"""Payloads of real sites, read whole: each is read, or refused in words, and the counts are what was seen."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from connector.jira.people import User, person_id
from connector.jira.reader import JiraReader
from connector.protocol import RawRecord, Stream
from connector.records import ChangesRecord, ItemRecord, UnreadableError

Document = dict[str, Any]


def documents(path: Path) -> Iterator[Any]:
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".jsonl":
        yield from (json.loads(line) for line in text.split("\n") if line.strip())
    else:
        yield json.loads(text)


def issues_in(document: Any) -> Iterator[Document]:
    """Whatever looks like an issue, however it is wrapped: an object with an id or key, and fields of an issue."""
    waiting = [document]
    while waiting:
        node = waiting.pop()
        if isinstance(node, list):
            waiting += node
        elif isinstance(node, dict):
            fields = node.get("fields")
            if (
                isinstance(fields, dict)
                and ("id" in node or "key" in node)
                and ("summary" in fields or "project" in fields)
            ):
                yield node
            else:
                waiting += node.values()


def read_all(folder: Path) -> tuple[list[tuple[Document, ItemRecord]], list[str]]:
    reader = JiraReader("https://site.invalid", (), ())
    read, refused = [], []
    for path in sorted(folder.rglob("*.json*")):
        if "expected" in path.parts:
            continue
        for document in documents(path):
            for issue in issues_in(document):
                raw = RawRecord(Stream.ITEMS, str(issue.get("id", "")), json.dumps(issue).encode())
                try:
                    record = reader.read(raw)
                except UnreadableError as error:
                    refused.append(str(error))
                else:
                    assert isinstance(record, ItemRecord)
                    read.append((issue, record))
    return read, refused


@pytest.mark.parametrize(
    ("source", "count", "refusals"),
    [
        ("tidev_archive", 2699, {}),
        ("devlake", 37, {}),
        ("airbyte", 26, {}),
        ("jirametrics", 12, {}),
        ("grimoirelab", 7, {}),
        ("jupiterone", 11, {}),
        ("perceval", 3, {}),
        ("faros", 5, {"no fields.project.id": 1}),
        ("hygieia", 6, {"no fields.created": 2}),
        ("jira_ruby", 25, {"no fields.created": 1}),
        # Two are the site's table of field names, which has the outline of an issue.
        ("jrjc", 28, {"no fields.project.id": 5, "$.fields.summary": 2}),
        ("mobitel", 10, {"no fields.project.id": 2, "$.fields.summary": 2}),
    ],
)
def test_every_issue_is_read_or_refused_in_words(
    realdata: Path, source: str, count: int, refusals: dict[str, int]
) -> None:
    read, refused = read_all(realdata / "jira" / source)
    assert len(read) == count
    assert {words: sum(words in error for error in refused) for words in refusals} == refusals
    assert len(refused) == sum(refusals.values())


def test_nothing_of_an_archive_is_lost_on_the_way(realdata: Path) -> None:
    """Counts over the payloads as plain JSON against counts over the records."""
    read, _ = read_all(realdata / "jira" / "tidev_archive")
    for issue, record in read:
        fields = issue["fields"]
        assert (record.due is not None) == bool(fields.get("duedate"))
        assert (record.resolved_at is not None) == bool(fields.get("resolutiondate"))
        assert record.status_name == fields["status"]["name"].strip()
        assert len(record.milestone_ids) == len(fields.get("fixVersions") or [])
        assert {link.external_id for link in record.links} == {link["id"] for link in fields.get("issuelinks") or []}
        assert (record.assignee_id is not None) == bool(fields.get("assignee"))
        assert (record.parent_id is not None) == bool(fields.get("parent") or fields.get("epic"))
        wanted = [
            sprint["id"] for sprint in [*(fields.get("closedSprints") or []), fields.get("sprint") or {}] if sprint
        ]
        assert record.sprint_ids == tuple(dict.fromkeys(map(str, wanted)))
    assert sum(len(record.links) for _, record in read) > 1000
    assert sum(bool(record.sprint_ids) for _, record in read) > 1000


ROWS = [
    ("airbyte/users.jsonl", Stream.PEOPLE, 8),
    ("faros/users.jsonl", Stream.PEOPLE, 29),
    ("devlake/raw/api_users.jsonl", Stream.PEOPLE, 30),
    ("airbyte/issue_fields.jsonl", Stream.FIELDS, 2),
    ("faros/issue_fields.jsonl", Stream.FIELDS, 74),
    ("devlake/raw/api_status.jsonl", Stream.STATUSES, 53),
    ("airbyte/workflow_statuses.jsonl", Stream.STATUSES, 2),
    ("faros/workflow_statuses.jsonl", Stream.STATUSES, 8),
    ("devlake/raw/api_issue_types.jsonl", Stream.KINDS, 7),
    ("airbyte/issue_types.jsonl", Stream.KINDS, 4),
    ("airbyte/issue_link_types.jsonl", Stream.LINK_TYPES, 2),
    ("devlake/raw/api_projects.jsonl", Stream.PROJECTS, 12),
    ("airbyte/projects.jsonl", Stream.PROJECTS, 8),
    ("faros/projects.jsonl", Stream.PROJECTS, 1),
    ("airbyte/boards.jsonl", Stream.BOARDS, 1),
    ("faros/boards.jsonl", Stream.BOARDS, 1),
    ("devlake/raw/api_sprints.jsonl", Stream.SPRINTS, 30),
    ("airbyte/sprints.jsonl", Stream.SPRINTS, 10),
    ("faros/sprints.jsonl", Stream.SPRINTS, 10),
    ("airbyte/project_versions.jsonl", Stream.MILESTONES, 7),
    ("faros/project_versions.jsonl", Stream.MILESTONES, 3),
    ("airbyte/project_components.jsonl", Stream.COMPONENTS, 3),
    ("devlake/raw/api_worklogs.jsonl", Stream.WORKLOGS, 30),
    ("airbyte/issue_worklogs.jsonl", Stream.WORKLOGS, 10),
]


@pytest.mark.parametrize(("path", "stream", "count"), ROWS)
def test_every_other_record_is_read(realdata: Path, path: str, stream: Stream, count: int) -> None:
    reader = JiraReader("https://site.invalid", (), ())
    read = 0
    for row in documents(realdata / "jira" / path):
        found = row.get("data", row)
        if stream is Stream.PEOPLE:
            names = {name: found.get(name) for name in ("accountId", "key", "name")}
            ident = person_id(User(**names)) or ""
        else:
            ident = str(found["id"])
        payload = {"board": found, "configuration": None} if stream is Stream.BOARDS else found
        reader.read(RawRecord(stream, ident, json.dumps(payload).encode()))
        read += 1
    assert read == count


def test_recorded_histories_give_their_changes(realdata: Path) -> None:
    reader = JiraReader("https://site.invalid", (), ())
    rows = [row["data"] for row in documents(realdata / "jira" / "devlake" / "raw" / "api_issue_changelogs.jsonl")]
    found = reader.read(RawRecord(Stream.CHANGES, "1", json.dumps(rows).encode()))
    assert isinstance(found, ChangesRecord)
    known = {
        "status",
        "resolution",
        "assignee",
        "duedate",
        "timeoriginalestimate",
        "timeestimate",
        "issuetype",
        "Parent",
    }
    known |= {"Sprint", "Epic Link", "Start date", "Story Points", "Flagged", "IssueParentAssociation", "project"}
    wanted = sum(item["field"] in known for row in rows for item in row["items"])
    assert len(found.changes) == wanted > 0
    assert list(found.changes) == sorted(found.changes, key=lambda change: change.at)
