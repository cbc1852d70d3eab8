"""Pages of worklogs: the ids that ever changed, in the order of change, then the worklogs themselves.

Marks are instants of the tracker's clock, as those of items are.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress

import msgspec

from connector.boundary.pages import id_text, raw_records
from connector.errors import BadAnswerError, FeatureAbsentError, MissingError, RefusedError, SkipError, StaleMarkError
from connector.jira.client import JiraClient
from connector.jira.marks import instants, looked_back, mark_at
from connector.protocol import Delta, Page, Stream

ABSENT = "This site does not list its worklogs"
UPDATED = "worklog/updated"
DELETED = "worklog/deleted"


class _Updated(msgspec.Struct):
    worklogId: int | str


class _Updates(msgspec.Struct):
    values: list[_Updated]
    until: int | None = None
    lastPage: bool | None = None
    nextPage: str | None = None


def worklog_pages(client: JiraClient, position: str | None) -> Iterator[Page]:
    """All worklogs the account sees. The position is the instant (epoch ms) up to which changes are read.

    A worklog changed while the list is read may come twice. The last page also names all that were ever deleted, where
    the site tells: one that is not listed may as well be one of an item out of sight. Raises `FeatureAbsentError` where
    the site cannot tell at all.
    """
    mark = mark_at(client.clock())
    for slices, reached in _listed(client, int(position or 0)):
        gone: tuple[str, ...] = ()
        if reached is None:
            with suppress(SkipError):
                gone = _deleted(client, 0)
        yield Page(Stream.WORKLOGS, "", raw_records(Stream.WORKLOGS, slices), reached, mark, gone)


def worklog_deltas(client: JiraClient, marks: Mapping[str, str]) -> tuple[Delta, ...]:
    """One delta, if the mark is usable."""
    known = instants(marks, client.clock())
    return tuple(Delta(Stream.WORKLOGS, (name,), str(since), tells_gone=True) for name, since in known.items())


def changed_worklogs(client: JiraClient, delta: Delta) -> Iterator[Page]:
    """The worklogs made or changed since, then the ids of those deleted.

    Jira keeps the last minute to itself in both lists: looking back before the mark covers that too.
    """
    mark = mark_at(client.clock())
    since = looked_back(delta.since)
    for slices, reached in _listed(client, since):
        # There is always a page to come: that of the deleted ones.
        yield Page(Stream.WORKLOGS, "", raw_records(Stream.WORKLOGS, slices), reached or "deleted", mark)
    try:
        gone = _deleted(client, since)
    except FeatureAbsentError as raised:
        what = "This site does not tell which worklogs were deleted"
        raise StaleMarkError(what, method="GET", path=raised.path, status=raised.status) from None
    yield Page(Stream.WORKLOGS, "", (), None, mark, gone)


def worklogs_absent(client: JiraClient) -> bool:
    """Whether the site has no list of worklogs."""
    try:
        _updates(client, UPDATED, 0)
    except FeatureAbsentError:
        return True
    return False


def _listed(client: JiraClient, since: int) -> Iterator[tuple[list[msgspec.Raw], str | None]]:
    """The worklogs changed since, page by page, each with the instant that the next one begins at."""
    for updates in _walk(client, UPDATED, since):
        ids = list(dict.fromkeys(entry.worklogId for entry in updates.values))
        slices = client.search("worklog/list", list[msgspec.Raw], {"ids": ids}) if ids else []
        yield slices, None if _is_last(updates) else str(updates.until)


def _deleted(client: JiraClient, since: int) -> tuple[str, ...]:
    """The ids of the worklogs deleted since."""
    told = (id_text(entry.worklogId) for updates in _walk(client, DELETED, since) for entry in updates.values)
    return tuple(dict.fromkeys(told))


def _walk(client: JiraClient, path: str, since: int) -> Iterator[_Updates]:
    while True:
        updates = _updates(client, path, since)
        last = _is_last(updates)
        if not last and (updates.until is None or updates.until <= since):
            raise BadAnswerError("Jira sent the same worklogs twice", method="GET", path=path)
        yield updates
        if last or updates.until is None:
            return
        since = updates.until


def _is_last(updates: _Updates) -> bool:
    return updates.lastPage if updates.lastPage is not None else not updates.nextPage


def _updates(client: JiraClient, path: str, since: int) -> _Updates:
    try:
        return client.get(path, _Updates, {"since": since})
    except (MissingError, RefusedError) as raised:
        raise FeatureAbsentError(ABSENT, method="GET", path=raised.path, status=raised.status) from None
