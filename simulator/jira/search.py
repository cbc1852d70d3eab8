"""Searching issues: `search/jql` of Cloud by tokens, `search` of Data Center by offsets."""

from __future__ import annotations

import base64
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

from werkzeug.wrappers import Request

from simulator.jira.jql import Query, QueryError, parse
from simulator.jira.jql_match import Matcher
from simulator.jira.selection import Selection, select, split
from simulator.jira.service import Service, body_of, expands, truthy, whole
from simulator.jira.site import Document, Issue
from simulator.jira.words import PAYLOAD, REMOVED, UNBOUNDED, refuse, refuse_query
from simulator.web import Api

_KEPT_SEARCHES = 500
_ID_PAGE = 5000
_CLOUD_BODY = {
    "jql": str,
    "fields": list,
    "expand": str,
    "maxResults": int,
    "nextPageToken": str,
    "properties": list,
    "reconcileIssues": list,
    "fieldsByKeys": bool,
}
_DATACENTER_BODY = {"jql": str, "fields": list, "expand": list, "maxResults": int, "startAt": int}


@dataclass
class _Found:
    """What a first page found, kept so that later pages neither skip nor repeat. `ids` are issue ids in order."""

    jql: str
    ids: list[str]


class TokenSearch:
    """Cloud's pages: a token names a kept search and a position, so the same token gives the same page again."""

    def __init__(self, jira: Service) -> None:
        self._jira = jira
        self._kept: OrderedDict[int, _Found] = OrderedDict()
        self._serial = 0

    def page(self, body: Document, request: Request) -> Document:
        jql, token = body.get("jql") or "", body.get("nextPageToken")
        selection = select(self._jira.site, split(body.get("fields") or ()), "id")
        changelog = "changelog" in expands([body.get("expand") or ""])
        serial, start = self._position(token, jql) if token else (self._search(jql), 0)
        found = self._kept[serial].ids
        size = self._size(body, selection, changelog)
        render = self._jira.renderer(request)
        chosen = [self._jira.site.issues.get(ident) for ident in found[start : start + size]]
        issues = [
            render.issue(issue, selection, changelog=changelog, search=True)
            for issue in chosen
            if issue is not None and not issue.hidden and not issue.archived
        ]
        if start + size >= len(found):
            return {"issues": issues, "isLast": True}
        following = base64.urlsafe_b64encode(f"v1/{serial}/{start + size}".encode()).decode()
        return {"issues": issues, "nextPageToken": following, "isLast": False}

    def _size(self, body: Document, selection: Selection, changelog: bool) -> int:
        asked = body.get("maxResults") or 50
        cap = _ID_PAGE if selection.key_only and not changelog else self._jira.site.page_cap or 100
        return max(1, min(asked, cap))

    def _search(self, jql: str) -> int:
        query = read_query(jql)
        if query.where is None:
            raise refuse(400, UNBOUNDED)
        self._serial += 1
        self._kept[self._serial] = _Found(jql, [issue.id for issue in run(self._jira, query)])
        if len(self._kept) > _KEPT_SEARCHES:
            self._kept.popitem(last=False)
        return self._serial

    def _position(self, token: str, jql: str) -> tuple[int, int]:
        try:
            _, serial, start = base64.urlsafe_b64decode(token.encode()).decode().split("/")
            found = self._kept[int(serial)]
        except (ValueError, KeyError):
            raise refuse(400, "The provided next page token is invalid or has expired.") from None
        if found.jql != jql:
            raise refuse(400, "The provided next page token belongs to a different query.")
        return int(serial), int(start)


def read_query(jql: str) -> Query:
    try:
        return parse(jql)
    except QueryError as error:
        raise refuse_query(error.messages) from None


def run(jira: Service, query: Query) -> list[Issue]:
    """The issues of a query; 400 with Jira's words where it names what does not exist."""
    try:
        return Matcher(jira.site, jira.index, jira.now()).find(query)
    except QueryError as error:
        raise refuse_query(error.messages) from None


