"""Boards with their projects, and sprints (agile 1.0)."""

from __future__ import annotations

from werkzeug.wrappers import Request

from simulator.jira.index import find_project
from simulator.jira.service import AGILE, Service, expands, page_of
from simulator.jira.site import Document
from simulator.jira.words import refuse
from simulator.web import Api


def register(api: Api, jira: Service) -> None:
    site = jira.site
    _register_projects(api, jira)

    @api.route("GET", AGILE + "board")
    def boards(request: Request) -> Document:
        wanted = request.args.get("projectKeyOrId", "")
        project = find_project(site, wanted) if wanted else None
        if wanted and project is None:
            raise refuse(400, f"No project could be found with key or id '{wanted}'.")
        kinds, name = expands(request.args.getlist("type")), request.args.get("name", "").lower()
        found = [
            board
            for board in site.boards.values()
            if (project is None or _is_of(board, project))
            and (not kinds or board.get("type") in kinds)
            and name in str(board.get("name", "")).lower()
        ]
        return _page(request, [_linked(board, jira, request, "board") for board in found])

    @api.route("GET", AGILE + "board/<ident>")
    def board(request: Request, ident: str) -> Document:
        return _linked(_board(jira, ident), jira, request, "board")

    @api.route("GET", AGILE + "board/<ident>/configuration")
    def configuration(_request: Request, ident: str) -> Document:
        found = _board(jira, ident)
        plain = {"id": found.get("id"), "name": found.get("name"), "type": found.get("type")}
        return {**plain, **site.board_configuration.get(ident, {"columnConfig": {"columns": []}})}

    @api.route("GET", AGILE + "board/<ident>/sprint")
    def sprints(request: Request, ident: str) -> Document:
        if _board(jira, ident).get("type") == "kanban":
            raise refuse(400, "The board does not support sprints")
        states = expands(request.args.getlist("state"))
        unknown = states - {"future", "active", "closed"}
        if unknown:
            raise refuse(400, f"{unknown.pop()} is not a valid sprint state.")
        found = [
            _linked(sprint, jira, request, "sprint")
            for sprint in site.sprints_by_board.get(ident, ())
            if not states or str(sprint.get("state", "")).lower() in states
        ]
        return _page(request, found)

    @api.route("GET", AGILE + "sprint/<ident>")
    def sprint(request: Request, ident: str) -> Document:
        for sprints_of_board in site.sprints_by_board.values():
            for found in sprints_of_board:
                if str(found.get("id")) == ident:
                    return _linked(found, jira, request, "sprint")
        raise refuse(404, f"Sprint does not exist or you do not have permission to view it: {ident}")


def _register_projects(api: Api, jira: Service) -> None:
    @api.route("GET", AGILE + "board/<ident>/project")
    def projects(request: Request, ident: str) -> Document:
        found = _board(jira, ident)
        shown = ("self", "id", "key", "name", "projectTypeKey", "simplified", "avatarUrls", "projectCategory")
        own = [
            project for project in jira.site.projects.values() if _is_of(found, project) and not project.get("deleted")
        ]
        return _page(request, [{name: project[name] for name in shown if name in project} for project in own])


def _board(jira: Service, ident: str) -> Document:
    found = jira.site.boards.get(ident)
    if found is None:
        raise refuse(404, f"The requested board cannot be viewed because it either does not exist or you do not have "
                          f"permission to view it: {ident}")  # fmt: skip
    return found


def _is_of(board: Document, project: Document) -> bool:
    location = board.get("location") or {}
    return str(location.get("projectId")) == str(project.get("id")) or location.get("projectKey") == project.get("key")


def _linked(document: Document, jira: Service, request: Request, what: str) -> Document:
    return {"self": f"{jira.base(request)}{AGILE}{what}/{document.get('id')}", **document}


def _page(request: Request, values: list[Document]) -> Document:
    page = page_of(request, values)
    del page["self"]
    return page
