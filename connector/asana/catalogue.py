"""Which workspaces the account sees, and which projects the connection follows. Asked once per connection."""

from __future__ import annotations

import threading
from urllib.parse import quote

import msgspec

from connector.asana import asking
from connector.asana.session import Session, decoded
from connector.errors import ForbiddenError, MissingError, RefusedError, ScopeError


class Workspace(msgspec.Struct, frozen=True):
    gid: str
    name: str = ""
    is_organization: bool | None = None


class _Home(msgspec.Struct, frozen=True):
    gid: str = ""


class Followed(msgspec.Struct, frozen=True):
    """A followed project and its workspace."""

    gid: str
    workspace: _Home | None = None
    archived: bool | None = None

    @property
    def workspace_gid(self) -> str:
        return self.workspace.gid if self.workspace else ""


class Catalogue:
    """Safe to use from several threads. `scope` holds project gids; empty means all projects, archived ones too."""

    def __init__(self, session: Session, scope: tuple[str, ...]) -> None:
        self._session = session
        self._scope = tuple(dict.fromkeys(scope))
        self._lock = threading.Lock()
        self._workspaces: tuple[Workspace, ...] | None = None
        self._projects: dict[str, Followed] | None = None

    @property
    def scoped(self) -> bool:
        return bool(self._scope)

    def workspaces(self) -> tuple[Workspace, ...]:
        """The workspaces in use: all that are visible, or those the scope's projects are in."""
        with self._lock:
            if self._workspaces is None:
                slices = self._session.all("/workspaces", {}, asking.WORKSPACE)
                self._workspaces = tuple(decoded(raw, Workspace, "/workspaces") for raw in slices)
            everything = self._workspaces
        if not self._scope:
            return everything
        used = {place.workspace_gid for place in self.projects().values()}
        return tuple(workspace for workspace in everything if workspace.gid in used)

    def projects(self) -> dict[str, Followed]:
        """The followed projects by gid; raises `ScopeError` for a gid of the scope that cannot be had."""
        if self._projects is None:
            everything = () if self._scope else self.workspaces()
            with self._lock:
                if self._projects is None:
                    self._projects = {place.gid: place for place in self._places(everything)}
        return self._projects

    def projects_in(self, workspace: str) -> list[str]:
        return [gid for gid, place in self.projects().items() if place.workspace_gid == workspace]

    def _places(self, workspaces: tuple[Workspace, ...]) -> list[Followed]:
        if self._scope:
            return [self._place(gid) for gid in self._scope]
        return [
            decoded(raw, Followed, "/projects")
            for workspace in workspaces
            for raw in self._session.all("/projects", {"workspace": workspace.gid}, asking.PROJECT_PLACE)
        ]

    def _place(self, gid: str) -> Followed:
        try:
            raw = self._session.one(f"/projects/{quote(gid, safe='')}", asking.PROJECT_PLACE)
        except (MissingError, ForbiddenError, RefusedError) as error:
            what, status = f"The scope names project {gid}, which does not exist or cannot be seen", error.status
        else:
            return decoded(raw, Followed, "/projects")
        raise ScopeError(
            what, remedy="Correct the scope, or give the account access to the project", method="GET", status=status
        )
