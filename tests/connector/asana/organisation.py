"""A small invented Asana organisation with every oddity the connector has to deal with."""

from __future__ import annotations

from typing import Any

from simulator.asana.workspace import Document, Workspace

ALL_FEATURES = {"portfolios", "goals", "time_tracking", "allocations", "custom_fields"}

HARBOUR, LANTERN, HIDDEN = "300", "301", "399"
STATUS, ESTIMATE, PRIORITY = "500", "501", "502"


def ref(gid: str, kind: str, name: str = "") -> Document:
    return {"gid": gid, "resource_type": kind, "name": name or f"{kind} {gid}"}


def option(gid: str, name: str) -> Document:
    return {"gid": gid, "resource_type": "enum_option", "name": name, "enabled": True, "color": "none"}


def task(gid: str, name: str, *memberships: tuple[str, str], **more: Any) -> Document:
    """A task in `memberships`, (project, section) gids, with a full document's keys."""
    return {
        "gid": gid,
        "resource_type": "task",
        "name": name,
        "resource_subtype": "default_task",
        "completed": False,
        "completed_at": None,
        "created_at": "2026-01-05T08:00:00.000Z",
        "modified_at": "2026-02-01T09:30:00.000Z",
        "assignee": ref("2", "user", "Bo Lindqvist"),
        "created_by": ref("1", "user", "Ada Okafor"),
        "parent": None,
        "num_subtasks": 0,
        "memberships": [
            {"project": ref(project, "project"), "section": ref(section, "section")} for project, section in memberships
        ],
        "projects": [ref(project, "project") for project, _ in memberships],
        "tags": [],
        "dependencies": [],
        "custom_fields": [],
        "start_on": None,
        "due_on": None,
        "permalink_url": f"https://app.asana.com/1/100/task/{gid}",
        **more,
    }


def story(gid: str, subtype: str, at: str, **more: Any) -> Document:
    return {
        "gid": gid,
        "resource_type": "story",
        "resource_subtype": subtype,
        "type": "system",
        "created_at": at,
        "created_by": ref("1", "user", "Ada Okafor"),
        "text": "prose that nobody reads",
        **more,
    }


def organisation() -> Workspace:
    """Projects Harbour and Lantern; see the tests for what stands in them."""
    workspace = Workspace("100", name="Quayside", me="1", features=set(ALL_FEATURES))
    workspace.users = {
        gid: {"gid": gid, "resource_type": "user", "name": name, "email": f"{name.split()[0].lower()}@quay.example"}
        for gid, name in (("1", "Ada Okafor"), ("2", "Bo Lindqvist"), ("3", "Chi Marino"))
    }
    workspace.teams = {"20": {**ref("20", "team", "Deck"), "organization": ref("100", "workspace")}}
    workspace.team_members = {"20": ["1", "2"]}
    _fields(workspace)
    _projects(workspace)
    _tasks(workspace)
    _oversight(workspace)
    _effort(workspace)
    return workspace


def _fields(workspace: Workspace) -> None:
    field: Document = {"resource_type": "custom_field", "type": "enum", "resource_subtype": "enum"}
    number: Document = {"resource_type": "custom_field", "type": "number", "resource_subtype": "number"}
    status = {
        **field,
        "gid": STATUS,
        "name": "Estado",
        "enum_options": [option("510", "Haciendo"), option("511", "Hecho")],
    }
    estimate = {**number, "gid": ESTIMATE, "name": "How long", "asana_created_field": "estimated_time"}
    priority = {
        **field,
        "gid": PRIORITY,
        "name": "Priority",
        "enum_options": [option("520", "High "), option("521", "Low")],
    }
    workspace.custom_fields = {STATUS: status, ESTIMATE: estimate}
    workspace.custom_field_settings = {
        HARBOUR: [
            {"gid": f"9{entry['gid']}", "resource_type": "custom_field_setting", "custom_field": entry}
            for entry in (status, priority)
        ],
        LANTERN: [],
    }


def _projects(workspace: Workspace) -> None:
    for gid, name in ((HARBOUR, "Harbour"), (LANTERN, "Lantern"), (HIDDEN, "Hidden")):
        workspace.projects[gid] = {
            **ref(gid, "project", name),
            "workspace": ref("100", "workspace", "Quayside"),
            "archived": gid == LANTERN,
            "completed": False,
            "created_at": "2026-01-01T08:00:00.000Z",
            "start_on": "2026-01-01",
            "due_on": "2026-06-30",
            "owner": ref("1", "user", "Ada Okafor"),
            "team": ref("20", "team", "Deck"),
            "current_status_update": {"gid": f"8{gid}", "resource_type": "status_update", "status_type": "at_risk"},
            "permalink_url": f"https://app.asana.com/0/{gid}",
        }
        workspace.sections[gid] = [
            {**ref(f"4{gid}", "section", "Doing"), "project": ref(gid, "project", name)},
            {**ref(f"5{gid}", "section", "Done"), "project": ref(gid, "project", name)},
        ]
    workspace.inaccessible = {HIDDEN}


