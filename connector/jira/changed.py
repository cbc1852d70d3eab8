"""What changed in some projects since a mark: one search for many of them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence

from connector.errors import SkipError
from connector.jira.census import finds
from connector.jira.client import JiraClient
from connector.jira.items import found_pages
from connector.jira.marks import grouped, in_zone, instants, looked_back, mark_at
from connector.jira.people import User
from connector.protocol import Delta, Page, Stream

# 9 September 2001. Whatever site has an item has one that changed since; taken for seconds, it lies in the far future.
_LONG_AGO_MS = 1_000_000_000_000


class ChangedItems:
    """The deltas of one connection's items. Safe to use from several threads.

    What changes while a pass is under way is found by the next one: its mark is of before the first search. Nothing
    bounds a search at its other end, so that an item that changes all the time is found all the same. `within` is the
    restriction in JQL to what is followed of some projects.
    """

    def __init__(self, client: JiraClient, size: int, within: Callable[[Sequence[str]], str]) -> None:
        self._client = client
        self._size = size
        self._within = within
        self._lock = threading.Lock()
        self._takes_milliseconds: bool | None = None

    def deltas(self, marks: Mapping[str, str], projects: Sequence[str]) -> tuple[Delta, ...]:
        """Deltas for those of the projects that have a usable mark."""
        marked = {ident: marks[ident] for ident in projects if ident in marks and ident.isdecimal()}
        return tuple(
            Delta(Stream.ITEMS, part, str(since))
            for since, group in grouped(instants(marked, self._client.clock()))
            for part in self._searchable(group)
        )

    def pages(self, delta: Delta) -> Iterator[Page]:
        """The items of a delta's projects that changed since, with their whole history."""
        mark = mark_at(self._client.clock())
        where = f"{self._within(delta.slices)} AND updated >= {self._since(delta)}"
        slice = delta.slices[0] if len(delta.slices) == 1 else ""
        yield from found_pages(self._client, where, Page(Stream.ITEMS, slice, (), mark=mark), self._size)

    def _searchable(self, group: tuple[str, ...]) -> list[tuple[str, ...]]:
        """The group, or parts of it: a project that Jira lists and will not search must not cost the others."""
        if len(group) == 1:
            return [group]
        try:
            finds(self._client, self._within(group))
        except SkipError:
            middle = len(group) // 2
            return [*self._searchable(group[:middle]), *self._searchable(group[middle:])]
        return [group]

    def _since(self, delta: Delta) -> str:
        since = looked_back(delta.since)
        if self._milliseconds(f"project in ({', '.join(delta.slices)})"):
            return str(since)
        # Asked each time: people change the time zone of their profile.
        return in_zone(since, self._client.get("myself", User).timeZone or "")

    def _milliseconds(self, projects: str) -> bool:
        """Whether the site is seen to take an instant in milliseconds for what it is."""
        with self._lock:
            if self._takes_milliseconds is None:
                try:
                    self._takes_milliseconds = finds(self._client, f"{projects} AND updated >= {_LONG_AGO_MS}")
                except SkipError:
                    self._takes_milliseconds = False
            return self._takes_milliseconds
