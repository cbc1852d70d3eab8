"""Evaluates JQL over a site: each clause becomes a test of an issue, each order a sort key.

Date texts are read in the asking account's time zone and carry minutes only, as in Jira; a bare number is an instant in
milliseconds; instants are compared at the whole second, the resolution of Jira's index. An unknown project, issue,
status, type, component or category refuses the whole query, as Jira does.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from simulator.jira.index import SiteIndex, find_project, number
from simulator.jira.instants import instant_of
from simulator.jira.jql import Both, Clause, Either, Negation, Node, Query, QueryError, Value
from simulator.jira.jql_values import COMPARE, Test, compared, moment, spellings
from simulator.jira.site import Document, Issue, Site

_INSTANTS = {
    "created": "created",
    "createddate": "created",
    "updated": "updated",
    "updateddate": "updated",
    "resolved": "resolutiondate",
    "resolutiondate": "resolutiondate",
    "due": "duedate",
    "duedate": "duedate",
}
_FIELDS = {
    "type": "issuetype",
    "component": "components",
    "fixversion": "fixVersions",
    "affectedversion": "versions",
    "originalestimate": "timeoriginalestimate",
}
_SPRINT = "com.pyxis.greenhopper.jira:gh-sprint"


class Matcher:
    """Evaluates queries at the instant `now`. `lenient` leaves unknown values out and lists them in `warnings`."""

    def __init__(self, site: Site, index: SiteIndex, now: datetime, *, lenient: bool = False) -> None:
        self._site = site
        self._index = index
        self._now = now
        self._zone = ZoneInfo(site.time_zone or "UTC")
        self._lenient = lenient
        self.warnings: list[str] = []
        self._names = {str(field.get("name", "")).lower(): field["id"] for field in site.fields if "id" in field}
        self._ids = {field["id"].lower(): field["id"] for field in site.fields if "id" in field}
        self._sprint = next(
            (f["id"] for f in site.fields if (f.get("schema") or {}).get("custom") == _SPRINT), "sprint"
        )

    def find(self, query: Query) -> list[Issue]:
        """The issues a search shows, ordered; without ORDER BY the newest id comes first, as in Jira."""
        test = self._test(query.where) if query.where is not None else _any
        closed = {ident for ident, project in self._site.projects.items() if _closed(project)}
        project_of = self._index.project_of
        found = [
            issue
            for issue in self._candidates(query.where)
            if not issue.archived and not issue.hidden and project_of[issue.id] not in closed and test(issue)
        ]
        for name, descending in reversed(query.order or (("id", True),)):
            found.sort(key=self._sort_key(name), reverse=descending)
        return found

    def _candidates(self, where: Node | None) -> Iterable[Issue]:
        """The issues of the projects that the query is confined to, or all: only a short cut."""
        idents = self._confined(where)
        if idents is None:
            return self._index.ordered
        return [issue for ident in idents for issue in self._index.by_project.get(ident, ())]

    def _confined(self, node: Node | None) -> set[str] | None:
        if isinstance(node, Both):
            left, right = self._confined(node.left), self._confined(node.right)
            return left & right if left is not None and right is not None else left or right
        if isinstance(node, Clause) and node.field.lower() == "project" and node.op in ("=", "in"):
            return self._projects(node.values)
        return None

    def _test(self, node: Node) -> Test:
        if isinstance(node, Both):
            left, right = self._test(node.left), self._test(node.right)
            return lambda issue: left(issue) and right(issue)
        if isinstance(node, Either):
            left, right = self._test(node.left), self._test(node.right)
            return lambda issue: left(issue) or right(issue)
        if isinstance(node, Negation):
            inner = self._test(node.inner)
            return lambda issue: not inner(issue)
        return self._clause(node)

    def _clause(self, clause: Clause) -> Test:
        name = clause.field.lower()
        if clause.op in ("is", "is not"):
            return self._emptiness(clause)
        if name in ("id", "issue", "key", "issuekey", "issueid"):
            return self._issue(clause)
        if name == "project":
            idents = self._projects(clause.values)
            project_of = self._index.project_of
            return _signed(clause, lambda issue: project_of[issue.id] in idents)
        if name in _INSTANTS or (clause.op in COMPARE and self._is_instant(name)):
            return self._instant(clause)
        return self._value(clause)

    def _issue(self, clause: Clause) -> Test:
        if clause.op in COMPARE:
            compare, bound = COMPARE[clause.op], self._issue_number(clause.values[0])
            return lambda issue: compare(number(issue.id), bound)
        wanted = set()
        for value in clause.values:
            found = self._find_issue(value.text)
            if found is None or found.hidden:
                what = "issue with key" if "-" in value.text else "value with ID"
                article = "An" if "-" in value.text else "A"
                self._unknown(f"{article} {what} '{value.text}' does not exist for the field '{clause.field}'.")
            else:
                wanted.add(found.id)
        return _signed(clause, lambda issue: issue.id in wanted)

    def _find_issue(self, ident: str) -> Issue | None:
        return self._site.issues.get(ident) or self._index.by_key.get(ident.upper())

    def _issue_number(self, value: Value) -> int:
        if value.text.isdigit():
            return int(value.text)
        found = self._find_issue(value.text)
        if found is None:
            raise QueryError(f"An issue with key '{value.text}' does not exist for field 'id'.")
        return number(found.id)

    def _projects(self, values: Iterable[Value]) -> set[str]:
        idents = set()
        for value in values:
            project = find_project(self._site, value.text)
            if project is None:
                self._unknown(f"The value '{value.text}' does not exist for the field 'project'.")
            else:
                idents.add(str(project.get("id")))
        return idents

    def _unknown(self, message: str) -> None:
        if not self._lenient:
            raise QueryError(message)
        if message not in self.warnings:
            self.warnings.append(message)

    def _is_instant(self, name: str) -> bool:
        ident = self._field(name)
        schemas = (f.get("schema") or {} for f in self._site.fields if f.get("id") == ident)
        return any(schema.get("type") in ("date", "datetime") for schema in schemas)

    def _instant(self, clause: Clause) -> Test:
        name = _INSTANTS.get(clause.field.lower()) or self._field(clause.field)
        taken = self._site.takes_milliseconds
        bounds = [
            moment(value, clause.field, self._now, self._zone, milliseconds=taken) // 1000 for value in clause.values
        ]
        day_only = name == "duedate"

        def moment_of(issue: Issue) -> int | None:
            value = issue.fields.get(name)
            if day_only and isinstance(value, str):
                return int(datetime.fromisoformat(value[:10]).replace(tzinfo=self._zone).timestamp())
            moment = instant_of(value)
            return None if moment is None else moment // 1000

        if clause.op in COMPARE:
            compare, bound = COMPARE[clause.op], bounds[0]
            return lambda issue: (moment := moment_of(issue)) is not None and compare(moment, bound)
        return _signed(clause, lambda issue: moment_of(issue) in bounds)

    def _field(self, name: str) -> str:
        """The id of the field a clause names: by clause name, by id, as cf[123] or by display name."""
        low = name.lower()
        if low == "sprint":
            return self._sprint
        if custom := re.fullmatch(r"cf\[(\d+)\]", low):
            return f"customfield_{custom[1]}"
        known = _FIELDS.get(low) or self._ids.get(low) or self._names.get(low)
        if known is None and low not in _PLAIN and low != "category":
            raise QueryError(f"Field '{name}' does not exist or you do not have permission to view it.")
        return known or low

    def _emptiness(self, clause: Clause) -> Test:
        if clause.values[0].text.lower() not in ("empty", "null"):
            raise QueryError("Error in the JQL Query: Expecting EMPTY or NULL after 'is'.")
        name = _INSTANTS.get(clause.field.lower()) or self._field(clause.field)
        empty = clause.op == "is"
        return lambda issue: (issue.fields.get(name) in (None, [], "")) == empty

    def _value(self, clause: Clause) -> Test:
        if clause.values[0].text.lower() in ("empty", "null") and not clause.values[0].quoted:
            return self._emptiness(Clause(clause.field, "is" if clause.op == "=" else "is not", clause.values))
        ident = self._field(clause.field)
        wanted = {self._operand(value).casefold() for value in clause.values}
        self._check(ident, clause)
        if ident == "category":
            return _signed(clause, lambda issue: not wanted.isdisjoint(self._category(issue)))
        if clause.op in COMPARE:
            return compared(clause, ident)
        if clause.op in ("~", "!~"):
            return _signed(
                clause, lambda issue: all(w in str(issue.fields.get(ident) or "").casefold() for w in wanted)
            )
        return _signed(clause, lambda issue: not wanted.isdisjoint(spellings(issue.fields.get(ident))))

    def _operand(self, value: Value) -> str:
        return self._site.me if value.text.lower() == "currentuser()" else value.text

    def _check(self, ident: str, clause: Clause) -> None:
        catalogue = {
            "status": self._site.statuses,
            "issuetype": self._site.issue_types,
            "category": self._site.categories,
            "components": [part for parts in self._site.components.values() for part in parts],
        }.get(ident)
        if not catalogue:
            return
        known = {str(entry.get(name, "")).casefold() for entry in catalogue for name in ("id", "name")}
        for value in clause.values:
            if value.text.casefold() not in known:
                self._unknown(f"The value '{value.text}' does not exist for the field '{clause.field}'.")

    def _category(self, issue: Issue) -> set[str]:
        project = self._site.projects.get(self._index.project_of[issue.id], {})
        return spellings(project.get("projectCategory"))

    def _sort_key(self, name: str) -> Callable[[Issue], Any]:
        low = name.lower()
        if low in ("id", "issueid"):
            return lambda issue: number(issue.id)
        if low in ("key", "issuekey", "issue"):
            return lambda issue: (issue.key.rpartition("-")[0], number(issue.key.rpartition("-")[2]))
        if low in _INSTANTS:
            field = _INSTANTS[low]
            return lambda issue: instant_of(issue.fields.get(field)) or 0
        ident = "project" if low == "project" else self._field(name)
        return lambda issue: min(spellings(issue.fields.get(ident)), default="")


_PLAIN = frozenset(
    {"status", "issuetype", "labels", "components", "parent", "assignee", "reporter", "creator", "priority"}
    | {"resolution", "summary", "description", "fixversions", "versions", "environment"}
)


def _any(_issue: Issue) -> bool:
    return True


def _closed(project: Document) -> bool:
    return bool(project.get("archived") or project.get("deleted"))


def _signed(clause: Clause, test: Test) -> Test:
    """The test, or its opposite for the negative operators."""
    return (lambda issue: not test(issue)) if clause.op in ("!=", "not in", "!~") else test