def _tasks(workspace: Workspace) -> None:
    doing, lantern = (HARBOUR, "4300"), (LANTERN, "4301")
    tasks = [
        task("1000", "Dig the\u00a0basin", doing, num_subtasks=2),
        task("1001", "Order pumps", parent=ref("1000", "task"), num_subtasks=1),
        task("1002", "Ask for prices", parent=ref("1001", "task")),
        task("1003", "Paint the lamp", lantern, doing),
        task("1004", "Wire the lamp", lantern, parent=ref("1000", "task"), num_subtasks=1),
        task("1005", "Test the lamp", parent=ref("1004", "task")),
        task("1006", "Open the gate", doing, resource_subtype="milestone", due_on="2026-05-01"),
    ]
    workspace.tasks = {entry["gid"]: entry for entry in tasks}
    workspace.project_tasks = {HARBOUR: ["1000", "1003", "1006"], LANTERN: ["1003", "1004"], HIDDEN: []}
    workspace.subtasks = {"1000": ["1001", "1004"], "1001": ["1002"], "1004": ["1005"]}
    workspace.stories = {
        "1000": [
            story("2000", "added_to_project", "2026-01-05T08:00:01.000Z", project=ref(HARBOUR, "project", "Harbour")),
            story(
                "2001",
                "due_date_changed",
                "2026-01-06T10:00:00.000Z",
                old_dates={"start_on": None, "due_on": "2026-02-01", "due_at": None},
                new_dates={"start_on": "2026-01-10", "due_on": "2026-02-15", "due_at": None},
            ),
            story("2002", "comment_added", "2026-01-07T10:00:00.000Z", type="comment"),
        ]
    }


def _oversight(workspace: Workspace) -> None:
    for gid, owner in (("700", "1"), ("701", "3"), ("702", "3")):
        workspace.portfolios[gid] = {**ref(gid, "portfolio"), "owner": ref(owner, "user")}
    workspace.portfolio_items = {"700": [HARBOUR, "701"], "701": [LANTERN, "700"], "702": [HARBOUR]}
    workspace.goals = {
        "800": {**ref("800", "goal", "Boats"), "owner": ref("1", "user"), "due_on": "2026-12-31", "status": "green"}
    }
    workspace.goal_relationships = {
        "800": [
            {
                "gid": "810",
                "resource_type": "goal_relationship",
                "resource_subtype": "supporting_work",
                "supporting_resource": ref(HARBOUR, "project", "Harbour"),
            }
        ]
    }
    workspace.status_updates = {
        HARBOUR: [
            {
                "gid": "850",
                "resource_type": "status_update",
                "title": "Late sand",
                "status_type": "off_track",
                "created_at": "2026-02-02T12:00:00.000Z",
                "author": ref("1", "user", "Ada Okafor"),
                "parent": ref(HARBOUR, "project", "Harbour"),
            }
        ]
    }


def _effort(workspace: Workspace) -> None:
    entry: Document = {
        "resource_type": "time_tracking_entry",
        "entered_on": "2026-02-03",
        "created_by": ref("2", "user"),
    }
    workspace.time_entries = {
        "900": {
            **entry,
            "gid": "900",
            "duration_minutes": 90,
            "task": ref("1000", "task"),
            "attributable_to": ref(HARBOUR, "project"),
        },
        "901": {
            **entry,
            "gid": "901",
            "duration_minutes": 30,
            "task": ref("1004", "task"),
            "attributable_to": ref(LANTERN, "project"),
        },
    }
    booking: Document = {"resource_type": "allocation", "start_date": "2026-02-01", "end_date": "2026-02-28"}
    workspace.allocations = {
        "910": {
            **booking,
            "gid": "910",
            "assignee": ref("2", "user", "Bo Lindqvist"),
            "parent": ref(HARBOUR, "project"),
            "effort": {"type": "percent", "value": 50},
        },
        "911": {
            **booking,
            "gid": "911",
            "assignee": ref("930", "placeholder", "A diver"),
            "parent": ref(LANTERN, "project"),
            "effort": {"type": "hours", "value": 40},
        },
    }
    workspace.out_of_office = {
        "920": {
            "gid": "920",
            "resource_type": "ooo_entry",
            "user": ref("3", "user", "Chi Marino"),
            "start_date": "2026-02-10",
            "end_date": "2026-02-12",
        }
    }
