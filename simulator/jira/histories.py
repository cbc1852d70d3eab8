"""Full histories on Cloud: of one issue in pages, of many issues at once. Data Center has only `expand=changelog`."""

from __future__ import annotations

import base64

from werkzeug.wrappers import Request

from simulator.jira.service import Service, body_of, page_of
from simulator.jira.site import Document, Issue
from simulator.jira.words import PAYLOAD, refuse
from simulator.web import Api

_ISSUES = 1000
_FIELDS = 10
_HISTORIES = 10_000


def register(api: Api, jira: Service) -> None:
    if not jira.cloud:
        return

    @api.route("GET", *jira.rules("issue/<ident>/changelog"))
    def of_one(request: Request, ident: str) -> Document:
        issue, render = jira.issue(ident), jira.renderer(request)
        page = page_of(request, issue.histories, 100)
        page["values"] = [render.history(history) for history in page["values"]]
        return page

    @api.route("POST", *jira.rules("changelog/bulkfetch"))
    def of_many(request: Request) -> Document:
        body = body_of(request)
        asked = body.get("issueIdsOrKeys")
        if not isinstance(asked, list) or not asked:
            raise refuse(400, PAYLOAD)
        if len(asked) > _ISSUES:
            raise refuse(400, f"issueIdsOrKeys must not contain more than {_ISSUES} items.")
        fields = body.get("fieldIds") or []
        if len(fields) > _FIELDS:
            raise refuse(400, f"fieldIds must not contain more than {_FIELDS} items.")
        size = min(max(int(body.get("maxResults") or 1000), 1), _HISTORIES)
        start = _position(body.get("nextPageToken"))
        entries = [entry for issue in _issues(jira, asked) for entry in _entries(issue, set(fields))]
        render = jira.renderer(request)
        grouped: dict[str, list[Document]] = {}
        for ident, history in entries[start : start + size]:
            grouped.setdefault(ident, []).append(render.history(history))
        logs = [{"issueId": ident, "changeHistories": histories} for ident, histories in grouped.items()]
        if start + size >= len(entries):
            return {"issueChangeLogs": logs}
        return {"issueChangeLogs": logs, "nextPageToken": _token(start + size)}


def _issues(jira: Service, asked: list[str]) -> list[Issue]:
    """The issues that can be seen; the others are left out without a word, as in Jira."""
    found = (jira.site.issues.get(str(one)) or jira.index.by_key.get(str(one).upper()) for one in asked)
    return [issue for issue in found if issue is not None and not issue.hidden]


def _entries(issue: Issue, fields: set[str]) -> list[tuple[str, Document]]:
    if not fields:
        return [(issue.id, history) for history in issue.histories]
    chosen = []
    for history in issue.histories:
        items = [item for item in history.get("items", ()) if item.get("fieldId") in fields]
        if items:
            chosen.append((issue.id, {**history, "items": items}))
    return chosen


def _token(position: int) -> str:
    return base64.urlsafe_b64encode(f"from/{position}".encode()).decode()


def _position(token: str | None) -> int:
    if not token:
        return 0
    try:
        return int(base64.urlsafe_b64decode(token.encode()).decode().removeprefix("from/"))
    except ValueError:
        raise refuse(400, "The provided next page token is invalid.") from None
