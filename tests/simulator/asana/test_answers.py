"""What a single answer looks like: sign-in, fields, forms, errors."""

from __future__ import annotations

import pytest
import requests

from simulator.asana import edits
from simulator.asana.workspace import Workspace
from tests.simulator.asana.organisation import (
    ALPHA,
    ANA,
    BEN,
    BETA,
    FOREIGN_PORTFOLIO,
    GOAL,
    HIGH,
    ORGANISATION,
    PORTFOLIO,
    PRIORITY,
    TEAM,
    Client,
    later,
    with_tasks,
)  # fmt: skip


@pytest.mark.parametrize("header", [None, "Bearer wrong", "Basic simulated-token"])
def test_without_its_token_nothing_is_answered(client: Client, header: str | None) -> None:
    headers = {"Authorization": header} if header else {}
    response = requests.get(f"{client.address}/users/me", headers=headers, timeout=10)
    assert response.status_code == 401
    assert response.json()["errors"][0]["message"] == "Not Authorized"
    assert "help" in response.json()["errors"][0]


def test_me_is_the_account(client: Client) -> None:
    me = client.data("/users/me")
    assert me["gid"] == ANA
    assert me["email"] == "ana@quillwork.example"
    assert me["workspaces"] == [{"gid": ORGANISATION, "name": "Quillwork", "resource_type": "workspace"}]
    assert client.data("/users/ben@quillwork.example")["gid"] == BEN


def test_a_field_not_asked_for_is_absent_and_one_without_value_is_null(client: Client, state: Workspace) -> None:
    (gid,) = with_tasks(state, 1)
    assert client.data(f"/tasks/{gid}", opt_fields="name,due_on") == {"gid": gid, "name": "Task 0", "due_on": None}


def test_fields_reach_into_what_is_nested_and_into_lists(client: Client, state: Workspace) -> None:
    (gid,) = with_tasks(state, 1)
    edits.assign(state, gid, BEN, at=later(1), by=ANA)
    edits.add_to_project(state, gid, BETA, at=later(2), by=ANA)
    asked = "assignee.email,memberships.project.gid,memberships.section.name,projects.name,parent.name"
    assert client.data(f"/tasks/{gid}", opt_fields=asked) == {
        "gid": gid,
        "assignee": {"gid": BEN, "email": "ben@quillwork.example"},
        "memberships": [
            {"project": {"gid": ALPHA}, "section": {"gid": "300", "name": "To do"}},
            {"project": {"gid": BETA}, "section": {"gid": "302", "name": "Inbox"}},
        ],
        "projects": [{"gid": ALPHA, "name": "Alpha"}, {"gid": BETA, "name": "Beta"}],
        "parent": None,
    }


def test_a_thing_named_without_its_parts_comes_compact(client: Client, state: Workspace) -> None:
    (gid,) = with_tasks(state, 1)
    edits.assign(state, gid, BEN, at=later(1), by=ANA)
    task = client.data(f"/tasks/{gid}", opt_fields="assignee,memberships")
    assert task["assignee"] == {"gid": BEN, "name": "Ben Quill", "resource_type": "user"}
    assert task["memberships"] == [{}]


def test_lists_are_compact_and_single_resources_full_but_for_what_is_opted_into(
    client: Client, state: Workspace
) -> None:
    (gid,) = with_tasks(state, 1)
    compact = {"gid": gid, "name": "Task 0", "resource_type": "task", "resource_subtype": "default_task"}
    assert client.data("/tasks", project=ALPHA) == [compact]
    full = client.data(f"/tasks/{gid}")
    assert full["completed"] is False
    assert full["memberships"] == [{}]
    assert full["projects"] == [{"gid": ALPHA, "name": "Alpha", "resource_type": "project"}]
    assert not {"num_subtasks", "dependencies", "created_by"} & full.keys()
    assert client.data(f"/tasks/{gid}", opt_fields="num_subtasks")["num_subtasks"] == 0


def test_a_custom_field_comes_with_its_value_and_options(client: Client, state: Workspace) -> None:
    (gid,) = with_tasks(state, 1)
    edits.set_custom_value(state, gid, PRIORITY, HIGH, at=later(1), by=ANA)
    asked = "custom_fields.name,custom_fields.enum_value.name,custom_fields.display_value"
    assert client.data(f"/tasks/{gid}", opt_fields=asked)["custom_fields"] == [
        {"gid": PRIORITY, "name": "Priority", "enum_value": {"gid": HIGH, "name": "High"}, "display_value": "High"}
    ]
    whole = client.data(f"/tasks/{gid}", opt_fields="custom_fields")["custom_fields"][0]
    assert [option["name"] for option in whole["enum_options"]] == ["High", "Low"]


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        ("/tasks/999", 404, "Unknown object: 999"),
        ("/tasks/not-a-gid", 400, "Not a recognized ID"),
        ("/projects/999/tasks", 404, "Unknown object: 999"),
        ("/nothing/here", 404, "No matching route"),
        ("/tasks", 400, "exactly one of project"),
        ("/tasks?project=200&limit=101", 400, "between 1 and 100"),
        ("/tasks?project=200&limit=0", 400, "between 1 and 100"),
        ("/tasks?project=200&modified_since=yesterday", 400, "modified_since"),
        ("/projects?archived=False", 400, "archived"),
        ("/time_tracking_entries", 400, "one of task"),
        ("/time_tracking_entries?workspace=1000", 400, "entered_on_start_date"),
        ("/allocations", 400, "parent, assignee or workspace"),
        ("/ooo_entries?workspace=1000", 400, "user: Missing input"),
        ("/status_updates", 400, "parent: Missing input"),
        ("/portfolios?workspace=1000&owner=11", 403, "access"),
    ],
)
def test_refusals_come_in_asanas_form(client: Client, path: str, status: int, words: str) -> None:
    got, message = client.error(path)
    assert got == status
    assert words in message


