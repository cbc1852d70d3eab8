"""An Asana workspace out of sightings. Answers to different `opt_fields` are parts of one resource and are joined."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

from simulator.records.asana_derive import derive, gid_of, some_user, typed
from simulator.records.newest import age_of
from simulator.records.recorded import RecordedWorkspace
from simulator.records.sighting import Document, Sighting

_PLACE = re.compile(r"/(tasks|projects|teams|workspaces|organizations)/(\d+)/(\w+)")
_ASKED = re.compile(r"[?&](project|workspace|parent|team)=(\d+)")
_KINDS = {
    "user", "team", "project", "section", "task", "story", "tag", "workspace", "status_update", "portfolio", "goal",
    "time_tracking_entry", "allocation", "custom_field",
}  # fmt: skip


class AsanaGatherer:
    """Takes sightings, gives the workspace. The first workspace seen is the main one."""

    def __init__(self) -> None:
        self._held: dict[str, dict[str, Document]] = {kind: {} for kind in _KINDS}
        self._ages: dict[str, Any] = {}
        self._homes: dict[str, set[str]] = {}
        self._story_of: dict[str, str] = {}
        self._team_of: dict[str, set[str]] = {}
        self._parent_of: dict[str, str] = {}
        self._me = ""
        self._left_out: Counter[str] = Counter()

    def add(self, sighting: Sighting) -> None:
        document = sighting.document
        kind = _kind(sighting)
        if kind is None:
            return
        gid = str(document["gid"])
        held = self._held[kind]
        age = age_of(sighting)
        if gid not in held:
            held[gid], self._ages[gid] = {**document}, age
        elif age >= self._ages[gid]:
            held[gid], self._ages[gid] = {**held[gid], **document}, age
        else:
            held[gid] = {**document, **held[gid]}
        self._place(kind, gid, sighting)

    def workspace(self) -> RecordedWorkspace:
        self._see_workspaces()
        homes = list(self._held["workspace"].values())
        main = homes[0] if homes else {"gid": "1", "name": "recorded"}
        state = RecordedWorkspace(gid=str(main["gid"]), name=str(main.get("name") or "recorded"))
        state.is_organization = bool(main.get("is_organization", True))
        state.other_workspaces = {str(home["gid"]): typed(home, "workspace") for home in homes[1:]}
        for kind, target in (
            ("user", state.users),
            ("team", state.teams),
            ("project", state.projects),
            ("tag", state.tags),
            ("portfolio", state.portfolios),
            ("goal", state.goals),
            ("time_tracking_entry", state.time_entries),
            ("allocation", state.allocations),
            ("custom_field", state.custom_fields),
        ):
            target.update(self._held[kind])
        state.team_members = {team: sorted(members) for team, members in self._team_of.items()}
        self._put_tasks(state)
        self._put_lists(state)
        derive(state)
        state.me = self._me if self._me in state.users else some_user(state)
        state.features = _features(state)
        state.left_out = dict(self._left_out)
        return state

    def _place(self, kind: str, gid: str, sighting: Sighting) -> None:
        """What the request tells of a document's place: the project of a task, the task of a story ..."""
        if kind == "user" and sighting.stream == "me":
            self._me = gid
        place = _PLACE.search(sighting.address)
        asked = dict(_ASKED.findall(sighting.address))
        if kind == "task":
            if place and place.group(1) == "projects":
                self._homes.setdefault(gid, set()).add(place.group(2))
            elif "project" in asked:
                self._homes.setdefault(gid, set()).add(asked["project"])
        elif kind == "story" and place and place.group(1) == "tasks":
            self._story_of[gid] = place.group(2)
        elif kind == "user" and place and place.group(1) == "teams":
            self._team_of.setdefault(place.group(2), set()).add(gid)
        elif kind == "section" and place and place.group(1) == "projects":
            self._parent_of[gid] = place.group(2)
        elif kind == "status_update" and "parent" in asked:
            self._parent_of[gid] = asked["parent"]

    def _see_workspaces(self) -> None:
        for kind in ("project", "task", "team", "tag"):
            for document in self._held[kind].values():
                home = document.get("workspace") or document.get("organization")
                if isinstance(home, dict) and home.get("gid"):
                    known = self._held["workspace"].setdefault(str(home["gid"]), {})
                    known.update({**home, **known})

    def _put_tasks(self, state: RecordedWorkspace) -> None:
        for gid, task in self._held["task"].items():
            state.tasks[gid] = task
            parent = gid_of(task.get("parent"))
            if parent:
                state.subtasks.setdefault(parent, []).append(gid)
            homes = set(self._homes.get(gid, ()))
            homes |= {gid_of(entry.get("project")) for entry in task.get("memberships") or []}
            homes |= {gid_of(project) for project in task.get("projects") or []}
            homes.discard("")
            for home in sorted(homes):
                state.project_tasks.setdefault(home, []).append(gid)
            if not homes and not parent:
                self._left_out["tasks in no known project (served by gid only)"] += 1

    def _put_lists(self, state: RecordedWorkspace) -> None:
        for gid, story in self._held["story"].items():
            task = self._story_of.get(gid) or gid_of(story.get("target"))
            if task in state.tasks:
                state.stories.setdefault(task, []).append(story)
            else:
                self._left_out["stories of no known task"] += 1
        for gid, section in self._held["section"].items():
            project = self._parent_of.get(gid) or gid_of(section.get("project"))
            if project:
                state.sections.setdefault(project, []).append(section)
            else:
                self._left_out["sections of no known project"] += 1
        for gid, update in self._held["status_update"].items():
            parent = self._parent_of.get(gid) or gid_of(update.get("parent"))
            if parent:
                state.status_updates.setdefault(parent, []).append(update)
            else:
                self._left_out["status updates of no known parent"] += 1


def _kind(sighting: Sighting) -> str | None:
    """The resource's own type, else the singular of the stream's name."""
    kind = sighting.document.get("resource_type")
    if kind is None:
        kind = {"stories": "story", "time_tracking_entries": "time_tracking_entry"}.get(
            sighting.stream, sighting.stream.removesuffix("s")
        )
        place = _PLACE.search(sighting.address)
        last = place.group(3) if place else sighting.address.split("?")[0].rpartition("/")[2]
        if kind not in _KINDS:
            kind = "story" if last == "stories" else last.removesuffix("s")
    return kind if kind in _KINDS else None


def _features(state: RecordedWorkspace) -> set[str]:
    """The plan had at least what was recorded."""
    shown = {
        "custom_fields": state.custom_fields,
        "portfolios": state.portfolios,
        "goals": state.goals,
        "time_tracking": state.time_entries,
        "allocations": state.allocations,
    }
    return {feature for feature, held in shown.items() if held}
