"""The issues of a Jira site: fields from the present values of their items, keys, links, parents."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from simulator.company.item import Item
from simulator.company.jira_frame import Frame
from simulator.company.jira_history import Historian, spent_text, stamp
from simulator.company.plan import Plan, Project
from simulator.jira.site import Issue

Document = dict[str, Any]


class IssueWriter:
    """Numbers the issues of a site and writes them; `former` holds the old key and project of moved ones."""

    def __init__(self, plan: Plan, frame: Frame) -> None:
        self.plan, self.frame = plan, frame
        self.historian = Historian(frame)
        self.moved = {item: (old, at) for item, old, at in plan.moved if item.project.tracker is frame.tracker}
        self.former: dict[Item, tuple[str, Project]] = {}
        self.items = sorted(
            (item for project in frame.projects for item in project.items),
            key=lambda item: (item.created, item.project.code, item.ident),
        )
        self.children: dict[Item, list[Item]] = {}
        self._number()
        self.stubs: dict[Item, Document] = {}

    def _number(self) -> None:
        """Ids rise with creation over the site, keys within each project; a moved issue got its new key on the move."""
        next_key: dict[str, int] = {}
        for number, item in enumerate(self.items, 10001 if self.frame.cloud else 40001):
            item.external_id = str(number)
            home = self.moved[item][0] if item in self.moved else item.project
            next_key[home.code] = next_key.get(home.code, 0) + 1
            item.key = f"{home.code}-{next_key[home.code]}"
            if item.parent:
                self.children.setdefault(item.parent, []).append(item)
        for item, (old, _) in self.moved.items():
            self.former[item] = (item.key, old)
            next_key[item.project.code] += 1
            item.key = f"{item.project.code}-{next_key[item.project.code]}"

    def issue(self, item: Item) -> Issue:
        home = self.moved[item][0] if item in self.moved else item.project
        histories, worklogs = self.historian.write(item, home, self._moves(item))
        comments = self.historian.comments(item)
        latest = self.moved[item][1] if item in self.moved else item.created
        return Issue(
            id=item.external_id,
            key=item.key,
            fields=self._fields(item, max(latest, item.updated)),
            histories=histories,
            worklogs=worklogs,
            comments=comments,
        )

    def _moves(self, item: Item) -> list[Document]:
        if item not in self.moved:
            return []
        old, at = self.moved[item]
        entries: list[Document] = [
            {"field": "Key", "fieldtype": "jira", "from": None, "fromString": self.former[item][0], "to": None,
             "toString": item.key},
            {"field": "project", "fieldtype": "jira", "from": old.external_id, "fromString": old.name,
             "to": item.project.external_id, "toString": item.project.name},
        ]  # fmt: skip
        if self.frame.cloud:
            entries[1]["fieldId"] = "project"
        return [{"at": at, "by": old.lead, "items": entries}]

    def _fields(self, item: Item, updated: datetime) -> Document:
        frame, project = self.frame, item.project
        reporter = frame.user(item.reporter)
        children = self.children.get(item, ())
        fields: Document = {
            "summary": item.title,
            "description": None if item.ident % 3 else f"{item.title}\r\n\r\nMade up for trial runs.",
            "environment": None,
            "issuetype": frame.kind(project, item.kind),
            "project": frame.stubs[project.code],
            "status": frame.status(project, item.status),
            "priority": frame.priority[item.priority],
            "resolution": frame.resolution[item.resolution] if item.resolution else None,
            "resolutiondate": self._since(item, "resolution") if item.resolution else None,
            "created": stamp(item.created),
            "updated": stamp(updated),
            "duedate": item.due and item.due.isoformat(),
            "assignee": frame.user(item.assignee) if item.assignee else None,
            "reporter": reporter,
            "creator": reporter,
            "labels": list(item.labels),
            "components": [frame.component[project.code, item.component]] if item.component else [],
            "fixVersions": [frame.version[item.milestone]] if item.milestone else [],
            "versions": [],
            "issuelinks": [],
            "subtasks": [self._stub(child) for child in children if child.kind == "subtask"],
            "security": None,
            "lastViewed": None,
            "votes": {"self": f"{frame.api}/issue/{item.key}/votes", "votes": 0, "hasVoted": False},
            "watches": {"self": f"{frame.api}/issue/{item.key}/watchers", "watchCount": 1, "isWatching": False},
            frame.ids.rank: f"0|i{item.ident:05d}:",
            frame.ids.flagged: [{"self": f"{frame.api}/customFieldOption/10019", "value": "Impediment", "id": "10019"}]
            if item.flagged
            else None,
            frame.ids.start: item.start and item.start.isoformat(),
            frame.ids.target_end: None,
            frame.ids.sprint: [frame.sprint[sprint] for sprint in item.sprints] or None,
            frame.ids.points: None,
            frame.ids.epic_name: item.title.partition(":")[0] if item.kind == "epic" else None,
            frame.ids.epic_link: None,
            frame.ids.risk_probability: item.probability,
            frame.ids.risk_cost: item.cost,
            frame.ids.risk_response: self._choice(item.response),
            frame.ids.risk_plan: item.response_plan,
            frame.ids.severity: self._choice(item.severity),
        }
        if frame.ids.points_estimate:
            fields[frame.ids.points_estimate] = None
        fields[frame.points_field(project)] = item.points
        self._effort(item, fields, children)
        self._parent(item, fields)
        if frame.cloud:
            fields["statuscategorychangedate"] = self._category_since(item)
        return fields

    def _choice(self, value: str | None) -> Document | None:
        if value is None:
            return None
        ident = str(10100 + sum(value.encode()) % 800)
        return {"self": f"{self.frame.api}/customFieldOption/{ident}", "value": value, "id": ident}

    def _effort(self, item: Item, fields: Document, children: list[Item] | tuple[()]) -> None:
        """Times in seconds; the aggregate ones add the sub-tasks, as Jira does (an epic's children are not added)."""
        below = [child for child in children if child.kind == "subtask"]
        tracking: Document = {}
        for name, field, label in (
            ("estimate", "timeoriginalestimate", "originalEstimate"),
            ("remaining", "timeestimate", "remainingEstimate"),
            ("spent", "timespent", "timeSpent"),
        ):
            own = getattr(item, name)
            fields[field] = own
            known = [value for value in (own, *(getattr(child, name) for child in below)) if value is not None]
            fields[f"aggregate{field}"] = sum(known) if known else None
            if own is not None:
                tracking[label], tracking[f"{label}Seconds"] = spent_text(own), own
        fields["timetracking"] = tracking
        fields["workratio"] = 100 * (item.spent or 0) // item.estimate if item.estimate else -1
        for prefix in ("", "aggregate"):
            progress = fields[f"{prefix}timespent"] or 0
            total = progress + (fields[f"{prefix}timeestimate"] or 0)
            share = {"percent": 100 * progress // total} if total else {}
            fields[f"{prefix}progress"] = {"progress": progress, "total": total, **share}

    def _parent(self, item: Item, fields: Document) -> None:
        if item.parent is None:
            return
        if self.frame.cloud or item.kind == "subtask":
            fields["parent"] = self._stub(item.parent)
        else:
            fields[self.frame.ids.epic_link] = item.parent.key

    def _stub(self, item: Item) -> Document:
        """The short form in which one issue shows another."""
        if item not in self.stubs:
            frame = self.frame
            self.stubs[item] = {
                "id": item.external_id,
                "key": item.key,
                "self": f"{frame.api}/issue/{item.external_id}",
                "fields": {
                    "summary": item.title,
                    "status": frame.status(item.project, item.status),
                    "priority": frame.priority[item.priority],
                    "issuetype": frame.kind(item.project, item.kind),
                },
            }
        return self.stubs[item]

    def _since(self, item: Item, field: str) -> str:
        return stamp(next(change.at for change in reversed(item.changes) if change.field == field))

    def _category_since(self, item: Item) -> str:
        """When the status category last became another one; at creation if it never did."""
        steps = item.project.workflow
        for change in reversed(item.changes):
            if change.field == "status" and steps.step(change.old).category != steps.step(change.new).category:
                return stamp(change.at)
        return stamp(item.created)

    def link(self) -> None:
        """Show every "blocks" on both of its ends, under one id."""
        site, kind = self.frame.site, self.frame.site.link_types[0]
        number = 50001
        for item in self.items:
            for other in item.blocks:
                shared = {"id": str(number), "self": f"{self.frame.api}/issueLink/{number}", "type": kind}
                number += 1
                site.issues[item.external_id].fields["issuelinks"].append(shared | {"outwardIssue": self._stub(other)})
                site.issues[other.external_id].fields["issuelinks"].append(shared | {"inwardIssue": self._stub(item)})
