"""What there is to follow in the workspaces of an Asana account."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import msgspec

from connector.asana import asking
from connector.asana.catalogue import Catalogue, Workspace
from connector.asana.documents import Ref
from connector.asana.plain import name_of, word
from connector.asana.ruling import meant
from connector.asana.session import Session, decoded
from connector.boundary.call import Boundary
from connector.choosing import MOST_CHOICES, Choice, Choices, Meaning, in_order
from connector.errors import ScopeError, SkipError
from connector.protocol import Gap
from connector.settings import ConnectionSettings, Follow, FollowType, Secret


class _Document(msgspec.Struct, frozen=True):
    gid: str
    name: str | None = None
    owner: Ref | None = None
    team: Ref | None = None
    archived: bool | None = None


class AsanaChooser:
    """See `connector.choosing.Chooser`. Asana has no queries."""

    def __init__(self, settings: ConnectionSettings, secret: Secret, boundary: Boundary | None = None) -> None:
        self._boundary = boundary or Boundary(settings)
        self._session = Session(settings, secret, self._boundary)
        self._catalogue = Catalogue(self._session, ())
        self._known: dict[str, Choice] | None = None

    def choices(self) -> Choices:
        """Projects, teams, portfolios and workspaces."""
        found: list[Choice] = list(self._projects().values())
        gaps: list[Gap] = []
        for workspace in self._catalogue.all_workspaces():
            found.append(Choice(type=FollowType.WORKSPACE, name=workspace.gid, title=word(workspace.name)))
            lists: list[tuple[str, Callable[[Workspace], Iterator[Choice]]]] = [("Portfolios", self._portfolios)]
            if workspace.is_organization:
                lists.append(("Teams", self._teams))
            for what, listed in lists:
                try:
                    found += listed(workspace)
                except SkipError as raised:
                    remedy = "Give the account access, or follow projects"
                    gaps.append(Gap(f"{what} of {workspace.name}", raised.what, remedy))
        return in_order(found, gaps)

    def resolve(self, follow: Follow) -> Meaning:
        """What a rule means now. Raises `ScopeError`."""
        projects = meant(self._session, follow, [workspace.gid for workspace in self._catalogue.all_workspaces()])
        known = self._projects()
        unlisted = (Choice(type=FollowType.PROJECT, name=each.gid, title=each.gid) for each in projects)
        return Meaning(tuple(known.get(each.name, each) for each in unlisted))

    def check_query(self, text: str) -> int:
        """Always raises `ScopeError`."""
        raise ScopeError("Asana has no queries to follow", remedy="Follow a portfolio or a team")

    def close(self) -> None:
        """Wake whoever waits, and close the sockets."""
        self._boundary.close()
        self._session.close()

    def _projects(self) -> dict[str, Choice]:
        """All projects by gid, listed once."""
        if self._known is None:
            self._known = {
                each.gid: Choice(
                    type=FollowType.PROJECT,
                    name=each.gid,
                    title=word(each.name),
                    group=name_of(each.team) or word(workspace.name),
                    lead=name_of(each.owner) or "",
                    archived=bool(each.archived),
                )
                for workspace in self._catalogue.all_workspaces()
                for each in self._listed("/projects", {"workspace": workspace.gid}, _PROJECT)
            }
        return self._known

    def _teams(self, workspace: Workspace) -> Iterator[Choice]:
        for each in self._listed(f"/workspaces/{workspace.gid}/teams", {}, ("name",)):
            yield Choice(type=FollowType.TEAM, name=each.gid, title=word(each.name), group=word(workspace.name))

    def _portfolios(self, workspace: Workspace) -> Iterator[Choice]:
        for each in self._listed("/portfolios", {"workspace": workspace.gid}, asking.PORTFOLIO):
            yield Choice(
                type=FollowType.PORTFOLIO,
                name=each.gid,
                title=word(each.name),
                group=word(workspace.name),
                lead=name_of(each.owner) or "",
            )

    def _listed(self, path: str, params: dict[str, str], fields: tuple[str, ...]) -> Iterator[_Document]:
        told = 0
        for page in self._session.pages(path, params, fields):
            yield from (decoded(raw, _Document, path) for raw in page.slices)
            told += len(page.slices)
            if told > MOST_CHOICES:
                return


_PROJECT = ("name", "owner.name", "team.name", "archived")
