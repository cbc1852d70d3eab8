"""Changes to the projects of a running simulated Asana, and to what the account sees."""

from __future__ import annotations

from datetime import datetime

from simulator.asana.edits.journal import add_event, last_sequence, new_gid, person, reference
from simulator.asana.workspace import Document, Workspace, asana_time


def post_status(
    state: Workspace, parent: str, status_type: str, title: str, text: str, *, at: datetime, by: str
) -> str:
    """A status update on a project, portfolio or goal, which becomes its current one. Gives its gid."""
    with state.lock:
        kind, document = _above(state, parent)
        update: Document = {
            "gid": new_gid(state),
            "resource_type": "status_update",
            "resource_subtype": f"{kind}_status_update",
            "title": title,
            "text": text,
            "status_type": status_type,
            "author": person(state, by),
            "created_by": person(state, by),
            "created_at": asana_time(at),
            "modified_at": asana_time(at),
            "parent": reference(document),
        }
        state.status_updates.setdefault(parent, []).append(update)
        document["current_status_update"] = {
            name: update[name] for name in ("gid", "resource_type", "resource_subtype", "title", "status_type")
        }
        add_event(state, update, "added", at, by, parent=document, resources={parent, state.gid})
        return str(update["gid"])


def archive_project(state: Workspace, gid: str, *, at: datetime, by: str, archived: bool = True) -> None:
    with state.lock:
        _change_project(state, gid, "archived", archived, at, by)


def rename_project(state: Workspace, gid: str, name: str, *, at: datetime, by: str) -> None:
    """The new name shows wherever the project is named; the tasks in it are not modified by that."""
    with state.lock:
        _change_project(state, gid, "name", name, at, by)
        for task_gid in state.project_tasks.get(gid, []):
            task = state.tasks[task_gid]
            homes = [*(task.get("projects") or []), *(entry.get("project") for entry in task.get("memberships") or [])]
            for home in homes:
                if home and home["gid"] == gid:
                    home["name"] = name


def rename_section(state: Workspace, project: str, gid: str, name: str) -> None:
    """Sections carry no time of modification, and no story tells of it."""
    with state.lock:
        section = next(section for section in state.sections[project] if section["gid"] == gid)
        section["name"] = name
        for task in state.project_tasks.get(project, []):
            for entry in state.tasks[task].get("memberships") or []:
                placed = entry.get("section")
                if placed and placed["gid"] == gid:
                    placed["name"] = name


def add_portfolio_item(state: Workspace, portfolio: str, item: str, *, index: int | None = None) -> None:
    with state.lock:
        items = state.portfolio_items.setdefault(portfolio, [])
        items.insert(len(items) if index is None else index, item)


def remove_portfolio_item(state: Workspace, portfolio: str, item: str) -> None:
    with state.lock:
        state.portfolio_items[portfolio].remove(item)


def hide(state: Workspace, gid: str) -> None:
    """The account loses access: lists leave the resource out, asking for it answers 403."""
    with state.lock:
        state.inaccessible.add(gid)


def unhide(state: Workspace, gid: str) -> None:
    with state.lock:
        state.inaccessible.discard(gid)


def expire_sync_tokens(state: Workspace) -> None:
    """Every sync token handed out so far answers 412."""
    with state.lock:
        state.events_kept_from = last_sequence(state) + 1


def expire_offsets(state: Workspace) -> None:
    """Every paging offset handed out so far answers 400."""
    with state.lock:
        state.paging_epoch += 1


def _change_project(state: Workspace, gid: str, field: str, value: object, at: datetime, by: str) -> None:
    project = state.projects[gid]
    project[field] = value
    project["modified_at"] = asana_time(at)
    change: Document = {"field": field, "action": "changed"}
    add_event(state, project, "changed", at, by, resources={gid, state.gid}, change=change)


def _above(state: Workspace, gid: str) -> tuple[str, Document]:
    for kind, held in (("project", state.projects), ("portfolio", state.portfolios), ("goal", state.goals)):
        if gid in held:
            return kind, held[gid]
    raise KeyError(gid)
