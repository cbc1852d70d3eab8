"""The Asana organisation: stories lead back to the beginning, tasks stand where they should, the rest fits."""

from __future__ import annotations

from typing import Any

from simulator.asana.workspace import Workspace
from simulator.company.build import Company
from simulator.company.plan import Tracker


def custom(task: dict[str, Any], gid: str) -> dict[str, Any]:
    found: dict[str, Any] = next(field for field in task["custom_fields"] if field["gid"] == gid)
    return found


def undo(task: dict[str, Any], story: dict[str, Any], state: dict[str, Any]) -> None:
    """Check that `state` is what the story led to, and put back what was before it."""
    match story["resource_subtype"]:
        case "section_changed":
            where = story["project"]["gid"]
            assert state["sections"][where] == story["new_section"]["gid"]
            state["sections"][where] = story["old_section"]["gid"]
        case "due_date_changed":
            assert state["due_on"] == story["new_dates"]["due_on"]
            state["due_on"] = story["old_dates"]["due_on"]
        case "marked_complete" | "marked_incomplete":
            assert state["completed"] is (story["resource_subtype"] == "marked_complete")
            state["completed"] = not state["completed"]
        case "approval_status_changed":
            assert state["approval"] == story["new_approval_status"]
            state["approval"] = story["old_approval_status"]
            state["completed"] = state["approval"] != "pending"
        case "assigned" | "unassigned":
            given = story["assignee"]["gid"] if story["resource_subtype"] == "assigned" else None
            if state["assignee"] != "unknown":
                assert state["assignee"] == given
            state["assignee"] = "unknown"
        case "enum_custom_field_changed":
            gid = story["custom_field"]["gid"]
            now = state.get(gid) or custom(task, gid)["enum_value"]["gid"]
            assert now == story["new_enum_value"]["gid"]
            state[gid] = story["old_enum_value"]["gid"]
        case "number_custom_field_changed":
            gid = story["custom_field"]["gid"]
            assert state.get(gid, custom(task, gid)["number_value"]) == story["new_number_value"]
            state[gid] = story["old_number_value"]


def test_stories_lead_back_to_the_beginning(whole: Company) -> None:
    space = whole.workspace
    items = {item.external_id: item for item in whole.plan.items if item.project.tracker is Tracker.ASANA}
    assert set(items) == set(space.tasks)
    for gid, task in space.tasks.items():
        stories = space.stories[gid]
        assert [story["created_at"] for story in stories] == sorted(story["created_at"] for story in stories)
        state = {
            "sections": {place["project"]["gid"]: place["section"]["gid"] for place in task["memberships"]},
            "due_on": task["due_on"],
            "completed": task["completed"],
            "approval": task.get("approval_status"),
            "assignee": task["assignee"] and task["assignee"]["gid"],
        }
        for story in reversed(stories):
            undo(task, story, state)
        first = items[gid].at_creation("due")
        assert state["due_on"] == (first and first.isoformat())
        assert state["completed"] is False
        assert state["approval"] in (None, "pending")
        assert state["assignee"] in (None, "unknown")


def test_second_projects_move_tasks_within_their_own_sections(whole: Company) -> None:
    tasks = [task for task in whole.workspace.tasks.values() if len(task["memberships"]) == 2]
    second = [
        story
        for task in tasks
        for story in whole.workspace.stories[task["gid"]]
        if story["resource_subtype"] == "section_changed"
        and story["project"]["gid"] == task["memberships"][1]["project"]["gid"]
    ]
    assert len(second) > len(tasks) // 4


def test_completion_agrees_with_its_instant(whole: Company) -> None:
    for gid, task in whole.workspace.tasks.items():
        assert task["completed"] == (task["completed_at"] is not None) == (task["completed_by"] is not None)
        assert task["modified_at"] >= max(story["created_at"] for story in whole.workspace.stories[gid])
        if task["resource_subtype"] == "approval":
            assert task["completed"] == (task["approval_status"] != "pending")


