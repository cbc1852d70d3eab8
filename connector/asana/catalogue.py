"""Which workspaces the account sees, and which projects the connection follows. Asked once per connection."""

from __future__ import annotations

import threading
from collections.abc import Sequence

import msgspec

from connector.asana import asking
from connector.asana.ruling import Followed, meant, place
from connector.asana.session import Session, decoded
from connector.errors import ScopeError
from connector.settings import Follow, FollowType


class Workspace(msgspec.Struct, frozen=True):
    gid: str
    name: str = ""
    is_organization: bool | None = None


class Catalogue:
    """Safe to use from several threads. Without `rules` all projects are followed, archived ones too."""

    def __init__(self, session: Session, rules: Sequence[Follow]) -> None:
        self._session = session
        self._rules = rules
        self._lock = threading.Lock()
        self._workspaces: tuple[Workspace, ...] | None = None
        self._projects: dict[str, Followed] | None = None

    @property
    def scoped(self) -> bool:
        return bool(self._rules)

    def workspaces(self) -> tuple[Workspace, ...]:
        """The workspaces in use: all that are visible, or those the followed projects are in."""
        everything = self.all_workspaces()
        if not self._rules:
            return everything
        used = {followed.workspace_gid for followed in self.projects().values()}
        return tuple(workspace for workspace in everything if workspace.gid in used)

    def all_workspaces(self) -> tuple[Workspace, ...]:
        """All workspaces the account sees."""
        with self._lock:
            if self._workspaces is None:
                slices = self._session.all("/workspaces", {}, asking.WORKSPACE)
                self._workspaces = tuple(decoded(raw, Workspace, "/workspaces") for raw in slices)
            return self._workspaces

    def projects(self) -> dict[str, Followed]:
        """The followed projects by gid; raises `ScopeError` for a rule that means nothing."""
        if self._projects is None:
            everything = tuple(workspace.gid for workspace in self.all_workspaces()) if self._by_place else ()
            with self._lock:
                if self._projects is None:
                    self._projects = {followed.gid: followed for followed in self._found(everything)}
        return self._projects

    def projects_in(self, workspace: str) -> list[str]:
        return [gid for gid, followed in self.projects().items() if followed.workspace_gid == workspace]

    @property
    def _by_place(self) -> bool:
        """Whether the workspaces must be known to tell the projects."""
        return not self._rules or any(rule.type is not FollowType.PROJECT for rule in self._rules)

    def _found(self, workspaces: Sequence[str]) -> list[Followed]:
        if not self._rules:
            return [each for gid in workspaces for each in place(self._session, "/projects", {"workspace": gid})]
        return [each for rule in self._rules for each in self._meant(rule, workspaces)]

    def _meant(self, rule: Follow, workspaces: Sequence[str]) -> Sequence[Followed]:
        try:
            return meant(self._session, rule, workspaces)
        except ScopeError as raised:
            what = f"The scope names {rule}, which cannot be followed: {raised.what}"
            raise ScopeError(what, remedy=_REMEDY, method="GET", status=raised.status) from None


_REMEDY = "Correct the scope, or give the account access to it"
