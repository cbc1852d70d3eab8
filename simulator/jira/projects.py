"""Projects with their versions, components and statuses."""

from __future__ import annotations

from werkzeug.wrappers import Request

from simulator.jira.index import number
from simulator.jira.render import Renderer
from simulator.jira.service import Service, expands, page_of, truthy
from simulator.jira.site import Document
from simulator.jira.words import refuse
from simulator.web import Api

_ONLY_EXPANDED = frozenset(
    {"lead", "description", "issueTypes", "url", "projectKeys", "insight", "components", "versions", "roles"}
)


def register(api: Api, jira: Service) -> None:
    site = jira.site
    _register_components(api, jira)

    @api.route("GET", *jira.rules("project"))
    def plain_list(request: Request) -> list[Document]:
        render, wanted = jira.renderer(request), expands(request.args.getlist("expand"))
        archived = not jira.cloud and truthy(request, "includeArchived")
        return [
            _shown(project, render, wanted)
            for project in site.projects.values()
            if _status(project) == "live" or (archived and _status(project) == "archived")
        ]

    @api.route("GET", *jira.rules("project/<ident>"))
    def one(request: Request, ident: str) -> Document:
        project = jira.project(ident)
        found = _shown(project, jira.renderer(request), _ONLY_EXPANDED)
        found.setdefault("components", site.components.get(str(project.get("id")), []))
        found.setdefault("versions", site.versions.get(str(project.get("id")), []))
        return found

    @api.route("GET", *jira.rules("project/<ident>/versions"))
    def versions(_request: Request, ident: str) -> list[Document]:
        return site.versions.get(str(jira.project(ident).get("id")), [])

    @api.route("GET", *jira.rules("project/<ident>/version"))
    def version_page(request: Request, ident: str) -> Document:
        return page_of(request, site.versions.get(str(jira.project(ident).get("id")), []))

    @api.route("GET", *jira.rules("project/<ident>/statuses"))
    def statuses(request: Request, ident: str) -> list[Document]:
        project, render = jira.project(ident), jira.renderer(request)
        kinds = [render.kind(kind) if not jira.cloud else kind for kind in site.issue_types if _in_scope(kind, project)]
        states = [status for status in site.statuses if _in_scope(status, project)]
        return [
            {**{n: kind.get(n) for n in ("self", "id", "name", "subtask") if n in kind}, "statuses": states}
            for kind in kinds
        ]

    if not jira.cloud:
        return

    @api.route("GET", *jira.rules("project/search"))
    def search(request: Request) -> Document:
        render, wanted = jira.renderer(request), expands(request.args.getlist("expand"))
        states = expands(request.args.getlist("status")) or {"live"}
        found = [
            project
            for project in site.projects.values()
            if _status(project) in states
            and _asked(request, project, "id", "id")
            and _asked(request, project, "keys", "key")
        ]
        page = page_of(request, found)
        page["values"] = [_shown(project, render, wanted) for project in page["values"]]
        if not page["isLast"]:
            following = page["startAt"] + page["maxResults"]
            page["nextPage"] = f"{request.base_url}?maxResults={page['maxResults']}&startAt={following}"
        return page

    @api.route("GET", *jira.rules("issuetype/project"))
    def kinds_of_project(request: Request) -> list[Document]:
        project = jira.project(request.args.get("projectId", ""))
        return [kind for kind in site.issue_types if _in_scope(kind, project)]


def _register_components(api: Api, jira: Service) -> None:
    site = jira.site

    @api.route("GET", *jira.rules("project/<ident>/components"))
    def components(request: Request, ident: str) -> list[Document]:
        render = jira.renderer(request)
        found = site.components.get(str(jira.project(ident).get("id")), [])
        return [{**part, "lead": render.user(part["lead"])} if "lead" in part else part for part in found]

    @api.route("GET", *jira.rules("component/<ident>"))
    def component(request: Request, ident: str) -> Document:
        render = jira.renderer(request)
        for project, parts in site.components.items():
            for part in parts:
                if str(part.get("id")) == ident:
                    found = jira.project(project)
                    lead = {"lead": render.user(part["lead"])} if "lead" in part else {}
                    return {**part, **lead, "project": found.get("key"), "projectId": number(str(found.get("id")))}
        raise refuse(404, f"The component with id {ident} does not exist.")


def _asked(request: Request, project: Document, parameter: str, name: str) -> bool:
    wanted = expands(request.args.getlist(parameter))
    return not wanted or str(project.get(name)) in wanted


def _status(project: Document) -> str:
    if project.get("deleted"):
        return "deleted"
    return "archived" if project.get("archived") else "live"


def _in_scope(entry: Document, project: Document) -> bool:
    """Whether a status or type belongs to the project: team-managed projects have their own."""
    scope = (entry.get("scope") or {}).get("project")
    return scope is None or str(scope.get("id")) == str(project.get("id"))


def _shown(project: Document, render: Renderer, wanted: frozenset[str] | set[str]) -> Document:
    """A project without what is only shown when asked for."""
    shown = {name: part for name, part in project.items() if name not in _ONLY_EXPANDED or name in wanted}
    if "lead" in shown:
        shown["lead"] = render.user(shown["lead"])
    shown.setdefault("self", f"{render.rest}/project/{project.get('id')}")
    return shown
