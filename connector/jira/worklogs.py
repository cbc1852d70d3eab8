"""Pages of worklogs: the ids that ever changed, in the order of change, then the worklogs themselves."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from connector.boundary.pages import raw_records
from connector.errors import BadAnswerError, FeatureAbsentError, MissingError, RefusedError
from connector.jira.client import JiraClient
from connector.protocol import Page, Stream

ABSENT = "This site does not list its worklogs"


class _Updated(msgspec.Struct):
    worklogId: int | str


class _Updates(msgspec.Struct):
    values: list[_Updated]
    until: int | None = None
    lastPage: bool | None = None
    nextPage: str | None = None


def worklog_pages(client: JiraClient, position: str | None) -> Iterator[Page]:
    """All worklogs the account sees. The position is the instant (epoch ms) up to which changes are read.

    A worklog changed while the list is read may come twice. Raises `FeatureAbsentError` where the site cannot tell.
    """
    since = int(position or 0)
    while True:
        updates = _updates(client, since)
        ids = list(dict.fromkeys(entry.worklogId for entry in updates.values))
        slices = client.search("worklog/list", list[msgspec.Raw], {"ids": ids}) if ids else []
        last = updates.lastPage if updates.lastPage is not None else not updates.nextPage
        if not last and (updates.until is None or updates.until <= since):
            raise BadAnswerError("Jira sent the same worklogs twice", method="GET", path="worklog/updated")
        yield Page(Stream.WORKLOGS, "", raw_records(Stream.WORKLOGS, slices), None if last else str(updates.until))
        if last or updates.until is None:
            return
        since = updates.until


def worklogs_absent(client: JiraClient) -> bool:
    """Whether the site has no list of worklogs."""
    try:
        _updates(client, 0)
    except FeatureAbsentError:
        return True
    return False


def _updates(client: JiraClient, since: int) -> _Updates:
    try:
        return client.get("worklog/updated", _Updates, {"since": since})
    except (MissingError, RefusedError) as raised:
        raise FeatureAbsentError(ABSENT, method="GET", path=raised.path, status=raised.status) from None
