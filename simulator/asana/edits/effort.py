"""Time booked on the tasks of a running simulated Asana. No event tells of it, and no entry when it was changed."""

from __future__ import annotations

from datetime import date, datetime

from simulator.asana.edits.journal import new_gid, person, reference
from simulator.asana.workspace import Workspace, asana_time


def book_time(
    state: Workspace, task: str, minutes: int, day: date, *, at: datetime, by: str, project: str | None = None
) -> str:
    """A time entry of `minutes` on a day, which need not be the day of booking. Moves the task's actual time."""
    with state.lock:
        document = state.tasks[task]
        gid = new_gid(state)
        state.time_entries[gid] = {
            "gid": gid,
            "resource_type": "time_tracking_entry",
            "duration_minutes": minutes,
            "entered_on": day.isoformat(),
            "created_at": asana_time(at),
            "created_by": person(state, by),
            "task": reference(document),
            "attributable_to": reference(state.projects[project]) if project else None,
        }
        document["actual_time_minutes"] = (document.get("actual_time_minutes") or 0) + minutes
        document["modified_at"] = asana_time(at)
        return gid


def correct_time(state: Workspace, entry: str, minutes: int) -> None:
    """Change a booked duration afterwards. Nothing says when: entries carry no time of modification."""
    with state.lock:
        booked = state.time_entries[entry]
        task = state.tasks.get(booked["task"]["gid"])
        if task is not None:
            task["actual_time_minutes"] = (task.get("actual_time_minutes") or 0) + minutes - booked["duration_minutes"]
        booked["duration_minutes"] = minutes


def delete_time(state: Workspace, entry: str) -> None:
    with state.lock:
        correct_time(state, entry, 0)
        del state.time_entries[entry]
