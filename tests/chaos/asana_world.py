"""A small simulated Asana for one history: two followed projects, one beside them, some tasks with subtasks."""

from __future__ import annotations

from datetime import timedelta

from simulator.asana import edits
from simulator.asana.workspace import Document, Workspace, asana_time
from tests.chaos.jira_world import BEGINNING

HARBOUR, LANTERN, BESIDE = "300", "301", "302"
ME = "1"
SECTIONS = ("To Do", "Doing", "Done")


def build(tasks: int = 8) -> Workspace:
    """An organisation with `tasks` tasks, every third with two subtasks."""
    state = Workspace("100", name="Quayside", me=ME, features={"time_tracking"})
    for number, name in enumerate(("Ada Okafor", "Bo Lindqvist", "Chi Marino", "Dag Solvang"), 1):
        gid = str(number)
        mail = f"user{number}@chaos.invalid"
        state.users[gid] = {"gid": gid, "resource_type": "user", "name": name, "email": mail}
    state.teams = {"20": {**_named("20", "team", "Deck"), "organization": _named("100", "workspace", "Quayside")}}
    state.team_members = {"20": ["1", "2"]}
    past = BEGINNING - timedelta(days=20)
    for gid, name in ((HARBOUR, "Harbour"), (LANTERN, "Lantern"), (BESIDE, "Beside")):
        state.projects[gid] = {
            **_named(gid, "project", name),
            "workspace": _named("100", "workspace", "Quayside"),
            "archived": False,
            "completed": False,
            "created_at": asana_time(past),
            "modified_at": asana_time(past),
            "owner": _named("1", "user", "Ada Okafor"),
            "team": _named("20", "team", "Deck"),
            "permalink_url": f"https://app.asana.com/0/{gid}",
        }
        state.sections[gid] = [
            {**_named(f"4{gid}{place}", "section", section), "project": _named(gid, "project", name)}
            for place, section in enumerate(SECTIONS)
        ]
        state.project_tasks[gid] = []
    for number in range(tasks):
        at, by = past + timedelta(hours=number), str(1 + number % 3)
        home = (HARBOUR, LANTERN)[number % 2]
        gid = edits.create_task(state, f"Task {number}", at=at, by=by, project=home)
        if number % 3 == 0:
            child = edits.create_task(state, f"Part of {number}", at=at, by=by, parent=gid)
            edits.create_task(state, f"Below part of {number}", at=at, by=by, parent=child)
            edits.book_time(state, child, 30, past.date(), at=at, by=by, project=home)
        if number == 2:
            edits.add_to_project(state, gid, LANTERN, at=at, by=by)
    edits.create_task(state, "Somewhere else", at=past, by=ME, project=BESIDE)
    return state


def _named(gid: str, kind: str, name: str) -> Document:
    return {"gid": gid, "resource_type": kind, "name": name}
