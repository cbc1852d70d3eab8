"""What there is to follow on a Jira site."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import msgspec

from connector.boundary.call import Boundary
from connector.boundary.pages import id_text
from connector.boundary.threads import Pool
from connector.choosing import MOST_CHOICES, Choice, Choices, Meaning, in_order
from connector.errors import FeatureAbsentError, RefusedError, ScopeError, SkipError
from connector.jira.client import JiraClient
from connector.jira.issue_shape import Named
from connector.jira.paging import by_offset
from connector.jira.query import of_project, restriction
from connector.jira.scope import FollowedProject, described, meant, visible_projects
from connector.jira.searching import count
from connector.jira.words import shown
from connector.protocol import Gap
from connector.settings import ConnectionSettings, Follow, FollowType, Secret

THREADS = 4
MOST_ASKED = 200
"""Components are listed by project, one request each: of so many projects at most."""

_REMEDY = "Try it in Jira's own search, and give what works there"


class _Location(msgspec.Struct):
    displayName: str | None = None
    projectName: str | None = None


class _Board(msgspec.Struct):
    id: str | int
    name: str = ""
    location: _Location | None = None


class JiraChooser:
    """See `connector.choosing.Chooser`. The projects are listed once in its life."""

    def __init__(self, settings: ConnectionSettings, secret: Secret, boundary: Boundary | None = None) -> None:
        self._boundary = boundary or Boundary(settings)
        self._client = JiraClient(settings, secret, self._boundary)
        self._pool = Pool(THREADS, thread_name_prefix="choosing")
        self._projects: list[FollowedProject] | None = None

    def choices(self) -> Choices:
        """Projects, categories, boards and components."""
        found = [_project(project) for project in self._visible()]
        gaps: list[Gap] = []
        lists: tuple[tuple[str, Callable[[], Iterator[Choice]]], ...] = (
            ("Categories", self._categories),
            ("Boards", self._boards),
            ("Components", self._components),
        )
        for what, listed in lists:
            try:
                found += listed()
            except SkipError as raised:
                gaps.append(Gap(what, raised.what, "Give the account access, or name them in a rule"))
        beyond = len(self._asked_of()[1])
        if beyond:
            why = f"They are listed of the first {MOST_ASKED} projects"
            gaps.append(Gap(f"Components of {beyond} projects", why, "Name one as KEY/NAME"))
        return in_order(found, gaps)

    def resolve(self, follow: Follow) -> Meaning:
        """What a rule means now. Raises `ScopeError`."""
        projects, where = meant(self._client, follow, self._visible())
        items = None
        if where and projects:
            inside = " OR ".join(of_project(project.id, {}) for project in projects if project.id)
            items = self.check_query(f"({where}) AND ({inside})")
        return Meaning(tuple(map(_project, projects)), items)

    def check_query(self, text: str) -> int:
        """How many items a query finds; Cloud counts approximately. Raises `ScopeError`."""
        where = restriction(text)
        try:
            return count(self._client, where)
        except RefusedError as raised:
            reason = f": {raised.reason}" if raised.reason else ""
            what = f"Jira does not take the query{reason}"
            raise ScopeError(what, remedy=_REMEDY, method=raised.method, path=raised.path, status=400) from None

    def close(self) -> None:
        """Wake whoever waits, and close the sockets."""
        self._boundary.close()
        self._pool.shutdown(cancel_futures=True)
        self._client.close()

    def _visible(self) -> list[FollowedProject]:
        if self._projects is None:
            self._projects = list(visible_projects(self._client))
        return self._projects

    def _categories(self) -> Iterator[Choice]:
        for each in self._client.get("projectCategory", list[Named]):
            ident = id_text(each.id)
            yield Choice(type=FollowType.CATEGORY, name=ident, title=shown(each.name or ident))

    def _boards(self) -> Iterator[Choice]:
        told = 0
        try:
            for slab in by_offset(self._client, "board", agile=True):
                for raw in slab.slices:
                    board = msgspec.json.decode(raw, type=_Board)
                    place = board.location or _Location()
                    group = shown(place.displayName or place.projectName or "")
                    ident = id_text(board.id)
                    yield Choice(type=FollowType.BOARD, name=ident, title=shown(board.name) or ident, group=group)
                told += len(slab.slices)
                if told > MOST_CHOICES:
                    return
        except FeatureAbsentError:
            # Without Jira Software there are none to choose.
            return

    def _components(self) -> Iterator[Choice]:
        some, _ = self._asked_of()

        def listed(project: FollowedProject) -> list[Named]:
            try:
                return self._client.get(f"project/{project.id}/components", list[Named])
            except SkipError:
                return []

        for project, parts in zip(some, self._pool.map(listed, some), strict=True):
            for part in parts:
                ident = id_text(part.id)
                title = shown(part.name or ident)
                yield Choice(type=FollowType.COMPONENT, name=ident, title=title, group=described(project).name)

    def _asked_of(self) -> tuple[Sequence[FollowedProject], Sequence[FollowedProject]]:
        """The projects whose components are listed, and those for which that is too much."""
        live = [project for project in self._visible() if project.id and not project.archived]
        return live[:MOST_ASKED], live[MOST_ASKED:]


def _project(project: FollowedProject) -> Choice:
    told = described(project)
    return Choice(
        type=FollowType.PROJECT,
        name=project.key or project.id,
        title=told.name,
        key=project.key,
        group=told.category,
        lead=told.lead,
        archived=project.archived,
    )