def test_tasks_stand_in_sections_of_their_projects(whole: Company) -> None:
    space = whole.workspace
    sections = {project: {section["gid"] for section in listed} for project, listed in space.sections.items()}
    for gid, task in space.tasks.items():
        for membership in task["memberships"]:
            assert membership["section"]["gid"] in sections[membership["project"]["gid"]]
            assert gid in space.project_tasks[membership["project"]["gid"]]
        assert (task["parent"] is None) == (gid not in {c for kids in children_of(space, task) for c in kids})
    listed = sum(len(gids) for gids in space.project_tasks.values())
    homes = [len(task["memberships"]) for task in space.tasks.values()]
    assert listed == sum(homes)
    assert homes.count(2) > 40
    assert homes.count(0) > 100


def children_of(space: Workspace, task: dict[str, Any]) -> list[list[str]]:
    parent = task["parent"]
    return [space.subtasks[parent["gid"]]] if parent else []


def test_subtasks_and_dependencies_hold(whole: Company) -> None:
    space = whole.workspace
    for gid, children in space.subtasks.items():
        assert space.tasks[gid]["num_subtasks"] == len(children)
    crossing = 0
    for gid, task in space.tasks.items():
        for later in task["dependents"]:
            assert gid in {entry["gid"] for entry in space.tasks[later["gid"]]["dependencies"]}
            crossing += space.tasks[later["gid"]]["projects"][:1] != task["projects"][:1]
        assert len(task["dependents"]) + len(task["dependencies"]) <= 30
    assert crossing > 10


def test_gids_are_unique_texts_of_sixteen_digits(whole: Company) -> None:
    space = whole.workspace
    gids = [*space.tasks, *space.users, *space.projects, *space.time_entries, *space.portfolios, *space.allocations]
    gids += [story["gid"] for stories in space.stories.values() for story in stories]
    gids += [section["gid"] for listed in space.sections.values() for section in listed]
    assert len(set(gids)) == len(gids)
    assert all(len(gid) == 16 and gid.isdigit() for gid in gids)


def test_time_and_effort_agree(whole: Company) -> None:
    space = whole.workspace
    spent: dict[str, int] = {}
    for entry in space.time_entries.values():
        spent[entry["task"]["gid"]] = spent.get(entry["task"]["gid"], 0) + entry["duration_minutes"]
    assert {
        gid: task["actual_time_minutes"] for gid, task in space.tasks.items() if task["actual_time_minutes"]
    } == spent
    assert len(spent) > 500
    marked = {
        field["gid"] for field in space.custom_fields.values() if field["asana_created_field"] == "estimated_time"
    }
    assert len(marked) == 1
    minutes = [
        field["number_value"]
        for task in space.tasks.values()
        for field in task["custom_fields"]
        if field["gid"] in marked and field["number_value"]
    ]
    assert len(minutes) > 300
    assert all(60 <= number <= 6000 for number in minutes)


def test_all_kinds_of_documents_are_there(whole: Company) -> None:
    space = whole.workspace
    subtypes = {task["resource_subtype"] for task in space.tasks.values()}
    assert subtypes == {"default_task", "milestone", "approval"}
    assert all(task["start_on"] is None for task in space.tasks.values() if task["resource_subtype"] == "milestone")
    assert {a["effort"]["type"] for a in space.allocations.values()} == {"hours", "percent"}
    assert space.goals
    assert all(space.goal_relationships[gid] for gid in space.goals)
    assert all(absence["user"]["gid"] in space.users for absence in space.out_of_office.values())
    assert any(project["archived"] for project in space.projects.values())
    assert any(project["team"] is None for project in space.projects.values())
    names = [tag["name"] for tag in space.tags.values()]
    assert len(names) > len(set(names))
    said = [update["status_type"] for updates in space.status_updates.values() for update in updates]
    assert {"on_track", "at_risk", "off_track", "on_hold", "complete"} == set(said)
