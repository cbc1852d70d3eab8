"""The frame tasks stand in in Asana: people, teams, custom fields, projects, sections, portfolios."""

from __future__ import annotations

from datetime import datetime
from itertools import count
from typing import Any

from simulator.asana.workspace import Workspace
from simulator.company.asana_fields import PRIORITY_OPTIONS, Field
from simulator.company.names import COMPANY
from simulator.company.plan import Person, Plan, Project, Tracker

Document = dict[str, Any]

SITE = "https://asana.invalid"
_COLOURS = ("light-green", "dark-blue", "light-orange", "dark-teal", "light-purple", None)


def named(document: Document) -> Document:
    """The compact form in which other documents show this one."""
    return {key: document[key] for key in ("gid", "name", "resource_type")}


class Frame:
    """Looks up the documents of the workspace by the plan's objects, after making them."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.projects = [project for project in plan.projects if project.tracker is Tracker.ASANA]
        self.gids = count(1207400000000017, 13)
        features = {"portfolios", "goals", "time_tracking", "allocations", "custom_fields", "search", "budgets"}
        self.workspace = Workspace(gid=self.gid(), name=f"{COMPANY} (asana)", features=features)
        self.home = {"gid": self.workspace.gid, "name": self.workspace.name, "resource_type": "workspace"}
        self.users: dict[int, Document] = {}
        self.compact: dict[str, Document] = {}
        self.sections: dict[tuple[str, str], Document] = {}
        self.fields: dict[str, dict[str, Field]] = {}
        self._people()
        self._teams()
        self._fields()
        for number, project in enumerate(self.projects):
            self._project(number, project)

    def gid(self) -> str:
        return str(next(self.gids))

    def user(self, person: Person) -> Document:
        """The compact user."""
        return self.compact[person.accounts[Tracker.ASANA]]

    def section(self, project: Project, status: str, phase: int) -> Document:
        """The compact section an item of this status and phase stands in."""
        if project.phases:
            return self.sections[project.code, project.phases[min(phase, len(project.phases) - 1)]]
        return self.sections[project.code, project.workflow.step(status).name]

    def priority(self, project: Project, name: str) -> str:
        """The option that stands for a priority; one project in three has its own vocabulary."""
        own = self.fields[project.code]["priority"].document["asana_created_field"] is None
        return PRIORITY_OPTIONS["own" if own else "global"][name]

    def _people(self) -> None:
        for person in self.plan.people:
            if Tracker.ASANA not in person.trackers:
                continue
            gid = self.gid()
            person.accounts[Tracker.ASANA] = gid
            user = {
                "gid": gid, "resource_type": "user", "name": person.name_in(Tracker.ASANA),
                "email": person.email or None, "photo": None, "workspaces": [self.home],
            }  # fmt: skip
            self.workspace.users[gid] = self.users[person.ident] = user
            self.compact[gid] = named(user)
        humans = [one for one in self.plan.people if one.ident in self.users and one.human and one.active]
        self.me = humans[-1]
        self.workspace.me = self.me.accounts[Tracker.ASANA]

    def _teams(self) -> None:
        self.team: dict[str, Document] = {}
        for program in dict.fromkeys(project.program for project in self.projects):
            gid = self.gid()
            team = {
                "gid": gid, "resource_type": "team", "name": f"{program} team", "description": "",
                "html_description": "<body></body>", "organization": self.home, "visibility": "public",
                "permalink_url": f"{SITE}/0/{gid}",
            }  # fmt: skip
            members = [one for project in self.projects if project.program == program for one in project.members]
            self.workspace.teams[gid] = team
            self.workspace.team_members[gid] = list(dict.fromkeys(one.accounts[Tracker.ASANA] for one in members))
            self.team[program] = named(team)

    def _fields(self) -> None:
        """Fields of the whole workspace, then those that projects keep for themselves."""
        gids = self.gids
        priority = Field(gids, "Priority", "enum", ("Low", "Medium", "High"), asana_created_field="priority")
        time = Field(gids, "Estimated time", "number", format="duration", asana_created_field="estimated_time")
        points, kind = Field(gids, "Story points", "number"), Field(gids, "Type", "enum", ("Task", "Risk"))
        risk = {
            "probability": Field(gids, "Risk probability", "number"),
            "cost": Field(gids, "Risk cost", "number"),
            "response": Field(gids, "Risk response", "enum", ("Avoid", "Mitigate", "Transfer", "Accept")),
            "response_plan": Field(gids, "Response plan", "text"),
        }
        every = [priority, time, points, kind, *risk.values()]
        for number, project in enumerate(self.projects):
            if "three_items" in project.quirks:
                self.fields[project.code] = {}
                continue
            own = self.fields[project.code] = {"priority": priority, "type": kind, **risk}
            if number % 3 == 1:
                own["priority"] = Field(gids, "Priority", "enum", ("P1", "P2", "P3"), is_global_to_workspace=False)
                every.append(own["priority"])
            if project.estimates != "none":
                own["effort"] = time if project.estimates == "time" else points
            if "enum_status" in project.quirks:
                names = tuple(step.name for step in project.workflow.steps)
                own["status"] = Field(
                    gids, "Status", "enum", names, asana_created_field="task_progress" if number % 2 else None
                )
                every.append(own["status"])
        self.workspace.custom_fields = {field.document["gid"]: field.document for field in every}

    def _project(self, number: int, project: Project) -> None:
        workspace, gid = self.workspace, self.gid()
        project.external_id = gid
        finished, archived = project.temper == "finished", "archived" in project.quirks
        ended = project.calendar.moment(project.calendar.index(project.due) + 0.8)
        created = project.calendar.moment(project.calendar.index(project.begin) - 0.3)
        members = [self.user(one) for one in project.members]
        own_fields = self.fields[project.code]
        settings = [
            {"gid": self.gid(), "resource_type": "custom_field_setting", "is_important": True,
             "project": {"gid": gid, "name": project.name, "resource_type": "project"},
             "parent": {"gid": gid, "name": project.name, "resource_type": "project"}, "custom_field": field.document}
            for field in own_fields.values()
        ]  # fmt: skip
        shown_name = project.name + (" " if number % 6 == 4 else "")
        document: Document = {
            "gid": gid, "resource_type": "project", "name": shown_name, "archived": archived,
            "color": _COLOURS[number % 6], "icon": "list", "completed": finished,
            "completed_at": stamp(ended) if finished else None,
            "completed_by": self.user(project.lead) if finished else None,
            "created_at": stamp(created),
            "modified_at": stamp(max((item.updated for item in project.items), default=created)),
            "current_status": None, "current_status_update": None, "custom_fields": [],
            "custom_field_settings": settings,
            "default_view": "board" if not project.phases else "list", "default_access_level": "editor",
            "minimum_access_level_for_customization": "editor", "minimum_access_level_for_sharing": "editor",
            "due_on": project.due.isoformat(), "due_date": project.due.isoformat(),
            "start_on": project.begin.isoformat(),
            "followers": members[:2], "members": members, "notes": f"{project.name}, made up for trial runs.",
            "html_notes": f"<body>{project.name}, made up for trial runs.</body>", "owner": self.user(project.lead),
            "permalink_url": f"{SITE}/1/{workspace.gid}/project/{gid}", "privacy_setting": "public_to_workspace",
            "public": True, "project_brief": None, "created_from_template": None,
            "team": self.team[project.program] if number % 7 != 6 else None, "workspace": self.home,
        }  # fmt: skip
        if "undated" in project.quirks or "three_items" in project.quirks:
            document |= {"due_on": None, "due_date": None, "start_on": None}
        workspace.projects[gid] = document
        workspace.custom_field_settings[gid] = settings
        workspace.project_tasks[gid] = []
        self.compact[gid] = named(document)
        names = project.phases or tuple(step.name for step in project.workflow.steps)
        workspace.sections[gid] = []
        for name in names:
            section = {"gid": self.gid(), "resource_type": "section", "name": name, "created_at": stamp(created),
                       "project": self.compact[gid], "projects": [self.compact[gid]]}  # fmt: skip
            workspace.sections[gid].append(section)
            self.sections[project.code, name] = named(section)


def stamp(moment: datetime) -> str:
    """A UTC instant as Asana writes it."""
    return moment.isoformat(timespec="milliseconds")[:-6] + "Z"
