"""One open connection to Asana."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import msgspec

from connector.asana import asking
from connector.asana.catalogue import Catalogue
from connector.asana.groupings import Batch, Groupings
from connector.asana.items import Items
from connector.asana.probing import FIRST_DAY, probe
from connector.asana.session import Session, decoded, host
from connector.boundary.call import Boundary
from connector.boundary.pages import identity, raw_records
from connector.errors import ForbiddenError, MissingError
from connector.protocol import Page, Probe, Stream
from connector.settings import ConnectionSettings, Secret

THREADS = 8
"""Side requests (stories, subtasks, members) in flight for one connection; Asana allows 50 reads at a time."""

PROJECTS_AT_ONCE = 50
FROM_PROJECT = "project:"

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


_NULL = msgspec.Raw(b"null")


class _Setting(msgspec.Struct):
    custom_field: msgspec.Raw = _NULL


class AsanaConnector:
    """See `connector.protocol.Connector`. Slices are workspace gids or project gids, positions are Asana's offsets.

    No answer is kept but the catalogue of workspaces and projects, which is asked for once.
    """

    def __init__(self, settings: ConnectionSettings, secret: Secret, boundary: Boundary | None = None) -> None:
        self._host = host(settings.address)
        self._boundary = boundary or Boundary(settings)
        self._session = Session(settings, secret, self._boundary)
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="asana")
        self._catalogue = Catalogue(self._session, settings.scope)
        self._items = Items(self._session, self._pool)
        self._groupings = Groupings(self._session, self._pool)

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
        for records, following in self._batches(stream, slice, position):
            yield Page(stream, slice, records, following)

    def close(self) -> None:
        # First, as threads of the pool may be waiting for the tracker's leave.
        self._boundary.close()
        self._pool.shutdown(cancel_futures=True)
        self._session.close()

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
                return self._fields(slice, position)
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
            Stream.WORKLOGS: (
                "/time_tracking_entries",
                {"attributable_to": slice} if by_project else {"workspace": slice, "entered_on_start_date": FIRST_DAY},
                asking.TIME_ENTRY,
            ),
        }[stream]
        for page in self._session.pages(path, params, fields, position):
            yield raw_records(stream, page.slices, key="gid"), page.offset

    def _scoped_projects(self, workspace: str) -> Iterator[Batch]:
        def project(gid: str) -> msgspec.Raw:
            return self._session.one(f"/projects/{gid}", asking.PROJECT)

        found = list(self._pool.map(project, self._catalogue.projects_in(workspace)))
        yield raw_records(Stream.PROJECTS, found, key="gid"), None

    def _fields(self, workspace: str, position: str | None) -> Iterator[Batch]:
        """The workspace's fields, then those that only its projects have, each once.

        A project that refuses its fields is passed over here; its own slices report it.
        """
        projects = self._catalogue.projects_in(workspace)
        batches = [projects[start : start + PROJECTS_AT_ONCE] for start in range(0, len(projects), PROJECTS_AT_ONCE)]
        marks = [f"{FROM_PROJECT}{batch[0]}" for batch in batches]
        seen: set[str] = set()
        if position not in marks:
            path = f"/workspaces/{workspace}/custom_fields"
            for page in self._session.pages(path, {}, asking.CUSTOM_FIELD, position):
                records = raw_records(Stream.FIELDS, page.slices, key="gid")
                seen.update(record.external_id for record in records)
                yield records, page.offset or next(iter(marks), None)
            position = next(iter(marks), None)
        for number in range(marks.index(position) if position in marks else len(marks), len(marks)):
            found = [raw for fields in self._pool.map(self._project_fields, batches[number]) for raw in fields]
            fresh = [raw for raw in found if not _known(identity(raw, key="gid"), seen)]
            yield raw_records(Stream.FIELDS, fresh, key="gid"), next(iter(marks[number + 1 :]), None)

    def _project_fields(self, project: str) -> list[msgspec.Raw]:
        path = f"/projects/{project}/custom_field_settings"
        try:
            slices = self._session.all(path, {}, asking.FIELD_SETTING)
        except (ForbiddenError, MissingError):
            return []
        settings = (decoded(raw, _Setting, path) for raw in slices)
        return [setting.custom_field for setting in settings if bytes(setting.custom_field) != b"null"]


def _known(gid: str, seen: set[str]) -> bool:
    """Whether the gid was met before; it is from now on."""
    known = gid in seen
    seen.add(gid)
    return known
