"""What a portfolio must show of a simulated Asana, from its documents alone. Knows no connector and no sync."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import date

from simulator.asana.workspace import Document, Workspace
from tests.chaos.asana_world import HARBOUR, LANTERN
from tests.chaos.portrait import ItemPortrait, Portrait

_CATEGORIES = {"Doing": "in_progress", "Done": "in_progress"}
"""Of sections, for tasks that are not completed: Asana's flag alone decides about done."""


def followed(state: Workspace, scoped: bool) -> set[str]:
    """The projects the connection follows and sees."""
    wanted = {HARBOUR, LANTERN} if scoped else set(state.projects)
    return wanted - state.inaccessible


def there(state: Workspace, scoped: bool) -> set[str]:
    """The tasks that count: those in a followed project, and what is below them and in none."""
    projects = followed(state, scoped)
    return {gid for gid, task in state.tasks.items() if _home(state, task, projects) is not None}


def expected(state: Workspace, scoped: bool, fates: Mapping[str, set[str]], today: date) -> Portrait:
    """The portrait the portfolio should be. `fates` is what ever befell a task that is not there."""
    projects = followed(state, scoped)
    tasks = {gid: state.tasks[gid] for gid in there(state, scoped)}
    items = {gid: _item(state, task, tasks, projects, scoped) for gid, task in tasks.items()}
    born = [items[gid].project or "" for gid, task in tasks.items() if task["created_at"][:10] <= today.isoformat()]
    updates = [update for project in projects for update in state.status_updates.get(project, ())]
    return Portrait(
        items=items,
        gone=dict(fates),
        links=frozenset(
            ("FS", other["gid"], gid)
            for gid, task in tasks.items()
            for other in task["dependencies"]
            if other["gid"] in tasks
        ),
        projects={gid: (state.projects[gid]["name"], state.projects[gid]["archived"]) for gid in projects},
        sprints={},
        milestones={},
        reports={update["gid"]: (update["title"], update["status_type"]) for update in updates},
        people={gid: (user["name"], True) for gid, user in state.users.items()},
        counted=dict(Counter(born)),
    )


def _home(state: Workspace, task: Document | None, projects: set[str]) -> str | None:
    """The project a task counts to: the first of its own that is followed, else that of the task above it."""
    if task is None or task["gid"] in state.inaccessible:
        return None
    own = [place["project"]["gid"] for place in task["memberships"]]
    if own and all(gid in state.inaccessible for gid in own):
        return None
    counting = [gid for gid in own if gid in projects]
    if counting:
        return counting[0]
    parent = task["parent"]
    return _home(state, state.tasks.get(parent["gid"]), projects) if parent else None


def _item(
    state: Workspace, task: Document, tasks: Mapping[str, Document], projects: set[str], scoped: bool
) -> ItemPortrait:
    home, parent = _home(state, task, projects), task["parent"]
    own = {place["project"]["gid"]: place["section"] for place in task["memberships"]}
    section = own[home]["name"] if home in own else ""
    counting = projects if scoped else None
    return ItemPortrait(
        title=task["name"],
        key=task["gid"],
        project=home,
        projects=frozenset(own.keys() & projects) or frozenset({home} - {None}),
        status=section,
        category="done" if task["completed"] else _CATEGORIES.get(section, "todo"),
        assignee=task["assignee"]["gid"] if task["assignee"] else None,
        due=date.fromisoformat(task["due_on"]) if task["due_on"] else None,
        estimate_s=None,
        parent=parent["gid"] if parent and parent["gid"] in tasks else None,
        turns=None,
        worked=frozenset(
            (gid, entry["duration_minutes"] * 60)
            for gid, entry in state.time_entries.items()
            if entry["task"]["gid"] == task["gid"] and (counting is None or entry["attributable_to"]["gid"] in counting)
        ),
        sprints=frozenset(),
    )
