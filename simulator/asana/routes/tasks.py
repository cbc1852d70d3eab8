"""Tasks: by project, section, tag or assignee; their subtasks, stories and dependencies."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from werkzeug.wrappers import Request

from simulator.asana.asking import asked_instant, instant
from simulator.asana.refusals import bad_request
from simulator.asana.service import Routes, Service
from simulator.asana.workspace import Document

CHOOSE_ONE = "You must specify exactly one of project, tag, section, user task list, or assignee + workspace"


routes = Routes()


def _tasks_page(service: Service, request: Request, tasks: Iterable[Document]) -> Any:
    modified = asked_instant(request, "modified_since")
    open_only = request.args.get("completed_since") == "now"
    completed = None if open_only else asked_instant(request, "completed_since")
    chosen = [
        service.find.as_seen(task)
        for task in tasks
        if service.find.may_see_task(task)
        and (modified is None or _since(task.get("modified_at"), modified))
        and not (open_only and task.get("completed"))
        and (completed is None or not task.get("completed") or _since(task.get("completed_at"), completed))
    ]
    return service.page(request, chosen, "task")


def _in_project(service: Service, gid: str) -> list[Document]:
    service.find.project(gid)
    return [
        service.state.tasks[task] for task in service.state.project_tasks.get(gid, []) if task in service.state.tasks
    ]


def _in_section(service: Service, gid: str) -> list[Document]:
    project, _ = service.find.section(gid)
    return [
        task
        for task in _in_project(service, project)
        if any((entry.get("section") or {}).get("gid") == gid for entry in task.get("memberships") or [])
    ]


@routes.get("/tasks")
def tasks(service: Service, request: Request) -> Any:
    given = [name for name in ("project", "section", "tag", "assignee") if name in request.args]
    if len(given) != 1:
        raise bad_request(CHOOSE_ONE)
    value = request.args[given[0]]
    if given[0] == "project":
        return _tasks_page(service, request, _in_project(service, value))
    if given[0] == "section":
        return _tasks_page(service, request, _in_section(service, value))
    if given[0] == "tag":
        service.find.one(service.state.tags, value, "tag")
        return _tasks_page(
            service, request, [task for task in service.state.tasks.values() if _names(task, "tags", value)]
        )
    if "workspace" not in request.args:
        raise bad_request(CHOOSE_ONE)
    service.find.workspace_document(request.args["workspace"])
    who = service.find.user(value)["gid"]
    mine = [task for task in service.state.tasks.values() if (task.get("assignee") or {}).get("gid") == who]
    return _tasks_page(service, request, mine)


@routes.get("/projects/<gid>/tasks")
def project_tasks(service: Service, request: Request, gid: str) -> Any:
    return _tasks_page(service, request, _in_project(service, gid))


@routes.get("/sections/<gid>/tasks")
def section_tasks(service: Service, request: Request, gid: str) -> Any:
    return _tasks_page(service, request, _in_section(service, gid))


@routes.get("/tasks/<gid>")
def task(service: Service, request: Request, gid: str) -> Any:
    return service.one(request, service.find.as_seen(service.find.task(gid)), "task")


@routes.get("/tasks/<gid>/subtasks")
def subtasks(service: Service, request: Request, gid: str) -> Any:
    service.find.task(gid)
    below = (service.state.tasks[child] for child in service.state.subtasks.get(gid, []))
    seen = [service.find.as_seen(child) for child in below if service.find.may_see_task(child)]
    return service.page(request, seen, "task")


@routes.get("/tasks/<gid>/stories")
def stories(service: Service, request: Request, gid: str) -> Any:
    service.find.task(gid)
    return service.page(request, service.state.stories.get(gid, []), "story")


@routes.get("/tasks/<gid>/dependencies")
def dependencies(service: Service, request: Request, gid: str) -> Any:
    return service.page(request, _linked(service, gid, "dependencies"), "task")


@routes.get("/tasks/<gid>/dependents")
def dependents(service: Service, request: Request, gid: str) -> Any:
    return service.page(request, _linked(service, gid, "dependents"), "task")


def _linked(service: Service, gid: str, key: str) -> list[Document]:
    whole = (service.state.tasks.get(other["gid"], other) for other in service.find.task(gid).get(key) or [])
    return [other for other in whole if "projects" not in other or service.find.may_see_task(other)]


def _since(text: str | None, moment: datetime) -> bool:
    return text is not None and instant(text) >= moment


def _names(task: Document, key: str, gid: str) -> bool:
    return any(entry["gid"] == gid for entry in task.get(key) or [])
