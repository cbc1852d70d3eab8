"""A small invented Asana organisation, and a client that speaks to it over HTTP."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import requests

from simulator.asana import edits
from simulator.asana.workspace import Document, Workspace

BEGIN = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
ORGANISATION, ANA, BEN = "1000", "10", "11"
ALPHA, BETA = "200", "201"
TODO, DOING, INBOX = "300", "301", "302"
PRIORITY, POINTS, HIGH, LOW = "400", "401", "410", "411"
PORTFOLIO, FOREIGN_PORTFOLIO, GOAL, TEAM = "500", "501", "600", "700"
FEATURES = {"portfolios", "goals", "time_tracking", "allocations", "custom_fields"}


@dataclass
class Client:
    """Asks the simulated Asana; `data` is what a list or a resource holds."""

    address: str
    session: requests.Session

    def ask(self, path: str, **parameters: Any) -> requests.Response:
        return self.session.get(self.address + path, params=parameters, timeout=10)

    def data(self, path: str, **parameters: Any) -> Any:
        response = self.ask(path, **parameters)
        assert response.status_code == 200, response.text
        return response.json()["data"]

    def error(self, path: str, **parameters: Any) -> tuple[int, str]:
        response = self.ask(path, **parameters)
        return response.status_code, response.json()["errors"][0]["message"]

    def every(self, path: str, **parameters: Any) -> list[Document]:
        """All pages of a list."""
        found: list[Document] = []
        asked = {"limit": 100, **parameters}
        while True:
            body = self.ask(path, **asked).json()
            found += body["data"]
            if body["next_page"] is None:
                return found
            asked["offset"] = body["next_page"]["offset"]


def named(kind: str, gid: str, name: str, **fields: Any) -> Document:
    return {"gid": gid, "resource_type": kind, "name": name, **fields}


def organisation() -> Workspace:
    """Two people, two projects, one with three sections' worth of work, a portfolio each, a goal, time and plans."""
    state = Workspace(gid=ORGANISATION, name="Quillwork", me=ANA, features=set(FEATURES))
    home = named("workspace", ORGANISATION, "Quillwork")
    ana, ben = named("user", ANA, "Ana Quill"), named("user", BEN, "Ben Quill")
    state.users = {
        ANA: {**ana, "email": "ana@quillwork.example", "photo": None, "workspaces": [home]},
        BEN: {**ben, "email": "ben@quillwork.example", "photo": None, "workspaces": [home]},
    }
    team = named("team", TEAM, "Makers")
    state.teams[TEAM] = {**team, "organization": home}
    state.team_members[TEAM] = [BEN]
    for gid, name in ((ALPHA, "Alpha"), (BETA, "Beta")):
        state.projects[gid] = named(
            "project", gid, name, archived=False, owner=ana, members=[ana, ben], team=team, workspace=home,
            created_at="2026-01-05T08:00:00.000Z", modified_at="2026-01-05T08:00:00.000Z",
            current_status_update=None, due_on=None, html_notes="<body></body>",
        )  # fmt: skip
        state.project_tasks[gid] = []
    state.sections = {
        ALPHA: [named("section", TODO, "To do"), named("section", DOING, "Doing")],
        BETA: [named("section", INBOX, "Inbox")],
    }
    options = [
        {"gid": HIGH, "resource_type": "enum_option", "name": "High", "color": "red", "enabled": True},
        {"gid": LOW, "resource_type": "enum_option", "name": "Low", "color": "blue", "enabled": True},
    ]
    state.custom_fields = {
        PRIORITY: named(
            "custom_field", PRIORITY, "Priority", resource_subtype="enum", type="enum", enum_options=options
        ),
        POINTS: named("custom_field", POINTS, "Points", resource_subtype="number", type="number", precision=0),
    }
    state.custom_field_settings[ALPHA] = [
        {"gid": "420", "resource_type": "custom_field_setting", "is_important": True,
         "project": named("project", ALPHA, "Alpha"), "custom_field": state.custom_fields[PRIORITY]},
    ]  # fmt: skip
    state.portfolios = {
        PORTFOLIO: named("portfolio", PORTFOLIO, "All work", owner=ana, workspace=home),
        FOREIGN_PORTFOLIO: named("portfolio", FOREIGN_PORTFOLIO, "Not ours", owner=ben, workspace=home),
    }
    state.portfolio_items = {PORTFOLIO: [ALPHA, FOREIGN_PORTFOLIO], FOREIGN_PORTFOLIO: [BETA]}
    state.goals[GOAL] = named("goal", GOAL, "Ship it", owner=ana, workspace=home, is_workspace_level=True)
    state.goal_relationships[GOAL] = [
        {"gid": "610", "resource_type": "goal_relationship", "resource_subtype": "supporting_work",
         "supporting_resource": named("project", ALPHA, "Alpha"), "contribution_weight": 1.0},
    ]  # fmt: skip
    state.allocations["800"] = {
        "gid": "800", "resource_type": "allocation", "resource_subtype": "project_allocation",
        "start_date": "2026-01-05", "end_date": "2026-02-06", "effort": {"type": "percent", "value": 50},
        "assignee": ben, "created_by": ana, "parent": named("project", ALPHA, "Alpha"),
    }  # fmt: skip
    state.out_of_office["810"] = {
        "gid": "810", "resource_type": "ooo_entry", "start_date": "2026-02-02", "end_date": "2026-02-06", "user": ben,
    }  # fmt: skip
    return state


def with_tasks(state: Workspace, count: int, project: str = ALPHA) -> list[str]:
    """As many tasks in the project, one a minute."""
    return [
        edits.create_task(state, f"Task {n}", project=project, at=BEGIN + timedelta(minutes=n), by=ANA)
        for n in range(count)
    ]


def later(hours: float) -> datetime:
    return BEGIN + timedelta(hours=hours)


def day(number: int) -> date:
    return BEGIN.date() + timedelta(days=number)
