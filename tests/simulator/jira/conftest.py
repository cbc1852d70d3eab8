"""A tiny Jira site with a few issues, of either flavour, served over real HTTP."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import requests

from simulator.faults import Faults
from simulator.jira.site import Issue, Site
from simulator.serve import Simulator

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
TODO = {"id": "1", "name": "To Do", "statusCategory": {"id": 2, "key": "new", "name": "To Do"}}
DOING = {"id": "3", "name": "In Progress", "statusCategory": {"id": 4, "key": "indeterminate", "name": "In Progress"}}
DONE = {"id": "5", "name": "Done", "statusCategory": {"id": 3, "key": "done", "name": "Done"}}
TASK = {"id": "10", "name": "Task", "subtask": False, "hierarchyLevel": 0}
EPIC = {"id": "11", "name": "Epic", "subtask": False, "hierarchyLevel": 1}
SPRINT = {
    "id": 7,
    "state": "active",
    "name": "Sprint [7], first",
    "boardId": 1,
    "startDate": "2026-02-23T09:00:00.000Z",
}


def user(site: Site, name: str) -> dict[str, Any]:
    return site.users[f"acc-{name}" if site.flavour == "cloud" else f"KEY-{name}"]


def _user(name: str, active: bool = True) -> dict[str, Any]:
    return {
        "accountId": f"acc-{name}",
        "accountType": "atlassian",
        "key": f"KEY-{name}",
        "name": name,
        "displayName": name.title(),
        "emailAddress": f"{name}@sim.example",
        "active": active,
        "timeZone": "UTC",
    }


def _field(ident: str, name: str, type_: str, custom: str = "", **more: Any) -> dict[str, Any]:
    schema = {"type": type_, **({"custom": custom} if custom else {})}
    return {"id": ident, "name": name, "custom": bool(custom), "navigable": True, "schema": schema, **more}


def build(flavour: str, **settings: Any) -> Site:
    """Projects ONE (six issues), TWO (one issue) and OLD (archived, one issue); boards 1 (scrum) and 2 (kanban)."""
    site = Site(flavour, **settings)
    ident = "accountId" if flavour == "cloud" else "key"
    for name in ("mira", "tolo", "gone"):
        person = _user(name, active=name != "gone")
        site.users[person[ident]] = person
    site.me = user(site, "mira")[ident]
    site.categories = [{"id": "1", "name": "Growth"}]
    for number, key in enumerate(("ONE", "TWO", "OLD"), 1):
        site.projects[str(number)] = {
            "id": str(number),
            "key": key,
            "name": f"Project {key}",
            "lead": user(site, "mira"),
        }
    site.projects["1"]["projectCategory"] = site.categories[0]
    site.projects["3"]["archived"] = True
    site.statuses, site.issue_types = [dict(TODO), dict(DOING), dict(DONE)], [dict(TASK), dict(EPIC)]
    site.resolutions, site.priorities = [{"id": "1", "name": "Done"}], [{"id": "2", "name": "High"}]
    site.link_types = [{"id": "20", "name": "Blocks", "outward": "blocks", "inward": "is blocked by"}]
    site.fields = [
        _field("summary", "Summary", "string"),
        _field("timetracking", "Time Tracking", "timetracking") | {"navigable": False},
        _field("customfield_1", "Sprint", "array", "com.pyxis.greenhopper.jira:gh-sprint"),
        _field("customfield_2", "Story Points", "number", "com.atlassian.jira.plugin.system.customfieldtypes:float"),
        _field("customfield_3", "Notes", "string", "com.atlassian.jira.plugin.system.customfieldtypes:textarea"),
        _field("customfield_4", "Start date", "date", "com.atlassian.jira.plugin.system.customfieldtypes:datepicker"),
    ]
    site.boards = {"1": _board(1, "scrum"), "2": _board(2, "kanban")}
    site.board_configuration = {
        "1": {"estimation": {"type": "field", "field": {"fieldId": "customfield_2"}}, "columnConfig": {"columns": []}}
    }
    site.sprints_by_board = {"1": [{**SPRINT, "originBoardId": 1}, {"id": 8, "state": "future", "name": "Sprint 8"}]}
    site.versions = {"1": [{"id": "30", "name": "1.0", "released": False, "releaseDate": "2026-04-01"}]}
    site.components = {"1": [{"id": "40", "name": "Core", "lead": user(site, "tolo")}]}
    for number in range(1, 7):
        _add_issue(site, 100 + number, "1", f"ONE-{number}", minute=number)
    _add_issue(site, 201, "2", "TWO-1", minute=1)
    _add_issue(site, 301, "3", "OLD-1", minute=1)
    return site


def _board(number: int, kind: str) -> dict[str, Any]:
    return {"id": number, "name": f"Board {number}", "type": kind, "location": {"projectId": 1, "projectKey": "ONE"}}


def _add_issue(site: Site, ident: int, project: str, key: str, *, minute: int) -> None:
    """Issue N was updated on 1 March 2026 at 10:0N:30 UTC."""
    site.issues[str(ident)] = Issue(
        str(ident),
        key,
        {
            "summary": f"Summary of {key}",
            "description": "First line\n* point",
            "project": {name: site.projects[project][name] for name in ("id", "key", "name")},
            "status": TODO,
            "issuetype": TASK,
            "assignee": user(site, "tolo"),
            "reporter": user(site, "mira"),
            "created": "2026-02-01T09:00:00.000+0000",
            "updated": f"2026-03-01T10:{minute:02d}:30.250+0000",
            "duedate": "2026-03-20",
            "labels": ["red", "blue"],
            "components": [],
            "fixVersions": [],
            "issuelinks": [],
            "timeoriginalestimate": 7200,
            "timeestimate": 7200,
            "customfield_1": [dict(SPRINT)],
            "customfield_2": 3.0,
            "customfield_3": "Long text",
            "customfield_4": None,
        },
    )


class Browser:
    """A signed-in client of one served site."""

    def __init__(self, site: Site, address: str, faults: Faults) -> None:
        self.site = site
        self.address = address
        self.faults = faults
        self.session = requests.Session()
        if site.flavour == "cloud":
            self.session.auth = ("mira@sim.example", "simulated-token")
        else:
            self.session.headers["Authorization"] = "Bearer simulated-token"

    def send(self, method: str, path: str, **more: Any) -> requests.Response:
        return self.session.request(method, self.address + path, timeout=10, allow_redirects=False, **more)

    def get(self, path: str, **params: Any) -> Any:
        response = self.send("GET", path, params=params)
        assert response.status_code == 200, response.text
        return response.json()

    def post(self, path: str, body: Any) -> Any:
        response = self.send("POST", path, json=body)
        assert response.status_code == 200, response.text
        return response.json()

    def refused(self, method: str, path: str, status: int, **more: Any) -> Any:
        response = self.send(method, path, **more)
        assert response.status_code == status, response.text
        return response.json()


class World:
    """Serves sites at a chosen time."""

    def __init__(self) -> None:
        self.now = NOW
        self._running: list[Simulator] = []

    def serve(self, site: Site) -> Browser:
        name = "jira_cloud" if site.flavour == "cloud" else "jira_datacenter"
        simulator = Simulator(**{name: site}, clock=lambda: self.now)
        simulator.start()
        self._running.append(simulator)
        return Browser(site, simulator.addresses[name], simulator.faults[name])

    def stop(self) -> None:
        for simulator in self._running:
            simulator.stop()


@pytest.fixture
def make_site() -> Callable[..., Site]:
    return build


@pytest.fixture
def world() -> Iterator[World]:
    world = World()
    yield world
    world.stop()


@pytest.fixture
def cloud(world: World) -> Browser:
    return world.serve(build("cloud"))


@pytest.fixture
def datacenter(world: World) -> Browser:
    return world.serve(build("datacenter"))


@pytest.fixture(params=["cloud", "datacenter"])
def either(request: pytest.FixtureRequest, world: World) -> Browser:
    return world.serve(build(request.param))
