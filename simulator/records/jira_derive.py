"""Reference documents nobody recorded by themselves, taken from the records that show them.

A status, a user, a project or a field that only an issue names would else be unknown to the served site. What a record
shows is taken as it stands there; a field of which only the id is known is declared with the schema type `unknown`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from simulator.records.jira_kinds import is_user, user_key
from simulator.records.recorded import RecordedSite
from simulator.records.sighting import Document

_OF_FIELD = {"status": "statuses", "issuetype": "issue_types", "priority": "priorities", "resolution": "resolutions"}


def derive(site: RecordedSite, me: Document | None) -> None:
    """Complete the site from its own issues and projects; count what was added in `site.derived`."""
    derived = _Derived(site)
    for ident, project in list(site.projects.items()):
        derived.from_project(ident, project)
    for issue in site.issues.values():
        derived.from_issue(issue.fields)
        for held in (issue.histories, issue.worklogs, issue.comments):
            for entry in held:
                derived.people(entry)
    for board in list(site.sprints_by_board):
        derived.board(board)
    derived.account(me)


class _Derived:
    def __init__(self, site: RecordedSite) -> None:
        self._site = site
        self._known: dict[str, set[str]] = {
            kind: {str(document.get("id")) for document in getattr(site, kind)}
            for kind in ("statuses", "issue_types", "priorities", "resolutions", "link_types", "fields", "categories")
        }
        for kind in ("versions", "components"):
            self._known[kind] = {str(entry.get("id")) for held in getattr(site, kind).values() for entry in held}
        self._known["sprints"] = {
            str(sprint.get("id")) for sprints in site.sprints_by_board.values() for sprint in sprints
        }

    def from_project(self, ident: str, project: Document) -> None:
        self.people(project.get("lead"))
        self._owned("versions", ident, project.get("versions"))
        self._owned("components", ident, project.get("components"))
        for kind in project.get("issueTypes") or []:
            self._reference("issue_types", kind)
        self._reference("categories", project.get("projectCategory"))

    def from_issue(self, fields: Document) -> None:
        project = fields["project"]
        ident = str(project.get("id") or project.get("key") or "")
        if ident and ident not in self._site.projects and not self._has_key(project):
            self._site.projects[ident] = project
            self._count("projects")
        self._reference("categories", project.get("projectCategory"))
        for name, kind in _OF_FIELD.items():
            self._reference(kind, fields.get(name))
        for name in ("fixVersions", "versions"):
            self._owned("versions", ident, fields.get(name))
        self._owned("components", ident, fields.get("components"))
        for link in _dicts(fields.get("issuelinks")):
            self._reference("link_types", link.get("type"))
        for name, value in fields.items():
            self._field(name)
            self.people(value)
            for entry in _dicts(value):
                self._sprint(entry)

    def people(self, value: Any) -> None:
        """Every user inside a value, however deep."""
        for user in _users(value):
            key = user_key(user, self._site.flavour)
            if key is not None and key not in self._site.users:
                self._site.users[key] = user
                self._count("users")

    def board(self, ident: str) -> None:
        if ident not in self._site.boards:
            number: int | str = int(ident) if ident.isdigit() else ident
            self._site.boards[ident] = {"id": number, "name": f"Board {ident}", "type": "scrum"}
            self._count("boards")

    def account(self, me: Document | None) -> None:
        """The asking account: the one recorded, else the first user, else a made-up one."""
        site = self._site
        identity = "accountId" if site.flavour == "cloud" else "key"
        if not site.users:
            site.users["recorded"] = {identity: "recorded", "name": "recorded", "displayName": "Recorded account"}
            self._count("users")
        recorded = user_key(me, site.flavour) if me else None
        named = (key for key, user in site.users.items() if user.get("displayName"))
        site.me = recorded if recorded in site.users else next(named, next(iter(site.users)))

    def _reference(self, kind: str, value: Any) -> None:
        if isinstance(value, dict) and value.get("id") is not None and str(value["id"]) not in self._known[kind]:
            self._known[kind].add(str(value["id"]))
            getattr(self._site, kind).append(value)
            self._count(kind)

    def _owned(self, kind: str, project: str, values: Any) -> None:
        for value in _dicts(values):
            ident = str(value.get("id"))
            if project and "id" in value and ident not in self._known[kind]:
                self._known[kind].add(ident)
                # An issue shows a version without its project; a project's own list of versions, as served, names it.
                owner: Document = {"projectId": int(project)} if kind == "versions" and project.isdigit() else {}
                getattr(self._site, kind).setdefault(project, []).append(owner | value)
                self._count(kind)

    def _sprint(self, value: Document) -> None:
        board = value.get("boardId") or value.get("originBoardId")
        ident = str(value.get("id"))
        if board and "state" in value and ident not in self._known["sprints"]:
            self._known["sprints"].add(ident)
            self._site.sprints_by_board.setdefault(str(board), []).append(value)
            self._count("sprints")

    def _field(self, name: str) -> None:
        if name in self._known["fields"]:
            return
        self._known["fields"].add(name)
        custom = name.startswith("customfield_")
        schema: Document = {"type": "unknown"}
        number = name.removeprefix("customfield_")
        if custom and number.isdigit():
            schema["customId"] = int(number)
        elif not custom:
            schema["system"] = name
        self._site.fields.append({"id": name, "key": name, "name": name, "custom": custom, "schema": schema})
        self._count("fields")

    def _has_key(self, project: Document) -> bool:
        key = project.get("key")
        return "id" not in project and any(known.get("key") == key for known in self._site.projects.values())

    def _count(self, kind: str) -> None:
        self._site.derived[kind] = self._site.derived.get(kind, 0) + 1


def _dicts(value: Any) -> Iterator[Document]:
    if isinstance(value, dict):
        yield value
    elif isinstance(value, list):
        yield from (entry for entry in value if isinstance(entry, dict))


def _users(value: Any) -> Iterator[Document]:
    """Depth first, without recursion: recorded rich text can be very deep."""
    waiting = [value]
    while waiting:
        entry = waiting.pop()
        if isinstance(entry, dict):
            if is_user(entry):
                yield entry
            elif entry.get("type") != "doc":
                waiting += entry.values()
        elif isinstance(entry, list):
            waiting += entry
