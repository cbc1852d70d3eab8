"""What a flavour, an API version and an account really see of the documents a site keeps.

Values are passed through as they are unless a rule below says otherwise, so recorded payloads come out as they went in.
Nothing here changes a document; what is not altered is not copied.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from simulator.jira.instants import shown
from simulator.jira.richtext import adf
from simulator.jira.selection import Selection
from simulator.jira.site import Document, Issue, Site

EMBEDDED = 20
EMBEDDED_HISTORIES = 40
_EXPANDABLE = "operations,versionedRepresentations,editmeta,changelog,renderedFields"
_TEXTAREA = "com.atlassian.jira.plugin.system.customfieldtypes:textarea"
_SPRINT = "com.pyxis.greenhopper.jira:gh-sprint"
_INSTANTS = ("created", "updated", "resolutiondate", "statuscategorychangedate", "archiveddate")
_CLOUD_ONLY_FIELDS = frozenset({"statuscategorychangedate"})
_CLOUD_ONLY_OF_USERS = frozenset({"accountId", "accountType"})
_DATACENTER_ONLY_OF_USERS = frozenset({"name", "key"})


class Renderer:
    """Renders for one request: `api` is "2" or "3", `base` the address `self` links begin with."""

    def __init__(self, site: Site, api: str, base: str) -> None:
        self.site = site
        self.cloud = site.flavour == "cloud"
        self.rest = f"{base}/rest/api/{api}"
        self._rich = api == "3"
        self._zone = site.time_zone if site.time_zone not in ("", "UTC") else None
        self._absent = frozenset() if self.cloud else _CLOUD_ONLY_FIELDS
        self._alien = _DATACENTER_ONLY_OF_USERS if self.cloud else _CLOUD_ONLY_OF_USERS
        self._how = self._field_rules()
        self._known: dict[int, Any] = {}

    def user(self, value: Any) -> Any:
        """A user without the other flavour's identity and, on Cloud, without a hidden e-mail."""
        if not isinstance(value, dict):
            return value
        # One document stands for one person in thousands of places, and lives longer than this renderer.
        known = self._known.get(id(value))
        if known is None:
            known = self._known[id(value)] = self._user(value)
        return known

    def _user(self, value: Document) -> Document:
        if "displayName" not in value:
            value = self.site.users.get(value.get("accountId") or value.get("key") or "", value)
        drop: frozenset[str] = frozenset()
        if value.get("accountId") and (value.get("key") or value.get("name")):
            drop = self._alien
        if self.cloud and self._email_hidden(value):
            drop |= {"emailAddress"}
        return {name: part for name, part in value.items() if name not in drop} if drop else value

    def _email_hidden(self, user: Document) -> bool:
        hidden = self.site.hidden_emails
        return bool(hidden) and (user.get("accountId") in hidden or user.get("emailAddress") in hidden)

    def time(self, value: Any) -> Any:
        return shown(value, self._zone) if self._zone and isinstance(value, str) else value

    def text(self, value: Any) -> Any:
        return adf(value) if self._rich else value

    def issue(self, issue: Issue, selection: Selection, *, changelog: bool, search: bool) -> Document:
        """An issue with the selected fields. `search` says that it is one of a page: embedded lists are cut more."""
        if selection.ids_only and search and self.cloud and not changelog:
            return {"id": issue.id}
        answer: Document = {
            "expand": _EXPANDABLE,
            "id": issue.id,
            "self": f"{self.rest}/issue/{issue.id}",
            "key": issue.key,
        }
        if not selection.key_only:
            answer["fields"] = self._fields(issue, selection, search)
        if changelog:
            answer["changelog"] = self._changelog(issue, search)
        return answer

    def _fields(self, issue: Issue, selection: Selection, search: bool) -> Document:
        how, without = self._how, selection.without | self._absent
        names = issue.fields if selection.names is None else [name for name in issue.fields if name in selection.names]
        fields: Document = {}
        for name in names:
            if name not in without:
                value = issue.fields[name]
                rule = how.get(name)
                fields[name] = value if rule is None or value is None else rule(value)
        if "comment" not in fields and selection.shows("comment"):
            fields["comment"] = self._comments(issue, search)
        if "worklog" not in fields and selection.shows("worklog"):
            fields["worklog"] = {
                "startAt": 0,
                "maxResults": EMBEDDED,
                "total": len(issue.worklogs),
                "worklogs": [self.worklog(issue, log) for log in issue.worklogs[:EMBEDDED]],
            }
        return fields

    def _comments(self, issue: Issue, search: bool) -> Document:
        shown = issue.comments[:EMBEDDED] if search and self.cloud else issue.comments
        return {
            "comments": [self.comment(issue, comment) for comment in shown],
            "self": f"{self.rest}/issue/{issue.id}/comment",
            "maxResults": len(shown),
            "total": len(issue.comments),
            "startAt": 0,
        }

    def _changelog(self, issue: Issue, search: bool) -> Document:
        """Cloud embeds the newest only, newest first; Data Center all, oldest first."""
        chosen = issue.histories
        if self.cloud:
            chosen = chosen[: -(EMBEDDED_HISTORIES if search else 100) - 1 : -1]
        return {
            "startAt": 0,
            "maxResults": len(chosen),
            "total": len(issue.histories),
            "histories": [self.history(history) for history in chosen],
        }

    def history(self, history: Document) -> Document:
        answer = dict(history)
        if "author" in answer:
            answer["author"] = self.user(answer["author"])
        if self._zone and "created" in answer:
            answer["created"] = self.time(answer["created"])
        if not self.cloud:
            answer["items"] = [
                {name: part for name, part in item.items() if name != "fieldId"} for item in answer.get("items", ())
            ]
        return answer

    def comment(self, issue: Issue, comment: Document) -> Document:
        return self._written(comment, f"{self.rest}/issue/{issue.id}/comment/", "body")

    def worklog(self, issue: Issue, worklog: Document) -> Document:
        answer = self._written(worklog, f"{self.rest}/issue/{issue.id}/worklog/", "comment")
        answer.setdefault("issueId", issue.id)
        return answer

    def _written(self, document: Document, address: str, text: str) -> Document:
        """A comment or a worklog: authors, instants, rich text."""
        answer = dict(document)
        answer.setdefault("self", f"{address}{document.get('id', '')}")
        for name in ("author", "updateAuthor"):
            if name in answer:
                answer[name] = self.user(answer[name])
        if self._zone:
            for name in ("created", "updated", "started"):
                if name in answer:
                    answer[name] = self.time(answer[name])
        if text in answer:
            answer[text] = self.text(answer[text])
        return answer

    def kind(self, value: Any) -> Any:
        """An issue type without the level, which Data Center does not tell."""
        if isinstance(value, dict) and "hierarchyLevel" in value:
            return {name: part for name, part in value.items() if name != "hierarchyLevel"}
        return value

    def _field_rules(self) -> dict[str, Callable[[Any], Any]]:
        """How the values of a field are altered, for those fields that are."""
        rules: dict[str, Callable[[Any], Any]] = dict.fromkeys(("assignee", "reporter", "creator"), self.user)
        if self._rich:
            rules |= dict.fromkeys(("description", "environment"), self.text)
        if self._zone:
            rules |= dict.fromkeys(_INSTANTS, self.time)
        if not self.cloud:
            rules["issuetype"] = self.kind
        for field in self.site.fields:
            rule = self._rule(field.get("schema") or {})
            if rule is not None and "id" in field:
                rules.setdefault(field["id"], rule)
        return rules

    def _rule(self, schema: Document) -> Callable[[Any], Any] | None:
        custom = schema.get("custom")
        if custom == _SPRINT:
            return None if self.cloud else serialised_sprints
        if custom == _TEXTAREA:
            return self.text if self._rich else None
        if schema.get("type") == "user":
            return self.user
        if schema.get("type") == "array" and schema.get("items") == "user":
            return self._users
        return self.time if schema.get("type") == "datetime" and self._zone else None

    def _users(self, value: Any) -> Any:
        return [self.user(user) for user in value] if isinstance(value, list) else value


def serialised_sprints(value: Any) -> Any:
    """Sprints as Data Center puts them into an issue: Java objects turned into text. Texts stay as they are."""
    if not isinstance(value, list):
        return value
    return [_serialised(sprint) if isinstance(sprint, dict) else sprint for sprint in value]


def _serialised(sprint: Document) -> str:
    parts = {
        "id": sprint.get("id"),
        "rapidViewId": sprint.get("boardId", sprint.get("originBoardId")),
        "state": str(sprint.get("state", "")).upper(),
        "name": sprint.get("name"),
        "startDate": sprint.get("startDate"),
        "endDate": sprint.get("endDate"),
        "completeDate": sprint.get("completeDate"),
        "activatedDate": sprint.get("activatedDate", sprint.get("startDate")),
        "sequence": sprint.get("sequence", sprint.get("id")),
        "goal": sprint.get("goal"),
    }
    text = ",".join(f"{name}={'<null>' if part is None else part}" for name, part in parts.items())
    number = int(sprint["id"]) if str(sprint.get("id", "")).isdigit() else 0
    return f"com.atlassian.greenhopper.service.sprint.Sprint@{0x5A0000 + number:x}[{text}]"
