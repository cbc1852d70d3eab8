"""Changes to a running simulated Asana, as its people would make them: `edits.complete(state, gid, at=..., by=...)`."""

from __future__ import annotations

from simulator.asana.edits.deletion import Trash, delete_task, undelete_task
from simulator.asana.edits.effort import book_time, correct_time, delete_time
from simulator.asana.edits.people import rename_user
from simulator.asana.edits.placement import (
    add_to_project,
    move_to_project,
    move_to_section,
    remove_from_project,
    reparent,
)
from simulator.asana.edits.projects import (
    add_portfolio_item,
    archive_project,
    expire_offsets,
    expire_sync_tokens,
    hide,
    post_status,
    remove_portfolio_item,
    rename_project,
    rename_section,
    unhide,
)
from simulator.asana.edits.tasks import (
    add_dependency,
    assign,
    comment,
    complete,
    create_task,
    edit,
    reopen,
    set_custom_value,
)

__all__ = [
    "Trash",
    "add_dependency",
    "add_portfolio_item",
    "add_to_project",
    "archive_project",
    "assign",
    "book_time",
    "comment",
    "complete",
    "correct_time",
    "create_task",
    "delete_task",
    "delete_time",
    "edit",
    "expire_offsets",
    "expire_sync_tokens",
    "hide",
    "move_to_project",
    "move_to_section",
    "post_status",
    "remove_from_project",
    "remove_portfolio_item",
    "rename_project",
    "rename_section",
    "rename_user",
    "reopen",
    "reparent",
    "set_custom_value",
    "undelete_task",
    "unhide",
]
