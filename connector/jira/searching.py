"""Searches that are asked for what they mean rather than for items: how many, in which projects, which of some."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from connector.boundary.pages import id_text
from connector.errors import BadAnswerError
from connector.jira.census import CLOUD_PAGE, DATA_CENTER_PAGE
from connector.jira.client import JiraClient

RECONCILED = 50
"""So many items Cloud takes for what they are now, whatever its index knows."""


class _Count(msgspec.Struct):
    count: int


class _Total(msgspec.Struct):
    total: int = 0


class _Entry(msgspec.Struct):
    id: str | int | None = None
    key: str = ""


class _Found(msgspec.Struct):
    issues: list[_Entry]
    nextPageToken: str | None = None
    total: int | None = None


def count(client: JiraClient, where: str) -> int:
    """How many items a restriction finds; Cloud counts approximately. Raises `RefusedError` with Jira's reason."""
    if client.server().cloud:
        return client.search("search/approximate-count", _Count, {"jql": where}).count
    return client.get("search", _Total, {"jql": where, "fields": "id", "maxResults": 1}).total


def project_keys(client: JiraClient, where: str) -> list[str]:
    """The keys of the projects in which a restriction finds items. Raises `RefusedError` with Jira's reason.

    No search tells them alone: each leaves out the projects that were met before, so there are no more than projects.
    """
    found: dict[str, None] = {}
    while True:
        others = ", ".join(f'"{key}"' for key in found)
        answer, whole = _keys(client, f"({where}) AND project not in ({others})" if found else where)
        met = [key for issue in answer.issues if (key := issue.key.rpartition("-")[0]) not in found]
        found |= dict.fromkeys(met)
        if whole:
            return list(found)
        if not met:
            raise BadAnswerError("Jira does not leave out projects that it was asked to", path="search")


def matching(client: JiraClient, ids: Sequence[str], where: str) -> set[str]:
    """Those of the items that a restriction finds. Raises `RefusedError` where one is not there any more."""
    found: set[str] = set()
    for first in range(0, len(ids), RECONCILED):
        some = ids[first : first + RECONCILED]
        jql = f"id in ({', '.join(some)}) AND {where}"
        if client.server().cloud:
            question = {"jql": jql, "fields": ["id"], "maxResults": RECONCILED, "reconcileIssues": [*map(int, some)]}
            answer = client.search("search/jql", _Found, question)
        else:
            answer = client.get("search", _Found, {"jql": jql, "fields": "id", "maxResults": RECONCILED})
        found.update(id_text(issue.id) for issue in answer.issues)
    return found


def _keys(client: JiraClient, jql: str) -> tuple[_Found, bool]:
    """The keys a search finds, as many as come at once, and whether these are all."""
    if client.server().cloud:
        found = client.search("search/jql", _Found, {"jql": jql, "fields": ["key"], "maxResults": CLOUD_PAGE})
        return found, not found.nextPageToken
    found = client.get("search", _Found, {"jql": jql, "fields": "key", "startAt": 0, "maxResults": DATA_CENTER_PAGE})
    return found, not found.issues or found.total is None or len(found.issues) >= found.total
