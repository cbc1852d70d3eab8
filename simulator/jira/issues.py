"""One issue, its comments and its worklogs."""

from __future__ import annotations

from werkzeug.wrappers import Request

from simulator.jira.selection import select, split
from simulator.jira.service import Service, expands, window_of
from simulator.jira.site import Document
from simulator.web import Api

_ALL = 5000


def register(api: Api, jira: Service) -> None:
    @api.route("GET", *jira.rules("issue/<ident>"))
    def one(request: Request, ident: str) -> Document:
        return jira.renderer(request).issue(
            jira.issue(ident),
            select(jira.site, split(request.args.getlist("fields")), "*all"),
            changelog="changelog" in expands(request.args.getlist("expand")),
            search=False,
        )

    @api.route("GET", *jira.rules("issue/<ident>/comment"))
    def comments(request: Request, ident: str) -> Document:
        issue, render = jira.issue(ident), jira.renderer(request)
        start, size, shown = window_of(request, issue.comments, _ALL if jira.cloud else len(issue.comments), _ALL)
        return {
            "startAt": start,
            "maxResults": size,
            "total": len(issue.comments),
            "comments": [render.comment(issue, comment) for comment in shown],
        }

    @api.route("GET", *jira.rules("issue/<ident>/worklog"))
    def worklogs(request: Request, ident: str) -> Document:
        issue, render = jira.issue(ident), jira.renderer(request)
        start, size, shown = window_of(request, issue.worklogs, _ALL if jira.cloud else len(issue.worklogs), _ALL)
        return {
            "startAt": start,
            "maxResults": size,
            "total": len(issue.worklogs),
            "worklogs": [render.worklog(issue, worklog) for worklog in shown],
        }
