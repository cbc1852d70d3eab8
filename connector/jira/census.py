"""Searches for ids alone: which items a project has, and whether a search is taken at all."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

import msgspec

from connector.boundary.pages import id_text
from connector.errors import BadAnswerError, RetryError, SkipError
from connector.jira.client import JiraClient
from connector.jira.words import instant
from connector.protocol import Roll
from connector.records import UnreadableError

CLOUD_PAGE = 5000
DATA_CENTER_PAGE = 1000


class _Fields(msgspec.Struct):
    updated: str | int | None = None


class _Entry(msgspec.Struct):
    id: str | int | None = None
    fields: _Fields | None = None


class _Found(msgspec.Struct):
    issues: list[_Entry]
    nextPageToken: str | None = None
    total: int | None = None


class _Count(msgspec.Struct):
    count: int


def census_rolls(client: JiraClient, project_id: str, where: str) -> Iterator[Roll]:
    """The ids of a project's items that `where`, a restriction in JQL, finds; at least one roll.

    Data Center also tells when each last changed; Cloud gives fifty times fewer at once to those who ask for that.
    Cloud counts approximately: its number is for people to look at.
    """
    walk = _cloud_rolls if client.server().cloud else _data_center_rolls
    return walk(client, project_id, where)


def finds(client: JiraClient, jql: str) -> bool:
    """Whether a search finds anything. Raises `RefusedError` where Jira does not take it."""
    if client.server().cloud:
        return bool(client.search("search/jql", _Found, {"jql": jql, "fields": ["id"], "maxResults": 1}).issues)
    return bool(client.get("search", _Found, {"jql": jql, "fields": "id", "maxResults": 1}).issues)


def _cloud_rolls(client: JiraClient, project_id: str, where: str) -> Iterator[Roll]:
    question = {"jql": f"{where} ORDER BY id ASC", "fields": ["id"], "maxResults": CLOUD_PAGE}
    token: str | None = None
    seen: set[str] = set()
    while True:
        found = client.search("search/jql", _Found, question | ({"nextPageToken": token} if token else {}))
        token = found.nextPageToken or None
        if token in seen:
            raise BadAnswerError("Jira sent the same page token twice", method="POST", path="search/jql")
        if token is None:
            yield Roll(project_id, _entries(found.issues), _approximately(client, where))
            return
        seen.add(token)
        yield Roll(project_id, _entries(found.issues))


def _data_center_rolls(client: JiraClient, project_id: str, where: str) -> Iterator[Roll]:
    last, told = 0, None
    while True:
        after = f" AND id > {last}" if last else ""
        question: dict[str, str | int] = {
            "jql": f"{where}{after} ORDER BY id ASC",
            "startAt": 0,
            "maxResults": DATA_CENTER_PAGE,
            "fields": "updated",
        }
        found = client.get("search", _Found, question)
        if not last:
            told = found.total
        entries = _entries(found.issues)
        whole = not entries or (found.total is not None and len(entries) >= found.total)
        highest = max((int(ident) for ident, _ in entries if ident.isdecimal()), default=last)
        if not whole and highest <= last:
            raise BadAnswerError("Jira sent the same issues twice", method="GET", path="search")
        last = highest
        yield Roll(project_id, entries, told if whole else None)
        if whole:
            return


def _entries(issues: Sequence[_Entry]) -> tuple[tuple[str, datetime | None], ...]:
    return tuple((ident, _changed(issue)) for issue in issues if (ident := id_text(issue.id)))


def _changed(issue: _Entry) -> datetime | None:
    try:
        return instant(issue.fields.updated, "updated") if issue.fields else None
    except UnreadableError:
        return None


def _approximately(client: JiraClient, where: str) -> int | None:
    try:
        return client.search("search/approximate-count", _Count, {"jql": where}).count
    except (SkipError, RetryError):
        return None
