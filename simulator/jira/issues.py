"""Issues by id or key: one, its comments and its worklogs; on Cloud also many at once."""

from __future__ import annotations

from werkzeug.wrappers import Request

from simulator.jira.index import number
from simulator.jira.selection import select, split
from simulator.jira.service import Service, body_of, expands, window_of
from simulator.jira.site import Document
from simulator.jira.words import PAYLOAD, refuse
from simulator.web import Api

_ALL = 5000
_BULK = 100


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

    if not jira.cloud:
        return

    @api.route("POST", *jira.rules("issue/bulkfetch"))
    def many(request: Request) -> Document:
        body = body_of(request)
        asked = body.get("issueIdsOrKeys")
        if not isinstance(asked, list) or not asked or not isinstance(body.get("expand") or [], list):
            raise refuse(400, PAYLOAD)
        if len(asked) > _BULK:
            raise refuse(400, f"You can request up to {_BULK} issues.")
        found = (jira.site.issues.get(str(one)) or jira.index.by_key.get(str(one).upper()) for one in asked)
        seen = {issue.id: issue for issue in found if issue is not None and not issue.hidden}
        selection, render = select(jira.site, split(body.get("fields") or ()), "*all"), jira.renderer(request)
        changelog = "changelog" in (body.get("expand") or ())
        issues = [
            render.issue(seen[ident], selection, changelog=changelog, search=True) for ident in sorted(seen, key=number)
        ]
        return {"issues": issues, "issueErrors": []}
