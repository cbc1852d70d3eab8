"""Users, workspaces and teams."""

from __future__ import annotations

from typing import Any

from werkzeug.wrappers import Request

from simulator.asana.asking import required
from simulator.asana.service import Routes, Service
from simulator.asana.workspace import Document

routes = Routes()


def _users_of(service: Service, gid: str) -> list[Document]:
    service.find.workspace_document(gid)
    return [
        user
        for _, user in sorted(service.state.users.items())
        if any(w["gid"] == gid for w in user.get("workspaces") or [{"gid": service.state.gid}])
    ]


def _members_of(service: Service, gid: str) -> list[Document]:
    service.find.one(service.state.teams, gid, "team")
    return [
        service.state.users[member]
        for member in service.state.team_members.get(gid, [])
        if member in service.state.users
    ]


@routes.get("/users")
def users(service: Service, request: Request) -> Any:
    if "team" in request.args:
        return service.page(request, _members_of(service, request.args["team"]), "user")
    if "workspace" in request.args:
        return service.page(request, _users_of(service, request.args["workspace"]), "user")
    return service.page(request, [user for _, user in sorted(service.state.users.items())], "user")


@routes.get("/users/<gid>")
def user(service: Service, request: Request, gid: str) -> Any:
    return service.one(request, service.find.user(gid), "user")


@routes.get("/users/<gid>/teams")
def user_teams(service: Service, request: Request, gid: str) -> Any:
    organisation = required(request, "organization")
    who = service.find.user(gid)["gid"]
    teams = [
        team
        for key, team in service.state.teams.items()
        if who in service.state.team_members.get(key, []) and service.find.belongs(team, organisation, "organization")
    ]
    return service.page(request, teams, "team")


@routes.get("/workspaces")
def workspaces(service: Service, request: Request) -> Any:
    return service.page(request, service.find.workspaces(), "workspace")


@routes.get("/workspaces/<gid>", "/organizations/<gid>")
def workspace(service: Service, request: Request, gid: str) -> Any:
    return service.one(request, service.find.workspace_document(gid), "workspace")


@routes.get("/workspaces/<gid>/users", "/organizations/<gid>/users")
def workspace_users(service: Service, request: Request, gid: str) -> Any:
    return service.page(request, sorted(_users_of(service, gid), key=lambda user: str(user.get("name"))), "user")


@routes.get("/workspaces/<gid>/teams", "/organizations/<gid>/teams")
def teams(service: Service, request: Request, gid: str) -> Any:
    service.find.workspace_document(gid)
    own = [team for team in service.state.teams.values() if service.find.belongs(team, gid, "organization")]
    return service.page(request, service.find.visible(own), "team")


@routes.get("/teams/<gid>")
def team(service: Service, request: Request, gid: str) -> Any:
    return service.one(request, service.find.one(service.state.teams, gid, "team"), "team")


@routes.get("/teams/<gid>/users")
def team_users(service: Service, request: Request, gid: str) -> Any:
    return service.page(request, _members_of(service, gid), "user")
