"""Asana resources nobody recorded by themselves, taken from the tasks, projects and stories that name them."""

from __future__ import annotations

from typing import Any

from simulator.records.recorded import RecordedWorkspace
from simulator.records.sighting import Document

_VALUES = {
    "enum_value", "multi_enum_values", "number_value", "text_value", "date_value", "people_value", "display_value",
}  # fmt: skip
_PEOPLE = ("assignee", "completed_by", "created_by", "owner", "members", "followers")


def derive(state: RecordedWorkspace) -> None:
    """Complete the workspace; count what was added in `state.derived`."""
    for gid in state.project_tasks:
        if gid not in state.projects:
            state.projects[gid] = {"gid": gid, "resource_type": "project"}
            _count(state, "projects")
    for task in state.tasks.values():
        _sections(state, task)
        _custom_fields(state, task)
    everything = [*state.tasks.values(), *state.projects.values()]
    everything += [story for stories in state.stories.values() for story in stories]
    for document in everything:
        _people(state, document)
        team = document.get("team")
        if isinstance(team, dict) and team["gid"] not in state.teams:
            state.teams[team["gid"]] = typed(team, "team")
            _count(state, "teams")


def some_user(state: RecordedWorkspace) -> str:
    """The asking account where none was recorded: the first user, or a made-up one."""
    if not state.users:
        state.users["1"] = {"gid": "1", "resource_type": "user", "name": "Recorded account"}
        _count(state, "users")
    return next(iter(state.users))


def typed(document: Document, kind: str) -> Document:
    return {**document, "resource_type": kind}


def gid_of(value: Any) -> str:
    """The gid of an embedded resource; "" where there is none."""
    return str(value["gid"]) if isinstance(value, dict) and value.get("gid") else ""


def _sections(state: RecordedWorkspace, task: Document) -> None:
    for entry in task.get("memberships") or []:
        project, section = gid_of(entry.get("project")), entry.get("section")
        if project and gid_of(section):
            held = state.sections.setdefault(project, [])
            if all(known["gid"] != section["gid"] for known in held):
                held.append(typed(section, "section"))
                _count(state, "sections")


def _custom_fields(state: RecordedWorkspace, task: Document) -> None:
    for value in task.get("custom_fields") or []:
        if value["gid"] not in state.custom_fields:
            bare = {name: part for name, part in value.items() if name not in _VALUES}
            state.custom_fields[value["gid"]] = bare
            _count(state, "custom_fields")


def _people(state: RecordedWorkspace, document: Document) -> None:
    for name in _PEOPLE:
        people = document.get(name)
        for person in people if isinstance(people, list) else [people]:
            if isinstance(person, dict) and gid_of(person) and person["gid"] not in state.users:
                state.users[person["gid"]] = typed(person, "user")
                _count(state, "users")


def _count(state: RecordedWorkspace, kind: str) -> None:
    state.derived[kind] = state.derived.get(kind, 0) + 1
