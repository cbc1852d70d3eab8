"""What a site is and what it knows: server info, permissions, fields, statuses, types, priorities, link types."""

from __future__ import annotations

from functools import partial

from werkzeug.wrappers import Request

from simulator.jira.instants import shown, stored
from simulator.jira.service import Service
from simulator.jira.site import Document, Site
from simulator.jira.words import refuse
from simulator.web import Api

_PERMISSIONS = {
    "BROWSE_PROJECTS": "Browse Projects",
    "USER_PICKER": "Browse users and groups",
    "ADMINISTER": "Administer Jira",
    "WORK_ON_ISSUES": "Work On Issues",
}


def register(api: Api, jira: Service) -> None:
    site = jira.site

    @api.route("GET", *jira.rules("serverInfo"))
    def server_info(request: Request) -> Document:
        common = {
            "baseUrl": jira.base(request),
            "serverTime": shown(stored(jira.now()), site.time_zone),
            "serverTitle": site.name,
            "buildDate": "2026-01-15T00:00:00.000+0000",
            "scmInfo": "0" * 40,
        }
        if jira.cloud:
            version = {"version": "1001.0.0-SNAPSHOT", "versionNumbers": [1001, 0, 0], "buildNumber": 100_290}
            return {**common, **version, "deploymentType": "Cloud", "serverTimeZone": site.time_zone}
        version = {"version": "9.12.15", "versionNumbers": [9, 12, 15], "buildNumber": 9_120_015}
        return {**common, **version, "deploymentType": "Server"}

    @api.route("GET", *jira.rules("mypermissions"))
    def my_permissions(request: Request) -> Document:
        asked = [name for name in request.args.get("permissions", "").split(",") if name]
        if jira.cloud and not asked:
            raise refuse(400, "The 'permissions' query parameter is required.")
        unknown = [name for name in asked if name not in _PERMISSIONS]
        if unknown:
            raise refuse(400, f"Unrecognized permission {unknown[0]}.")
        return {
            "permissions": {
                name: {
                    "id": str(number),
                    "key": name,
                    "name": words,
                    "type": "PROJECT" if name in ("BROWSE_PROJECTS", "WORK_ON_ISSUES") else "GLOBAL",
                    "description": words,
                    "havePermission": name not in site.denied,
                }
                for number, (name, words) in enumerate(_PERMISSIONS.items(), 1)
                if not asked or name in asked
            }
        }

    @api.route("GET", *jira.rules("issuetype"))
    def issue_types(request: Request) -> list[Document]:
        render = jira.renderer(request)
        return site.issue_types if jira.cloud else [render.kind(kind) for kind in site.issue_types]

    @api.route("GET", *jira.rules("issueLinkType"))
    def link_types(_request: Request) -> Document:
        return {"issueLinkTypes": site.link_types}

    for name, entries in (
        ("field", "fields"),
        ("status", "statuses"),
        ("priority", "priorities"),
        ("resolution", "resolutions"),
        ("projectCategory", "categories"),
    ):
        api.route("GET", *jira.rules(name))(partial(_listed, site, entries))


def _listed(site: Site, entries: str, _request: Request) -> list[Document]:
    """A catalogue as it stands now: bare and whole, for Jira pages none of these."""
    found: list[Document] = getattr(site, entries)
    return found
