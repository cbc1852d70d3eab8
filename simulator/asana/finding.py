"""Finding the resource a gid names, or refusing as Asana does: 404 unknown, 403 not yours, 402 not in the plan."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from simulator.asana.refusals import forbidden, payment_required, unknown_object
from simulator.asana.workspace import Document, Workspace


class Finder:
    """Looks things up in one workspace as its account may see them."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace

    def need(self, feature: str) -> None:
        if feature not in self.workspace.features:
            raise payment_required(feature)

    def one(self, held: Mapping[str, Document], gid: str, what: str) -> Document:
        if gid in self.workspace.inaccessible:
            raise forbidden(what, gid)
        document = held.get(gid)
        if document is None:
            raise unknown_object(what, gid)
        return document

    def project(self, gid: str) -> Document:
        return self.one(self.workspace.projects, gid, "project")

    def task(self, gid: str) -> Document:
        document = self.one(self.workspace.tasks, gid, "task")
        if not self.may_see_task(document):
            raise forbidden("task", gid)
        return document

    def user(self, gid: str) -> Document:
        """By gid, e-mail address or the word `me`."""
        if gid == "me":
            gid = self.workspace.me
        if "@" in gid:
            gid = next((key for key, user in self.workspace.users.items() if user.get("email") == gid), gid)
        return self.one(self.workspace.users, gid, "user")

    def section(self, gid: str) -> tuple[str, Document]:
        """The section and the gid of its project."""
        for project_gid, sections in self.workspace.sections.items():
            for section in sections:
                if section["gid"] == gid:
                    self.project(project_gid)
                    return project_gid, section
        raise unknown_object("section", gid)

    def workspace_document(self, gid: str) -> Document:
        return self.one({document["gid"]: document for document in self.workspaces()}, gid, "workspace")

    def workspaces(self) -> list[Document]:
        own: Document = {
            "gid": self.workspace.gid,
            "resource_type": "workspace",
            "name": self.workspace.name,
            "email_domains": [],
            "is_organization": self.workspace.is_organization,
        }
        return [own, *self.workspace.other_workspaces.values()]

    def belongs(self, document: Document, workspace_gid: str, key: str = "workspace") -> bool:
        """Whether a document is of this workspace; one that does not say is of the main one."""
        named = document.get(key)
        gid = named.get("gid") if isinstance(named, dict) else None
        return (gid or self.workspace.gid) == workspace_gid

    def visible(self, documents: Iterable[Document]) -> Sequence[Document]:
        hidden = self.workspace.inaccessible
        if not hidden:
            return list(documents)
        return [document for document in documents if document.get("gid") not in hidden]

    def may_see_task(self, task: Document) -> bool:
        """A task is hidden by itself, or when every project it is in is (a subtask: with its parent)."""
        hidden = self.workspace.inaccessible
        if not hidden:
            return True
        if task["gid"] in hidden:
            return False
        projects = task.get("projects") or []
        if projects:
            return any(project["gid"] not in hidden for project in projects)
        parent = task.get("parent")
        whole = self.workspace.tasks.get(parent["gid"]) if parent else None
        return whole is None or self.may_see_task(whole)

    def as_seen(self, task: Document) -> Document:
        """The task without the projects the account must not know of."""
        hidden = self.workspace.inaccessible
        if not hidden or not any(project["gid"] in hidden for project in task.get("projects") or []):
            return task
        return {
            **task,
            "projects": [project for project in task["projects"] if project["gid"] not in hidden],
            "memberships": [
                entry for entry in task.get("memberships", []) if entry.get("project", {}).get("gid") not in hidden
            ],
        }
