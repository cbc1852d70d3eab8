"""Worklogs by their change: updated since, deleted since, and many by id. The last minute is not told yet."""

from __future__ import annotations

from werkzeug.wrappers import Request

from simulator.jira.instants import instant_of
from simulator.jira.service import Service, body_of, whole
from simulator.jira.site import Document
from simulator.jira.words import PAYLOAD, refuse
from simulator.web import Api

_PAGE = 1000
_MINUTE_MS = 60_000


def register(api: Api, jira: Service) -> None:
    site = jira.site

    @api.route("GET", *jira.rules("worklog/updated"))
    def updated(request: Request) -> Document:
        changes = [
            (instant, str(worklog.get("id")))
            for issue in site.issues.values()
            if not issue.hidden
            for worklog in issue.worklogs
            if (instant := instant_of(worklog.get("updated") or worklog.get("created"))) is not None
        ]
        return _page(jira, request, changes)

    @api.route("GET", *jira.rules("worklog/deleted"))
    def deleted(request: Request) -> Document:
        return _page(jira, request, [(instant, ident) for ident, instant in site.deleted_worklogs])

    @api.route("POST", *jira.rules("worklog/list"))
    def some(request: Request) -> list[Document]:
        ids = body_of(request).get("ids")
        if not isinstance(ids, list):
            raise refuse(400, PAYLOAD)
        if len(ids) > _PAGE:
            raise refuse(400, f"The number of worklog ids must not exceed {_PAGE}.")
        wanted, render = {str(ident) for ident in ids}, jira.renderer(request)
        return [
            render.worklog(issue, worklog)
            for issue in site.issues.values()
            if not issue.hidden
            for worklog in issue.worklogs
            if str(worklog.get("id")) in wanted
        ]


def _page(jira: Service, request: Request, changes: list[tuple[int, str]]) -> Document:
    """A page of changes after `since`, oldest first. Changes of one instant are never parted, so none is lost."""
    since, until = whole(request, "since", 0), int(jira.now().timestamp() * 1000) - _MINUTE_MS
    due = sorted(change for change in changes if since < change[0] <= until)
    end = min(_PAGE, len(due))
    while 0 < end < len(due) and due[end][0] == due[end - 1][0]:
        end += 1
    last = end >= len(due)
    reached = max(until, since) if last else due[end - 1][0]
    page = {
        "values": [
            {"worklogId": int(ident) if ident.isdigit() else ident, "updatedTime": instant, "properties": []}
            for instant, ident in due[:end]
        ],
        "since": since,
        "until": reached,
        "self": request.url,
        "lastPage": last,
    }
    return page if last else {**page, "nextPage": f"{request.base_url}?since={reached}"}
