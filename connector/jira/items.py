"""Pages of issues found by a search, with their whole history."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec
from msgspec.structs import replace

from connector.boundary.pages import identity
from connector.errors import BadAnswerError, RefusedError
from connector.jira.client import JiraClient
from connector.jira.marks import mark_at
from connector.jira.whole_issues import with_histories
from connector.protocol import Page, Stream

FIELDS = ("*all", "-comment", "-worklog")


class _Found(msgspec.Struct):
    issues: list[msgspec.Raw]
    nextPageToken: str | None = None
    total: int | None = None


def item_pages(client: JiraClient, project_id: str, where: str, position: str | None, size: int) -> Iterator[Page]:
    """The issues of one project that `where` finds. The mark is of the moment before the first search."""
    mark = mark_at(client.clock())
    yield from found_pages(client, where, Page(Stream.ITEMS, project_id, (), position, mark), size)


def found_pages(client: JiraClient, where: str, start: Page, size: int) -> Iterator[Page]:
    """The issues that a JQL restriction finds, from the position of `start` on, as pages of its slice and mark.

    By token on Cloud, by issue id on Data Center: either way an edit meanwhile hides no issue and shifts no other.
    """
    walk = _cloud_pages if client.server().cloud else _data_center_pages
    return walk(client, where, start, size)


def _cloud_pages(client: JiraClient, where: str, start: Page, size: int) -> Iterator[Page]:
    question: dict[str, Any] = {
        "jql": f"{where} ORDER BY id ASC",
        "fields": FIELDS,
        "expand": "changelog",
        "maxResults": size,
    }
    token = position = start.position
    seen: set[str] = set()
    while True:
        try:
            found = client.search("search/jql", _Found, question | ({"nextPageToken": token} if token else {}))
        except RefusedError:
            # A token lives seven days; the slice is read again from its beginning when a stored one is no longer taken.
            if not token or token != position or seen:
                raise
            token = position = None
            continue
        if token:
            seen.add(token)
        token = found.nextPageToken or None
        if token in seen:
            raise BadAnswerError("Jira sent the same page token twice", method="POST", path="search/jql")
        records = with_histories(client, found.issues)
        # The answer's own bytes are let go of before the page is waited with.
        del found
        yield replace(start, records=records, position=token)
        if token is None:
            return


def _data_center_pages(client: JiraClient, where: str, start: Page, size: int) -> Iterator[Page]:
    # By the id of the last issue, not by offset: edits meanwhile shift offsets, and OpenSearch ends at 10,000.
    last = start.position
    while True:
        after = f" AND id > {int(last)}" if last else ""
        question: dict[str, str | int] = {
            "jql": f"{where}{after} ORDER BY id ASC",
            "startAt": 0,
            "maxResults": size,
            "fields": ",".join(FIELDS),
            "expand": "changelog",
        }
        found = client.get("search", _Found, question)
        before, last = last, _last_id(found.issues, last)
        whole = not found.issues or (found.total is not None and len(found.issues) >= found.total)
        if not whole and last == before:
            raise BadAnswerError("Jira sent the same issues twice", method="GET", path="search")
        records = with_histories(client, found.issues)
        del found
        yield replace(start, records=records, position=None if whole else last)
        if whole:
            return


def _last_id(issues: Sequence[msgspec.Raw], before: str | None) -> str | None:
    ids = [int(found) for found in map(identity, issues) if found.isdigit()]
    return str(max([*ids, int(before or 0)])) if ids else before
