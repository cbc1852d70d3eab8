"""Pages of issues with their whole history.

Search results carry the changelog cut short. An issue whose embedded history is not known to be complete gets a CHANGES
record with the full one on the same page, so that the two are landed together.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from typing import Any

import msgspec

from connector.boundary.pages import identity, joined
from connector.errors import BadAnswerError, RefusedError, SkipError
from connector.jira.client import JiraClient
from connector.jira.paging import by_offset
from connector.protocol import Page, RawRecord, Stream

FIELDS = ("*all", "-comment", "-worklog")
BULK_ITEMS = 1000
BULK_HISTORIES = 1000
# Where Cloud cuts embedded histories. A history of just this length that claims to be whole is asked for again.
CUT_LENGTHS = frozenset({20, 40, 100})


class _Found(msgspec.Struct):
    issues: list[msgspec.Raw]
    nextPageToken: str | None = None
    total: int | None = None


class _Changelog(msgspec.Struct):
    total: int | None = None
    histories: list[msgspec.Raw] | None = None


class _Issue(msgspec.Struct):
    id: str | int
    changelog: _Changelog | None = None


class _BulkHistories(msgspec.Struct):
    issueId: str | int
    changeHistories: list[msgspec.Raw] = []


class _Bulk(msgspec.Struct):
    issueChangeLogs: list[_BulkHistories]
    nextPageToken: str | None = None


_ISSUE = msgspec.json.Decoder(_Issue)


def item_pages(client: JiraClient, project_id: str, position: str | None, size: int) -> Iterator[Page]:
    """The issues of one project, by token on Cloud, by issue id on Data Center."""
    walk = _cloud_pages if client.server().cloud else _data_center_pages
    return walk(client, project_id, position, size)


def _cloud_pages(client: JiraClient, project_id: str, position: str | None, size: int) -> Iterator[Page]:
    question: dict[str, Any] = {
        "jql": f"project = {project_id} ORDER BY id ASC",
        "fields": FIELDS,
        "expand": "changelog",
        "maxResults": size,
    }
    token = position
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
        records = _with_histories(client, found.issues)
        # The answer's own bytes are let go of before the page is waited with.
        del found
        yield Page(Stream.ITEMS, project_id, records, token)
        if token is None:
            return


def _data_center_pages(client: JiraClient, project_id: str, position: str | None, size: int) -> Iterator[Page]:
    # By the id of the last issue, not by offset: edits meanwhile shift offsets, and OpenSearch ends at 10,000.
    last = position
    while True:
        after = f" AND id > {int(last)}" if last else ""
        question: dict[str, str | int] = {
            "jql": f"project = {project_id}{after} ORDER BY id ASC",
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
        records = _with_histories(client, found.issues)
        del found
        yield Page(Stream.ITEMS, project_id, records, None if whole else last)
        if whole:
            return


def _last_id(issues: Sequence[msgspec.Raw], before: str | None) -> str | None:
    ids = [int(found) for found in map(identity, issues) if found.isdigit()]
    return str(max([*ids, int(before or 0)])) if ids else before


def _with_histories(client: JiraClient, issues: Sequence[msgspec.Raw]) -> tuple[RawRecord, ...]:
    cloud = client.server().cloud
    records: list[RawRecord] = []
    cut: list[str] = []
    for raw in issues:
        try:
            issue = _ISSUE.decode(raw)
        except msgspec.DecodeError:
            records.append(RawRecord(Stream.ITEMS, identity(raw), bytes(raw)))
            continue
        records.append(RawRecord(Stream.ITEMS, str(issue.id), bytes(raw)))
        if not _whole(issue.changelog, CUT_LENGTHS if cloud else ()):
            cut.append(str(issue.id))
    if cut:
        whole = _cloud_histories(client, cut) if cloud else _expanded_histories(client, cut)
        records += [RawRecord(Stream.CHANGES, ident, payload) for ident, payload in whole]
    return tuple(records)


def _whole(changelog: _Changelog | None, doubtful: Container[int]) -> bool:
    if changelog is None or changelog.histories is None or changelog.total is None:
        return False
    length = len(changelog.histories)
    return length >= changelog.total and length not in doubtful


def _cloud_histories(client: JiraClient, ids: Sequence[str]) -> list[tuple[str, bytes]]:
    """Full histories on Cloud: many issues at once, or one by one where the token's scopes keep us from that."""
    try:
        return list(_bulk_histories(client, ids))
    except SkipError:
        return list(_paged_histories(client, ids))


def _paged_histories(client: JiraClient, ids: Sequence[str]) -> Iterator[tuple[str, bytes]]:
    for ident in ids:
        try:
            slabs = list(by_offset(client, f"issue/{ident}/changelog", size=100))
        except SkipError:
            continue
        yield ident, joined([raw for slab in slabs for raw in slab.slices])


def _bulk_histories(client: JiraClient, ids: Sequence[str]) -> Iterator[tuple[str, bytes]]:
    """Full histories on Cloud. One issue's may be spread over several answers, and a history may come twice.

    An issue that no answer names has no history known to be whole, and is left out.
    """
    for first in range(0, len(ids), BULK_ITEMS):
        some = ids[first : first + BULK_ITEMS]
        merged: dict[str, dict[str, msgspec.Raw]] = {}
        question: dict[str, Any] = {"issueIdsOrKeys": some, "maxResults": BULK_HISTORIES}
        seen: set[str] = set()
        while True:
            bulk = client.search("changelog/bulkfetch", _Bulk, question)
            for part in bulk.issueChangeLogs:
                histories = merged.setdefault(str(part.issueId), {})
                for raw in part.changeHistories:
                    histories[identity(raw)] = raw
            token = bulk.nextPageToken
            if not token:
                break
            if token in seen:
                what = "Jira sent the same page token twice"
                raise BadAnswerError(what, method="POST", path="changelog/bulkfetch")
            seen.add(token)
            question["nextPageToken"] = token
        yield from ((ident, joined(list(merged[ident].values()))) for ident in some if ident in merged)


def _expanded_histories(client: JiraClient, ids: Sequence[str]) -> Iterator[tuple[str, bytes]]:
    """Full histories on Data Center, one issue at a time. One that cannot be had, or comes without, is left out."""
    for ident in ids:
        try:
            issue = client.get(f"issue/{ident}", _Issue, {"fields": "id", "expand": "changelog"})
        except SkipError:
            continue
        if issue.changelog is not None and issue.changelog.histories is not None:
            yield ident, joined(issue.changelog.histories)
