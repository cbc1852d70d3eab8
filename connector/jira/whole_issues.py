"""Issues with their whole history.

Jira embeds the changelog cut short. An issue whose embedded history is not known to be complete gets a CHANGES record
with the full one, so that the two are landed together.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from typing import Any

import msgspec

from connector.boundary.pages import id_text, identity, joined
from connector.errors import BadAnswerError, SkipError
from connector.jira.client import JiraClient
from connector.jira.paging import by_offset
from connector.protocol import RawRecord, Stream

BULK_ITEMS = 1000
BULK_HISTORIES = 1000
# Where Cloud cuts embedded histories. A history of just this length that claims to be whole is asked for again.
CUT_LENGTHS = frozenset({20, 40, 100})


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


def with_histories(client: JiraClient, issues: Sequence[msgspec.Raw]) -> tuple[RawRecord, ...]:
    """ITEMS records of the issues as they came, and CHANGES records of those whose history is cut."""
    cloud = client.server().cloud
    records: list[RawRecord] = []
    cut: list[str] = []
    for raw in issues:
        try:
            issue = _ISSUE.decode(raw)
        except msgspec.DecodeError:
            records.append(RawRecord(Stream.ITEMS, identity(raw), bytes(raw)))
            continue
        ident = id_text(issue.id)
        records.append(RawRecord(Stream.ITEMS, ident, bytes(raw)))
        if ident and not _whole(issue.changelog, CUT_LENGTHS if cloud else ()):
            cut.append(ident)
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
