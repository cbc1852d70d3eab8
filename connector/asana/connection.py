"""One open connection to Asana."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import msgspec

from connector.asana import asking
from connector.asana.catalogue import Catalogue
from connector.asana.changed import Changed
from connector.asana.configuring import host
from connector.asana.counting import census
from connector.asana.fields import Fields
from connector.asana.groupings import Batch, Groupings
from connector.asana.items import Items
from connector.asana.marks import Mark, deltas, read_mark, window_start, write_mark
from connector.asana.naming import Lookup
from connector.asana.probing import FIRST_DAY, probe
from connector.asana.session import Session
from connector.boundary.call import Boundary
from connector.boundary.pages import raw_records
from connector.boundary.threads import Pool
from connector.errors import StaleMarkError
from connector.protocol import Delta, Named, Page, Probe, Roll, Stream
from connector.settings import ConnectionSettings, Secret

THREADS = 8
"""Side requests (stories, subtasks, members) in flight for one connection; Asana allows 50 reads at a time."""

BY_WORKSPACE = (
    Stream.PEOPLE,
    Stream.TEAMS,
    Stream.FIELDS,
    Stream.PROJECTS,
    Stream.PORTFOLIOS,
    Stream.GOALS,
    Stream.TIME_OFF,
)
BY_PROJECT = (Stream.SECTIONS, Stream.STATUS_UPDATES, Stream.ITEMS)
BY_SCOPE = (Stream.ALLOCATIONS, Stream.WORKLOGS)
"""By project where the scope names projects, else by workspace: one list in place of hundreds."""

_STREAMS = tuple(stream for stream in Stream if stream in (*BY_WORKSPACE, *BY_PROJECT, *BY_SCOPE))


class AsanaConnector:
    """See `connector.protocol.Connector`. Slices are workspace gids or project gids, positions are Asana's offsets.

    No answer is kept but the catalogue of workspaces and projects, which is asked for once.
    """

    def __init__(self, settings: ConnectionSettings, secret: Secret, boundary: Boundary | None = None) -> None:
        self._host = host(settings.address)
        self._boundary = boundary or Boundary(settings)
        self._session = Session(settings, secret, self._boundary)
        self._pool = Pool(THREADS, thread_name_prefix="asana")
        self._catalogue = Catalogue(self._session, settings.rules)
        self._items = Items(self._session, self._pool)
        self._changed = Changed(self._session, self._pool, self._items)
        self._lookup = Lookup(self._session, self._pool, self._items)
        self._groupings = Groupings(self._session, self._pool)
        self._fields = Fields(self._session, self._pool)

    def probe(self) -> Probe:
        return probe(self._session, self._catalogue, self._host)

    def streams(self) -> tuple[Stream, ...]:
        return _STREAMS

    def slices(self, stream: Stream) -> tuple[str, ...]:
        """Project gids, or workspace gids; teams exist in organisations only."""
        if stream in BY_PROJECT or (stream in BY_SCOPE and self._catalogue.scoped):
            return tuple(self._catalogue.projects())
        workspaces = self._catalogue.workspaces()
        if stream is Stream.TEAMS:
            workspaces = tuple(workspace for workspace in workspaces if workspace.is_organization)
        return tuple(workspace.gid for workspace in workspaces)

    def pages(self, stream: Stream, slice: str = "", position: str | None = None) -> Iterator[Page]:
        mark = self._begin(stream, slice)
        for records, following in self._batches(stream, slice, position):
            yield Page(stream, slice, records, following, mark)

    def deltas(self, stream: Stream, marks: Mapping[str, str]) -> tuple[Delta, ...]:
        return deltas(stream, marks)

    def changes(self, delta: Delta) -> Iterator[Page]:
        if delta.stream is Stream.ITEMS:
            return self._changed.pages(delta, self._catalogue.projects())
        return self._recent_effort(delta)

    def census(self, slice: str) -> Iterator[Roll]:
        return census(self._session, self._items, slice, self._catalogue.projects())

    def named(self, ids: Sequence[str]) -> Named:
        return self._lookup.named(ids, self._catalogue.projects())

    def close(self) -> None:
        # First, as threads of the pool may be waiting for the tracker's leave.
        self._boundary.close()
        self._pool.shutdown(cancel_futures=True)
        self._session.close()

    def _begin(self, stream: Stream, slice: str) -> str | None:
        """The mark of a pass that begins now; None for streams that do not tell what changed."""
        if stream is Stream.ITEMS:
            return self._changed.begin(slice)
        return write_mark(Mark(self._session.now())) if stream is Stream.WORKLOGS else None

    def _recent_effort(self, delta: Delta) -> Iterator[Page]:
        """The time entries of the last days: Asana tells when they were worked, not when they were changed."""
        mark = read_mark(delta.since)
        if mark is None:
            raise StaleMarkError("The mark of the last pass cannot be read")
        [slice] = delta.slices
        fresh = self._begin(delta.stream, slice)
        params = {**self._effort_of(slice), "entered_on_start_date": window_start(mark).isoformat()}
        for page in self._session.pages("/time_tracking_entries", params, asking.TIME_ENTRY):
            yield Page(delta.stream, slice, raw_records(delta.stream, page.slices, key="gid"), page.offset, fresh)

    def _effort_of(self, slice: str) -> dict[str, str]:
        if self._catalogue.scoped:
            return {"attributable_to": slice}
        return {"workspace": slice, "entered_on_start_date": FIRST_DAY}

    def _batches(self, stream: Stream, slice: str, position: str | None) -> Iterator[Batch]:
        match stream:
            case Stream.ITEMS:
                return self._items.pages(slice, self._catalogue.projects(), position)
            case Stream.TEAMS:
                return self._groupings.teams(slice, position)
            case Stream.PORTFOLIOS:
                return self._groupings.portfolios(slice, position)
            case Stream.GOALS:
                return self._groupings.goals(slice, position)
            case Stream.TIME_OFF:
                return self._groupings.time_off(slice, position)
            case Stream.FIELDS:
                return self._fields.pages(slice, self._catalogue.projects_in(slice), position)
            case Stream.PROJECTS if self._catalogue.scoped:
                return self._scoped_projects(slice)
            case _:
                return self._listed(stream, slice, position)

    def _listed(self, stream: Stream, slice: str, position: str | None) -> Iterator[Batch]:
        """Streams that are one list of whole documents."""
        by_project = self._catalogue.scoped
        path, params, fields = {
            Stream.PEOPLE: ("/users", {"workspace": slice}, asking.USER),
            Stream.PROJECTS: ("/projects", {"workspace": slice}, asking.PROJECT),
            Stream.SECTIONS: (f"/projects/{slice}/sections", {}, asking.SECTION),
            Stream.STATUS_UPDATES: ("/status_updates", {"parent": slice}, asking.STATUS_UPDATE),
            Stream.ALLOCATIONS: ("/allocations", {"parent" if by_project else "workspace": slice}, asking.ALLOCATION),
            Stream.WORKLOGS: ("/time_tracking_entries", self._effort_of(slice), asking.TIME_ENTRY),
        }[stream]
        for page in self._session.pages(path, params, fields, position):
            yield raw_records(stream, page.slices, key="gid"), page.offset

    def _scoped_projects(self, workspace: str) -> Iterator[Batch]:
        def project(gid: str) -> msgspec.Raw:
            return self._session.one(f"/projects/{gid}", asking.PROJECT)

        found = list(self._pool.map(project, self._catalogue.projects_in(workspace)))
        yield raw_records(Stream.PROJECTS, found, key="gid"), None