def register(api: Api, jira: Service) -> None:
    if jira.cloud:
        _register_cloud(api, jira)
    else:
        _register_datacenter(api, jira)


def _register_cloud(api: Api, jira: Service) -> None:
    tokens = TokenSearch(jira)

    @api.route("GET", *jira.rules("search/jql"))
    def search(request: Request) -> Document:
        args: dict[str, Any] = dict(request.args.items())
        args["fields"] = request.args.getlist("fields")
        args["expand"] = ",".join(request.args.getlist("expand"))
        args["maxResults"] = whole(request, "maxResults", 50)
        return tokens.page(args, request)

    @api.route("POST", *jira.rules("search/jql"))
    def search_by_body(request: Request) -> Document:
        body = body_of(request)
        _check(body, _CLOUD_BODY)
        if len(body.get("reconcileIssues") or ()) > 50:
            raise refuse(400, "The number of issues to reconcile must not exceed 50.")
        return tokens.page(body, request)

    @api.route("POST", *jira.rules("search/approximate-count"))
    def count(request: Request) -> Document:
        query = read_query(body_of(request).get("jql") or "")
        if query.where is None:
            raise refuse(400, UNBOUNDED)
        return {"count": len(run(jira, query))}

    @api.route("GET POST", *jira.rules("search", "search/id"))
    def removed(_request: Request) -> None:
        raise refuse(410, REMOVED)


def _register_datacenter(api: Api, jira: Service) -> None:
    @api.route("GET", *jira.rules("search"))
    def search(request: Request) -> Document:
        strict = truthy(request, "validateQuery", True) or request.args.get("validateQuery") == "strict"
        return _offset_page(
            jira,
            request,
            jql=request.args.get("jql", ""),
            fields=request.args.getlist("fields"),
            expand=expands(request.args.getlist("expand")),
            start=whole(request, "startAt", 0),
            size=whole(request, "maxResults", 50),
            lenient=not strict,
        )

    @api.route("POST", *jira.rules("search"))
    def search_by_body(request: Request) -> Document:
        body = body_of(request)
        if isinstance(body.get("expand"), str):
            raise refuse(400, "Can not deserialize instance of java.util.ArrayList out of VALUE_STRING token")
        _check(body, {**_DATACENTER_BODY, "validateQuery": (bool, str), "fieldsByKeys": bool, "properties": list})
        return _offset_page(
            jira,
            request,
            jql=body.get("jql") or "",
            fields=body.get("fields") or [],
            expand=set(body.get("expand") or ()),
            start=body.get("startAt") or 0,
            size=50 if body.get("maxResults") is None else body["maxResults"],
            lenient=body.get("validateQuery") in (False, "none", "warn", "false"),
        )


def _check(body: Document, known: dict[str, Any]) -> None:
    """400 for a member that is unknown or of the wrong type; null stands for "not given"."""
    for name, value in body.items():
        if name not in known or (value is not None and not isinstance(value, known[name])):
            raise refuse(400, PAYLOAD)


def _offset_page(
    jira: Service,
    request: Request,
    *,
    jql: str,
    fields: list[str],
    expand: set[str],
    start: int,
    size: int,
    lenient: bool,
) -> Document:
    size = min(size, jira.site.page_cap or 1000)
    if jira.site.window is not None and start + size > jira.site.window:
        raise refuse(500, "Search limit exceeded. Reduce the number of results to search through and try again.")
    matcher = Matcher(jira.site, jira.index, jira.now(), lenient=lenient)
    try:
        found = matcher.find(read_query(jql))
    except QueryError as error:
        raise refuse_query(error.messages) from None
    selection, render = select(jira.site, split(fields), "*navigable"), jira.renderer(request)
    answer: Document = {
        "expand": "schema,names",
        "startAt": start,
        "maxResults": size,
        "total": len(found),
        "issues": [
            render.issue(issue, selection, changelog="changelog" in expand, search=True)
            for issue in found[start : start + size]
        ],
    }
    return {**answer, "warningMessages": matcher.warnings} if matcher.warnings else answer
