"""Projects, their sections, fields, counts and members; tags and the workspace's custom fields."""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from typing import Any

from werkzeug.wrappers import Request

from simulator.asana.asking import asked_flag
from simulator.asana.refusals import bad_request, unknown_object
from simulator.asana.service import Routes, Service
from simulator.asana.workspace import Document

routes = Routes()


def _projects_page(service: Service, request: Request, *, workspace: str | None, team: str | None) -> Any:
    archived = asked_flag(request, "archived")
    chosen: Iterable[Document] = service.find.visible(service.state.projects.values())
    if workspace is not None:
        service.find.workspace_document(workspace)
        chosen = [project for project in chosen if service.find.belongs(project, workspace)]
    if team is not None:
        service.find.one(service.state.teams, team, "team")
        chosen = [project for project in chosen if (project.get("team") or {}).get("gid") == team]
    if archived is not None:
        chosen = [project for project in chosen if bool(project.get("archived")) is archived]
    return service.page(request, chosen, "project")


@routes.get("/projects")
def projects(service: Service, request: Request) -> Any:
    return _projects_page(service, request, workspace=request.args.get("workspace"), team=request.args.get("team"))


@routes.get("/workspaces/<gid>/projects", "/organizations/<gid>/projects")
def workspace_projects(service: Service, request: Request, gid: str) -> Any:
    return _projects_page(service, request, workspace=gid, team=None)


@routes.get("/teams/<gid>/projects")
def team_projects(service: Service, request: Request, gid: str) -> Any:
    return _projects_page(service, request, workspace=None, team=gid)


@routes.get("/projects/<gid>")
def project(service: Service, request: Request, gid: str) -> Any:
    return service.one(request, service.find.project(gid), "project")


@routes.get("/projects/<gid>/sections")
def sections(service: Service, request: Request, gid: str) -> Any:
    service.find.project(gid)
    return service.page(request, service.state.sections.get(gid, []), "section")


@routes.get("/sections/<gid>")
def section(service: Service, request: Request, gid: str) -> Any:
    return service.one(request, service.find.section(gid)[1], "section")


@routes.get("/projects/<gid>/task_counts")
def task_counts(service: Service, request: Request, gid: str) -> Any:
    service.find.project(gid)
    asked = {name.strip() for name in request.args.get("opt_fields", "").split(",")}
    return {"data": {name: n for name, n in counts(service, gid).items() if name in asked}}


@routes.get("/projects/<gid>/custom_field_settings")
def project_settings(service: Service, request: Request, gid: str) -> Any:
    service.find.need("custom_fields")
    service.find.project(gid)
    return service.page(request, service.state.custom_field_settings.get(gid, []), "custom_field_setting")


@routes.get("/portfolios/<gid>/custom_field_settings", "/goals/<gid>/custom_field_settings")
def other_settings(service: Service, request: Request, gid: str) -> Any:
    service.find.need("custom_fields")
    service.find.one({**service.state.portfolios, **service.state.goals}, gid, "parent")
    return service.page(request, service.state.custom_field_settings.get(gid, []), "custom_field_setting")


@routes.get("/workspaces/<gid>/custom_fields", "/organizations/<gid>/custom_fields")
def custom_fields(service: Service, request: Request, gid: str) -> Any:
    service.find.need("custom_fields")
    service.find.workspace_document(gid)
    return service.page(request, list(service.state.custom_fields.values()), "custom_field")


@routes.get("/custom_fields/<gid>")
def custom_field(service: Service, request: Request, gid: str) -> Any:
    service.find.need("custom_fields")
    return service.one(request, service.find.one(service.state.custom_fields, gid, "custom_field"), "custom_field")


@routes.get("/tags")
def tags(service: Service, request: Request) -> Any:
    gid = request.args.get("workspace")
    return service.page(
        request,
        [tag for tag in service.state.tags.values() if gid is None or service.find.belongs(tag, gid)],
        "tag",
    )


@routes.get("/workspaces/<gid>/tags")
def workspace_tags(service: Service, request: Request, gid: str) -> Any:
    service.find.workspace_document(gid)
    return service.page(request, [tag for tag in service.state.tags.values() if service.find.belongs(tag, gid)], "tag")


@routes.get("/tags/<gid>")
def tag(service: Service, request: Request, gid: str) -> Any:
    return service.one(request, service.find.one(service.state.tags, gid, "tag"), "tag")


@routes.get("/memberships")
def memberships(service: Service, request: Request) -> Any:
    parent, member = request.args.get("parent"), request.args.get("member")
    if parent is not None:
        entries = _members(service, parent)
        chosen = [entry for entry in entries if member is None or entry["member"]["gid"] == member]
    elif member in service.state.teams and request.args.get("resource_subtype") == "project_membership":
        chosen = [
            _membership(project, "project", service.state.teams[member], "editor")
            for project in service.find.visible(service.state.projects.values())
            if (project.get("team") or {}).get("gid") == member
        ]
    else:
        raise bad_request("parent: Missing input")
    return service.page(request, chosen, "membership")


def counts(service: Service, project_gid: str) -> dict[str, int]:
    """Asana's own counts of a project's tasks (subtasks not in the project do not count)."""
    tasks = [service.state.tasks[gid] for gid in service.state.project_tasks.get(project_gid, [])]
    milestones = [task for task in tasks if task.get("resource_subtype") == "milestone"]
    done = sum(1 for task in tasks if task.get("completed"))
    done_milestones = sum(1 for task in milestones if task.get("completed"))
    return {
        "num_tasks": len(tasks),
        "num_incomplete_tasks": len(tasks) - done,
        "num_completed_tasks": done,
        "num_milestones": len(milestones),
        "num_incomplete_milestones": len(milestones) - done_milestones,
        "num_completed_milestones": done_milestones,
    }


def _members(service: Service, parent: str) -> list[Document]:
    """The memberships of a project, portfolio or goal, read from its own lists of people."""
    state = service.state
    for kind, held in (("project", state.projects), ("portfolio", state.portfolios), ("goal", state.goals)):
        if parent in held:
            document = service.find.one(held, parent, "parent")
            owner = (document.get("owner") or {}).get("gid")
            people = document.get("members") or document.get("followers") or []
            return [
                _membership(document, kind, person, "admin" if person["gid"] == owner else "editor")
                for person in people
            ]
    raise unknown_object("parent", parent)


def _membership(parent: Document, kind: str, member: Document, access: str) -> Document:
    return {
        "gid": f"8{zlib.crc32((parent['gid'] + ':' + member['gid']).encode()):015d}",
        "resource_type": "membership",
        "resource_subtype": f"{kind}_membership",
        "parent": {"gid": parent["gid"], "resource_type": kind, "name": parent.get("name")},
        "member": {
            "gid": member["gid"],
            "resource_type": member.get("resource_type", "user"),
            "name": member.get("name"),
        },
        "access_level": access,
    }