@pytest.mark.parametrize(
    ("feature", "path"),
    [
        ("portfolios", f"/portfolios?workspace={ORGANISATION}"),
        ("goals", f"/goals?workspace={ORGANISATION}"),
        ("time_tracking", f"/time_tracking_entries?user={ANA}"),
        ("allocations", f"/allocations?parent={ALPHA}"),
        ("custom_fields", f"/projects/{ALPHA}/custom_field_settings"),
    ],
)
def test_a_feature_outside_the_plan_is_402(client: Client, state: Workspace, feature: str, path: str) -> None:
    assert client.ask(path).status_code == 200
    state.features.discard(feature)
    assert client.error(path)[0] == 402


def test_what_is_hidden_is_403_and_left_out_of_lists(client: Client, state: Workspace) -> None:
    only_here, both = with_tasks(state, 2)
    edits.add_to_project(state, both, BETA, at=later(1), by=ANA)
    edits.hide(state, ALPHA)
    assert [project["gid"] for project in client.data("/projects", workspace=ORGANISATION)] == [BETA]
    assert client.error(f"/projects/{ALPHA}")[0] == 403
    assert client.error("/tasks", project=ALPHA)[0] == 403
    assert client.error(f"/tasks/{only_here}")[0] == 403
    assert client.data(f"/tasks/{both}", opt_fields="projects.name,memberships.project.name") == {
        "gid": both,
        "projects": [{"gid": BETA, "name": "Beta"}],
        "memberships": [{"project": {"gid": BETA, "name": "Beta"}}],
    }
    edits.unhide(state, ALPHA)
    assert client.data(f"/tasks/{only_here}")["name"] == "Task 0"


def test_structure_lists(client: Client, state: Workspace) -> None:
    def gids(path: str, **parameters: str) -> list[str]:
        return [entry["gid"] for entry in client.data(path, **parameters)]

    assert gids("/workspaces") == [ORGANISATION]
    assert gids("/users", workspace=ORGANISATION) == [ANA, BEN]
    assert gids(f"/organizations/{ORGANISATION}/teams") == [TEAM]
    assert gids(f"/teams/{TEAM}/users") == [BEN]
    assert gids(f"/projects/{ALPHA}/sections") == ["300", "301"]
    assert gids("/memberships", parent=ALPHA) == gids("/memberships", parent=ALPHA)
    access = client.data("/memberships", parent=ALPHA, opt_fields="member.name,access_level")
    assert [(entry["member"]["name"], entry["access_level"]) for entry in access] == [
        ("Ana Quill", "admin"),
        ("Ben Quill", "editor"),
    ]
    assert gids(f"/portfolios/{PORTFOLIO}/items") == [ALPHA, FOREIGN_PORTFOLIO]
    assert gids("/goals", workspace=ORGANISATION) == [GOAL]
    assert gids("/goals", project=BETA, workspace=ORGANISATION) == []
    assert client.data("/goal_relationships", supported_goal=GOAL)[0]["supporting_resource"]["gid"] == ALPHA
    assert client.data("/allocations", workspace=ORGANISATION)[0]["effort"] == {"type": "percent", "value": 50}
    assert gids("/ooo_entries", workspace=ORGANISATION, user=BEN, start_date="2026-02-06") == ["810"]
    assert gids("/ooo_entries", workspace=ORGANISATION, user=BEN, start_date="2026-02-07") == []
    assert client.data(f"/projects/{ALPHA}/custom_field_settings")[0]["custom_field"]["name"] == "Priority"


def test_only_a_service_account_lists_the_portfolios_of_others(client: Client, state: Workspace) -> None:
    def listed() -> list[str]:
        return [entry["gid"] for entry in client.data("/portfolios", workspace=ORGANISATION)]

    assert listed() == [PORTFOLIO]
    state.service_account = True
    assert listed() == [PORTFOLIO, FOREIGN_PORTFOLIO]


def test_task_counts_answer_only_what_is_named(client: Client, state: Workspace) -> None:
    first, *_ = with_tasks(state, 3)
    edits.complete(state, first, at=later(1), by=ANA)
    assert client.data(f"/projects/{ALPHA}/task_counts") == {}
    asked = client.data(f"/projects/{ALPHA}/task_counts", opt_fields="num_tasks,num_incomplete_tasks,num_milestones")
    assert asked == {"num_tasks": 3, "num_incomplete_tasks": 2, "num_milestones": 0}
