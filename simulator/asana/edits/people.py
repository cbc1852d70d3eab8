"""Changes to the people of a running simulated Asana."""

from __future__ import annotations

from typing import Any

from simulator.asana.workspace import Workspace


def rename_user(state: Workspace, gid: str, name: str) -> None:
    """The new name shows wherever the person is named; nothing is modified by that."""
    with state.lock:
        state.users[gid]["name"] = name
        for held in (state.tasks, state.stories, state.projects, state.time_entries, state.allocations):
            for document in held.values():
                _rename(document, gid, name)


def _rename(value: Any, gid: str, name: str) -> None:
    if isinstance(value, list):
        for entry in value:
            _rename(entry, gid, name)
    elif isinstance(value, dict):
        if value.get("gid") == gid and value.get("resource_type") == "user" and "name" in value:
            value["name"] = name
        for entry in value.values():
            _rename(entry, gid, name)
