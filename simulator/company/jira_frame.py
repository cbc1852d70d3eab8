"""The frame issues stand in on a Jira site: accounts, projects, statuses and types."""

from __future__ import annotations

from typing import Any

from simulator.company.jira_catalogue import (
    BASE,
    CATEGORIES,
    FIELDS,
    KINDS,
    FieldIds,
    priorities,
    resolutions,
    user_document,
)
from simulator.company.plan import Milestone, Person, Plan, Project, Sprint, Step, Tracker
from simulator.jira.site import Site

Document = dict[str, Any]


class Frame:
    """Looks up the documents of one site by the plan's objects, after making them."""

    def __init__(self, plan: Plan, tracker: Tracker, site: Site) -> None:
        self.plan, self.tracker, self.site = plan, tracker, site
        self.cloud = tracker is Tracker.CLOUD
        self.base = BASE[tracker]
        self.api = f"{self.base}/rest/api/2"
        self.ids: FieldIds = FIELDS[tracker]
        self.projects = [project for project in plan.projects if project.tracker is tracker]
        self.users: dict[int, Document] = {}
        self.priority = priorities(self.base)
        self.resolution = resolutions(self.base)
        self.stubs: dict[str, Document] = {}
        self.sprint: dict[Sprint, Document] = {}
        self.version: dict[Milestone, Document] = {}
        self.component: dict[tuple[str, str], Document] = {}
        self._status: dict[tuple[str, str], Document] = {}
        self._kind: dict[tuple[str, str], Document] = {}
        self._accounts()
        self._projects()
        self._statuses()
        self._kinds()

    def user(self, person: Person) -> Document:
        return self.users[person.ident]

    def account(self, person: Person) -> str:
        return person.accounts[self.tracker]

    def status(self, project: Project, key: str) -> Document:
        return self._status[self._scope(project), project.workflow.step(key).name]

    def kind(self, project: Project, kind: str) -> Document:
        return self._kind[self._scope(project), kind]

    def points_field(self, project: Project) -> str:
        """Team-managed projects keep their points in a field of their own."""
        own = self.ids.points_estimate if "team_managed" in project.quirks else None
        return own or self.ids.points

    def _scope(self, project: Project) -> str:
        return project.code if "team_managed" in project.quirks else ""

    def _accounts(self) -> None:
        for person in self.plan.people:
            if self.tracker not in person.trackers:
                continue
            document = user_document(person, self.tracker, self.base)
            ident = document["accountId"] if self.cloud else document["key"]
            person.accounts[self.tracker] = ident
            self.site.users[ident] = self.users[person.ident] = document
            if self.cloud and person.hidden_email:
                self.site.hidden_emails.add(ident)
        active = [one for one in self.plan.people if one.ident in self.users and one.active and one.human]
        self.site.me = active[-1].accounts[self.tracker]
        names = ("jira-software-users", "pmo-readers")
        self.site.groups = {names[0]: [self.account(one) for one in active], names[1]: [self.site.me]}

    def _projects(self) -> None:
        categories: dict[str, Document] = {}
        for number, project in enumerate(self.projects):
            name = f"{project.portfolio} / {project.program}"
            if name not in categories:
                ident = str(10010 + len(categories))
                categories[name] = {"self": f"{self.api}/projectCategory/{ident}", "id": ident, "name": name,
                                    "description": f"Program {project.program} of {project.portfolio}"}  # fmt: skip
            managed = "team_managed" in project.quirks
            project.external_id = str(10100 + number)
            told = project.reports[-1] if project.reports else None
            self.site.projects[project.external_id] = {
                "expand": "description,lead,issueTypes,url,projectKeys,permissions,insight",
                "self": f"{self.api}/project/{project.external_id}",
                "id": project.external_id,
                "key": project.code,
                "name": project.name,
                "description": f"{project.name}. Last report: {told.status}. {told.text}" if told else "",
                "lead": self.user(project.lead),
                "avatarUrls": {"48x48": f"{self.base}/avatar/p{project.external_id}.png"},
                "projectCategory": categories[name],
                "projectTypeKey": "software",
                "simplified": managed,
                "style": "next-gen" if managed else "classic",
                "isPrivate": False,
                "archived": False,
                "properties": {},
            }
            keys = ("self", "id", "key", "name", "projectTypeKey", "simplified", "avatarUrls", "projectCategory")
            document = self.site.projects[project.external_id]
            self.stubs[project.code] = {key: document[key] for key in keys}
        self.site.categories = list(categories.values())

    def _statuses(self) -> None:
        number = 10001
        for project in self.projects:
            scope = self._scope(project)
            for step in project.workflow.steps:
                if (scope, step.name) not in self._status:
                    document = self._status_document(str(number), step)
                    if scope:
                        document["scope"] = {"type": "PROJECT", "project": {"id": project.external_id}}
                    self._status[scope, step.name] = document
                    number += 3
        self.site.statuses = list(self._status.values())

    def _status_document(self, ident: str, step: Step) -> Document:
        number, key, colour, name = CATEGORIES[step.category]
        category = {
            "self": f"{self.api}/statuscategory/{number}",
            "id": number,
            "key": key,
            "colorName": colour,
            "name": name,
        }
        return {
            "self": f"{self.api}/status/{ident}", "id": ident, "name": step.name, "untranslatedName": step.name,
            "description": "", "iconUrl": f"{self.base}/images/icons/statuses/generic.png", "statusCategory": category,
        }  # fmt: skip

    def _kinds(self) -> None:
        number = 10000 if self.cloud else 10300
        managed = [project for project in self.projects if self._scope(project)]
        for scope, project in [("", None), *((project.code, project) for project in managed)]:
            for kind, (name, subtask, level) in KINDS.items():
                ident = str(number)
                number += 1
                document: Document = {
                    "self": f"{self.api}/issuetype/{ident}", "id": ident, "name": name, "untranslatedName": name,
                    "description": "", "iconUrl": f"{self.base}/t/{kind}.svg", "subtask": subtask, "avatarId": 10300,
                }  # fmt: skip
                if self.cloud:
                    document["hierarchyLevel"] = level
                if project:
                    document["scope"] = {"type": "PROJECT", "project": {"id": project.external_id}}
                self._kind[scope, kind] = document
        self.site.issue_types = list(self._kind.values())
