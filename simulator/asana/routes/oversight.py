"""Portfolios and their items, goals and what supports them, status updates."""

from __future__ import annotations

from typing import Any

from werkzeug.wrappers import Request

from simulator.asana.asking import asked_flag, asked_instant, instant, required
from simulator.asana.refusals import bad_request, forbidden
from simulator.asana.service import Routes, Service
from simulator.asana.workspace import Document

routes = Routes()


@routes.get("/portfolios")
def portfolios(service: Service, request: Request) -> Any:
    service.find.need("portfolios")
    workspace = required(request, "workspace")
    service.find.workspace_document(workspace)
    owner = request.args.get("owner")
    who = service.find.user(owner)["gid"] if owner else None
    if not service.state.service_account:
        if who not in {None, service.state.me}:
            raise forbidden("owner", who or "")
        who = service.state.me
    chosen = [
        portfolio
        for portfolio in service.find.visible(service.state.portfolios.values())
        if service.find.belongs(portfolio, workspace)
        and (who is None or (portfolio.get("owner") or {}).get("gid") == who)
    ]
    return service.page(request, chosen, "portfolio")


@routes.get("/portfolios/<gid>")
def portfolio(service: Service, request: Request, gid: str) -> Any:
    service.find.need("portfolios")
    return service.one(request, service.find.one(service.state.portfolios, gid, "portfolio"), "portfolio")


@routes.get("/portfolios/<gid>/items")
def items(service: Service, request: Request, gid: str) -> Any:
    service.find.need("portfolios")
    service.find.one(service.state.portfolios, gid, "portfolio")
    both = {**service.state.projects, **service.state.portfolios}
    chosen = [both[item] for item in service.state.portfolio_items.get(gid, []) if item in both]
    return service.page(request, service.find.visible(chosen), "project")


@routes.get("/goals")
def goals(service: Service, request: Request) -> Any:
    service.find.need("goals")
    given = request.args
    chosen = list(service.find.visible(service.state.goals.values()))
    if not {"workspace", "team", "project", "portfolio"} & set(given):
        raise bad_request("workspace: Missing input")
    if "workspace" in given:
        service.find.workspace_document(given["workspace"])
        chosen = [goal for goal in chosen if service.find.belongs(goal, given["workspace"])]
    if "team" in given:
        chosen = [goal for goal in chosen if (goal.get("team") or {}).get("gid") == given["team"]]
    level = asked_flag(request, "is_workspace_level")
    if level is not None:
        chosen = [goal for goal in chosen if bool(goal.get("is_workspace_level")) is level]
    for name in ("project", "portfolio"):
        if name in given:
            chosen = [goal for goal in chosen if _supports(service.state.goal_relationships, goal["gid"], given[name])]
    return service.page(request, chosen, "goal")


@routes.get("/goals/<gid>")
def goal(service: Service, request: Request, gid: str) -> Any:
    service.find.need("goals")
    return service.one(request, service.find.one(service.state.goals, gid, "goal"), "goal")


@routes.get("/goal_relationships")
def relationships(service: Service, request: Request) -> Any:
    service.find.need("goals")
    gid = required(request, "supported_goal")
    service.find.one(service.state.goals, gid, "supported_goal")
    subtype = request.args.get("resource_subtype")
    chosen = [
        entry
        for entry in service.state.goal_relationships.get(gid, [])
        if subtype is None or entry.get("resource_subtype") == subtype
    ]
    return service.page(request, chosen, "goal_relationship")


@routes.get("/status_updates")
def status_updates(service: Service, request: Request) -> Any:
    parent = required(request, "parent")
    service.find.one({**service.state.projects, **service.state.portfolios, **service.state.goals}, parent, "parent")
    since = asked_instant(request, "created_since")
    chosen = [
        update
        for update in service.state.status_updates.get(parent, [])
        if since is None or instant(update["created_at"]) >= since
    ]
    newest_first = sorted(chosen, key=lambda update: str(update.get("created_at")), reverse=True)
    return service.page(request, newest_first, "status_update")


@routes.get("/status_updates/<gid>")
def status_update(service: Service, request: Request, gid: str) -> Any:
    every = {update["gid"]: update for updates in service.state.status_updates.values() for update in updates}
    return service.one(request, service.find.one(every, gid, "status_update"), "status_update")


def _supports(relationships: dict[str, list[Document]], goal: str, supporter: str) -> bool:
    return any(
        (entry.get("supporting_resource") or {}).get("gid") == supporter for entry in relationships.get(goal, [])
    )
