"""The Jira connector: which stream is read from where."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from typing import TypeVar

import msgspec

from connector.boundary.call import Boundary
from connector.boundary.pages import id_text, raw_records
from connector.errors import RefusedError
from connector.jira.census import census_rolls
from connector.jira.changed import ChangedItems
from connector.jira.client import JiraClient
from connector.jira.finding import query_page
from connector.jira.items import item_pages
from connector.jira.named import NamedItems
from connector.jira.paging import bare_lists
from connector.jira.people import User, person_id
from connector.jira.probe import people_path, probe
from connector.jira.query import of_project, of_projects
from connector.jira.scope import Scope, followed, unmet_rules
from connector.jira.structure import KnownBoard, board_page, boards, project_page, sprint_pages
from connector.jira.worklogs import changed_worklogs, worklog_deltas, worklog_pages
from connector.protocol import Delta, Named, Page, Probe, RawRecord, Roll, Stream
from connector.settings import NARROWING, ConnectionSettings, FollowType, Secret

T = TypeVar("T")

PEOPLE_PAGE = 200
PROJECT_PAGE = 100

_LISTS = {Stream.FIELDS: "field", Stream.STATUSES: "status", Stream.KINDS: "issuetype"}
_BY_PROJECT = (Stream.MILESTONES, Stream.COMPONENTS, Stream.ITEMS)
_BY_SCOPE = (Stream.BOARDS, Stream.SPRINTS, Stream.MILESTONES, Stream.COMPONENTS)


class _LinkTypes(msgspec.Struct):
    issueLinkTypes: list[msgspec.Raw]


class JiraConnector:
    """One account on one Jira site. Safe to use from several threads.

    What is followed and the boards are asked for once in its life, since several streams follow from them.
    """

    def __init__(self, settings: ConnectionSettings, secret: Secret, boundary: Boundary | None = None) -> None:
        self._settings = settings
        self._queries = {query.id: query for query in settings.queries}
        self._boundary = boundary or Boundary(settings)
        self._client = JiraClient(settings, secret, self._boundary)
        self._changed = ChangedItems(self._client, settings.page_size, self._within)
        self._lock = threading.Lock()
        self._scope: Scope | None = None
        self._boards: list[KnownBoard] | None = None

    def __repr__(self) -> str:
        return f"JiraConnector({self._settings.address})"

    def probe(self) -> Probe:
        """Who we are, what answers, and what is out of reach. A name in the scope that leads nowhere is a gap here."""
        return probe(self._client, self._settings)

    def streams(self) -> tuple[Stream, ...]:
        """The streams Jira has, in landing order; queries where any are asked for."""
        return (
            Stream.PEOPLE,
            Stream.FIELDS,
            Stream.STATUSES,
            Stream.KINDS,
            Stream.LINK_TYPES,
            Stream.PROJECTS,
            Stream.BOARDS,
            Stream.SPRINTS,
            Stream.MILESTONES,
            Stream.COMPONENTS,
            *((Stream.QUERIES,) if self._queries else ()),
            Stream.ITEMS,
            Stream.WORKLOGS,
        )

    def slices(self, stream: Stream) -> tuple[str, ...]:
        """The project ids for items, versions and components, the ids of queries for these.

        No search finds the items of an archived project. While a rule means nothing, lists that show what the rules
        mean raise `RefusedError`: what they lack is not gone.
        """
        if stream is Stream.QUERIES:
            return tuple(self._queries)
        if stream in _BY_SCOPE:
            self._require_whole_scope()
        if stream not in _BY_PROJECT:
            return ("",)
        known = [project for project in self._followed().projects if project.id]
        return tuple(project.id for project in known if stream is not Stream.ITEMS or not project.archived)

    def pages(self, stream: Stream, slice: str = "", position: str | None = None) -> Iterator[Page]:
        """The pages of one slice. Raises `ScopeError` when a rule means nothing, such as a project out of sight."""
        if stream is Stream.ITEMS:
            where = of_project(slice, self._filters())
            return self._told(item_pages(self._client, slice, where, position, self._settings.page_size))
        if stream is Stream.PEOPLE:
            return self._people(position)
        if stream is Stream.PROJECTS:
            return self._project_pages(position)
        if stream is Stream.SPRINTS:
            return sprint_pages(self._client, self._known_boards(), position)
        if stream is Stream.WORKLOGS:
            return worklog_pages(self._client, position)
        return self._single(stream, slice)

    def deltas(self, stream: Stream, marks: Mapping[str, str]) -> tuple[Delta, ...]:
        """Items by some projects at a time, and worklogs. Everything else is small and read whole."""
        if stream is Stream.ITEMS:
            return self._changed.deltas(marks, self.slices(stream))
        return worklog_deltas(self._client, marks) if stream is Stream.WORKLOGS else ()

    def changes(self, delta: Delta) -> Iterator[Page]:
        """The pages of a delta. Raises `StaleMarkError` where the site does not tell which worklogs were deleted."""
        if delta.stream is Stream.WORKLOGS:
            return changed_worklogs(self._client, delta)
        return self._told(self._changed.pages(delta))

    def census(self, slice: str) -> Iterator[Roll]:
        """The ids of the items followed of a project; archived ones are found by no search."""
        return self._told(census_rolls(self._client, slice, of_project(slice, self._filters())))

    def named(self, ids: Sequence[str]) -> Named:
        """Items by id, wherever they are now. Raises `AbortError` kinds only."""
        return NamedItems(self._client, self._settings.rules, self._followed()).ask(ids)

    def close(self) -> None:
        """Wake the threads that wait for the tracker's leave, and close the sockets of all."""
        self._boundary.close()
        self._client.close()

    def _single(self, stream: Stream, slice: str) -> Iterator[Page]:
        if stream is Stream.QUERIES:
            yield query_page(self._client, self._queries[slice])
        elif stream is Stream.BOARDS:
            yield board_page(self._client, self._known_boards())
        elif stream in _BY_PROJECT:
            yield project_page(self._client, stream, slice)
        elif stream is Stream.LINK_TYPES:
            kinds = self._client.get("issueLinkType", _LinkTypes).issueLinkTypes
            yield Page(stream, slice, raw_records(stream, kinds))
        else:
            yield Page(stream, slice, raw_records(stream, self._client.get(_LISTS[stream], list[msgspec.Raw])))

    def _people(self, position: str | None) -> Iterator[Page]:
        path, params = people_path(self._client)
        start = int(position or 0)
        for slab in bare_lists(self._client, path, params=params, start=start, size=PEOPLE_PAGE):
            people = tuple(RawRecord(Stream.PEOPLE, _person_of(raw), bytes(raw)) for raw in slab.slices)
            yield Page(Stream.PEOPLE, "", people, None if slab.next is None else str(slab.next))

    def _project_pages(self, position: str | None) -> Iterator[Page]:
        projects = self._followed().projects
        for first in range(int(position or 0), max(len(projects), 1), PROJECT_PAGE):
            some = projects[first : first + PROJECT_PAGE]
            reached = first + PROJECT_PAGE
            records = tuple(RawRecord(Stream.PROJECTS, project.id, project.payload) for project in some)
            more = reached < len(projects) or bool(self._followed().unmet)
            yield Page(Stream.PROJECTS, "", records, str(reached) if more else None)
        self._require_whole_scope()

    def _followed(self) -> Scope:
        """What is followed. A rule that means nothing is a gap beside others; a project that is not there, an error."""
        with self._lock:
            if self._scope is None:
                scope = followed(self._client, self._settings.rules)
                named = any(rule.type is FollowType.PROJECT for rule, _ in scope.unmet)
                if scope.unmet and (named or not scope.projects):
                    raise unmet_rules(scope.unmet)
                self._scope = scope
            return self._scope

    def _require_whole_scope(self) -> None:
        unmet = self._followed().unmet
        if unmet:
            raised = unmet_rules(unmet)
            raise RefusedError(raised.what, remedy=raised.remedy)

    def _filters(self) -> Mapping[str, str]:
        """Which projects are followed in part only; not asked for where no rule does that."""
        narrowing = any(rule.type in NARROWING for rule in self._settings.rules)
        return self._followed().filters if narrowing else {}

    def _within(self, projects: Sequence[str]) -> str:
        return of_projects(projects, self._filters())

    def _told(self, found: Iterator[T]) -> Iterator[T]:
        """The same; where items are narrowed by a query that Jira does not take, the error gives Jira's reason."""
        try:
            yield from found
        except RefusedError as raised:
            if not raised.reason or not self._filters():
                raise
            what, remedy = f"Jira does not take what is followed there: {raised.reason}", "Correct the query"
            raise RefusedError(what, remedy=remedy, method=raised.method, path=raised.path, status=400) from None

    def _known_boards(self) -> list[KnownBoard]:
        scoped = [project.id for project in self._followed().projects] if self._settings.rules else None
        with self._lock:
            if self._boards is None:
                self._boards = boards(self._client, scoped)
            return self._boards


def _person_of(raw: msgspec.Raw) -> str:
    try:
        return id_text(person_id(msgspec.json.decode(raw, type=User)))
    except msgspec.DecodeError:
        return ""
