"""Walking Jira's lists. A list ends when Jira says so or sends nothing, never because a page is short."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from connector.errors import BadAnswerError
from connector.jira.client import JiraClient, Params


class Listing(msgspec.Struct, frozen=True, kw_only=True):
    """One page of a list by offset."""

    values: list[msgspec.Raw]
    isLast: bool | None = None
    total: int | None = None


class Slab(msgspec.Struct, frozen=True):
    """Raw slices of one answer, and the offset of the next one (None at the end)."""

    slices: list[msgspec.Raw]
    next: int | None


def by_offset(
    client: JiraClient, path: str, *, params: Params | None = None, start: int = 0, size: int = 50, agile: bool = False
) -> Iterator[Slab]:
    """The pages of a `{values, isLast, total}` list.

    `isLast` decides where it is sent, else `total`, else an empty page. The offset advances by what came, because the
    site may send fewer than asked.
    """
    while True:
        asked = {**(params or {}), "startAt": start, "maxResults": size}
        page = client.get(path, Listing, asked, agile=agile)
        reached = start + len(page.values)
        if page.isLast is not None:
            last = page.isLast
        elif page.total is not None:
            last = reached >= page.total
        else:
            last = not page.values
        if not last and reached == start:
            raise BadAnswerError("Jira sent an empty page and says there is more", method="GET", path=path)
        yield Slab(page.values, None if last else reached)
        if last:
            return
        start = reached


def bare_lists(client: JiraClient, path: str, *, params: Params, start: int, size: int) -> Iterator[Slab]:
    """The pages of a list without an envelope (users): it ends with an empty one.

    A page equal to the one before tells that the site ignores the offset.
    """
    before: bytes | None = None
    while True:
        slices = client.get(path, list[msgspec.Raw], {**params, "startAt": start, "maxResults": size})
        first = bytes(slices[0]) if slices else None
        if first is not None and first == before:
            raise BadAnswerError("Jira sent the same page twice", method="GET", path=path)
        before = first
        start += len(slices)
        yield Slab(slices, start if slices else None)
        if not slices:
            return
