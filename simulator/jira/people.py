"""Accounts and groups. Cloud lists all accounts; Data Center only finds active ones unless asked for the others."""

from __future__ import annotations

from typing import Any

from werkzeug.wrappers import Request

from simulator.jira.render import Renderer
from simulator.jira.service import Service, page_of, truthy, window_of
from simulator.jira.site import Document
from simulator.jira.words import refuse
from simulator.web import Api

_NO_USERS = "You are not authorized to perform this action. Administer permission or Browse users is required."


def register(api: Api, jira: Service) -> None:
    site = jira.site

    @api.route("GET", *jira.rules("myself"))
    def myself(request: Request) -> Document:
        me = site.users.get(site.me, {"accountId": "simulated-account", "displayName": "Simulated Account"})
        shown = _shown(me, jira.renderer(request))
        if "emailAddress" in me:
            shown["emailAddress"] = me["emailAddress"]
        return {**shown, "active": True, "timeZone": site.time_zone, "locale": "en_US"}

    @api.route("GET", *jira.rules("user"))
    def user(request: Request) -> Document:
        found = _find(jira, request)
        if found is None:
            raise refuse(404, "The user does not exist or you do not have permission to view it.")
        return _shown(found, jira.renderer(request))

    @api.route("GET", *jira.rules("groups/picker"))
    def group_picker(request: Request) -> Document:
        wanted = request.args.get("query", "").lower()
        names = [name for name in site.groups if wanted in name.lower()]
        return {"header": f"Showing {len(names)} of {len(names)} matching groups", "total": len(names),
                "groups": [{"name": name} for name in names]}  # fmt: skip

    @api.route("GET", *jira.rules("group/member"))
    def members(request: Request) -> Document:
        group = request.args.get("groupname") or request.args.get("groupId", "")
        if group not in site.groups:
            raise refuse(404, f"The group named '{group}' does not exist.")
        render = jira.renderer(request)
        return page_of(request, [_shown(site.users[one], render) for one in site.groups[group] if one in site.users])

    if jira.cloud:
        _register_cloud(api, jira)
    else:
        _register_datacenter(api, jira)


def _register_cloud(api: Api, jira: Service) -> None:
    site = jira.site

    @api.route("GET", *jira.rules("users/search", "users"))
    def all_users(request: Request) -> list[Any]:
        jira.require("USER_PICKER", _NO_USERS)
        render = jira.renderer(request)
        return [_shown(user, render) for user in window_of(request, list(site.users.values()), 50, 1000)[2]]

    @api.route("GET", *jira.rules("user/search"))
    def find_users(request: Request) -> list[Any]:
        jira.require("USER_PICKER", _NO_USERS)
        wanted = request.args.get("query")
        if wanted is None:
            raise refuse(400, "The query parameter 'query' is required.")
        found = [user for user in site.users.values() if _matches(user, wanted) and user.get("active", True)]
        render = jira.renderer(request)
        return [_shown(user, render) for user in window_of(request, found[:1000], 50, 1000)[2]]

    @api.route("GET", *jira.rules("user/bulk"))
    def some_users(request: Request) -> Document:
        render = jira.renderer(request)
        asked = request.args.getlist("accountId")
        return page_of(request, [_shown(site.users[one], render) for one in asked if one in site.users], 200)

    @api.route("GET", *jira.rules("group/bulk"))
    def groups(request: Request) -> Document:
        return page_of(request, [{"name": name, "groupId": name} for name in site.groups])


def _register_datacenter(api: Api, jira: Service) -> None:
    @api.route("GET", *jira.rules("user/search"))
    def find_users(request: Request) -> list[Any]:
        jira.require("USER_PICKER", _NO_USERS)
        wanted = request.args.get("username")
        if wanted is None:
            raise refuse(400, "The username query parameter was not provided")
        active, inactive = truthy(request, "includeActive", True), truthy(request, "includeInactive")
        found = [
            user
            for user in jira.site.users.values()
            if (active if user.get("active", True) else inactive) and _matches(user, wanted)
        ]
        render = jira.renderer(request)
        return [_shown(user, render) for user in window_of(request, found, 50, 1000)[2]]


def _matches(user: Document, wanted: str) -> bool:
    """Whether a name, display name or e-mail contains the text; "." finds everyone, by Jira's own accident."""
    if wanted == ".":
        return True
    return any(wanted.lower() in str(user.get(name, "")).lower() for name in ("name", "displayName", "emailAddress"))


def _find(jira: Service, request: Request) -> Document | None:
    users, args = jira.site.users, request.args
    if jira.cloud:
        return users.get(args.get("accountId", ""))
    if "key" in args:
        return users.get(args["key"])
    return next((user for user in users.values() if user.get("name") == args.get("username")), None)


def _shown(user: Document, render: Renderer) -> Document:
    shown: Document = dict(render.user(user))
    ident = f"accountId={user.get('accountId')}" if render.cloud else f"username={user.get('name')}"
    shown.setdefault("self", f"{render.rest}/user?{ident}")
    return shown
