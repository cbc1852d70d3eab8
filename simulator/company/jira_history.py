"""Changelog histories, worklogs and comments of an issue, from the changes of its item."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime
from itertools import count, groupby
from typing import Any

from simulator.company.item import Change, Item
from simulator.company.jira_catalogue import PRIORITIES, RESOLUTIONS
from simulator.company.jira_frame import Frame
from simulator.company.plan import Person, Project, Sprint

Document = dict[str, Any]


def stamp(moment: datetime) -> str:
    """A UTC instant as Jira writes it."""
    return moment.isoformat(timespec="milliseconds")[:-6] + "+0000"


def _text(value: Any) -> str | None:
    return None if value is None else str(value)


def spent_text(seconds: int) -> str:
    hours, minutes = divmod(seconds // 60, 60)
    return " ".join(part for part in (f"{hours}h" if hours else "", f"{minutes}m" if minutes else "") if part) or "0m"


class Historian:
    """Writes the histories of a site's issues; history, worklog and comment ids rise with the calls."""

    def __init__(self, frame: Frame) -> None:
        self.frame = frame
        self._histories, self._worklogs, self._comments = count(100001), count(20001), count(30001)
        self._writers: dict[str, Callable[[Item, Project, Change], Document]] = {
            "status": self._status,
            "resolution": self._resolution,
            "due": self._due,
            "start": self._start,
            "estimate": self._seconds,
            "remaining": self._seconds,
            "spent": self._seconds,
            "points": self._points,
            "assignee": self._assignee,
            "priority": self._priority,
            "flagged": self._flagged,
            "sprints": self._sprints,
            "kind": self._kind,
            "parent": self._parent,
        }

    def write(self, item: Item, first_home: Project, moves: list[Document]) -> tuple[list[Document], list[Document]]:
        """(histories, worklogs) of an item that began in `first_home`; `moves` are ready entries of a later move."""
        logs = self._logs(item)
        waiting = iter(logs)
        histories = []
        for (at, ident), changes in groupby(item.changes, key=lambda change: (change.at, change.by.ident)):
            entries = list(self._entries(item, first_home, changes, waiting))
            if entries:
                histories.append(self._history(at, self.frame.users[ident], entries))
        histories += [self._history(move["at"], self.frame.user(move["by"]), move["items"]) for move in moves]
        return histories, logs

    def _history(self, at: datetime, author: Document, entries: list[Document]) -> Document:
        return {"id": str(next(self._histories)), "author": author, "created": stamp(at), "items": entries}

    def _entries(
        self, item: Item, home: Project, changes: Iterator[Change], logs: Iterator[Document]
    ) -> Iterator[Document]:
        for change in changes:
            writer = self._writers.get(change.field)
            if writer is None:
                continue
            yield writer(item, home, change)
            if change.field == "spent":
                ident = next(logs)["id"]
                yield {
                    "field": "WorklogId",
                    "fieldtype": "jira",
                    "from": None,
                    "fromString": None,
                    "to": ident,
                    "toString": ident,
                }

    def _entry(self, field: str, ident: str, old: Any, old_text: Any, new: Any, new_text: Any) -> Document:
        entry = {"field": field, "fieldtype": "custom" if ident.startswith("customfield_") else "jira"}
        if self.frame.cloud:
            entry["fieldId"] = ident
        return entry | {"from": old, "fromString": old_text, "to": new, "toString": new_text}

    def _status(self, item: Item, home: Project, change: Change) -> Document:
        old, new = self.frame.status(home, change.old), self.frame.status(home, change.new)
        return self._entry("status", "status", old["id"], old["name"], new["id"], new["name"])

    def _resolution(self, item: Item, home: Project, change: Change) -> Document:
        old, new = RESOLUTIONS.get(change.old), RESOLUTIONS.get(change.new)
        return self._entry("resolution", "resolution", old, change.old, new, change.new)

    def _due(self, item: Item, home: Project, change: Change) -> Document:
        old, new = (_text(value) for value in (change.old, change.new))
        return self._entry("duedate", "duedate", old, old and f"{old} 00:00:00.0", new, new and f"{new} 00:00:00.0")

    def _start(self, item: Item, home: Project, change: Change) -> Document:
        def shown(day: date | None) -> str | None:
            return day.strftime("%d/%b/%y") if day else None

        name = "Start date" if self.frame.cloud else "Target start"
        return self._entry(
            name, self.frame.ids.start, _text(change.old), shown(change.old), _text(change.new), shown(change.new)
        )

    def _seconds(self, item: Item, home: Project, change: Change) -> Document:
        names = {"estimate": "timeoriginalestimate", "remaining": "timeestimate", "spent": "timespent"}
        name, old, new = names[change.field], _text(change.old), _text(change.new)
        return self._entry(name, name, old, old, new, new)

    def _points(self, item: Item, home: Project, change: Change) -> Document:
        ident = self.frame.points_field(home)
        name = "Story Points" if ident == self.frame.ids.points else "Story point estimate"
        old, new = (None if value is None else f"{value:g}" for value in (change.old, change.new))
        return self._entry(name, ident, None, old, None, new)

    def _assignee(self, item: Item, home: Project, change: Change) -> Document:
        def both(person: Person | None) -> tuple[str | None, str | None]:
            return (self.frame.account(person), self.frame.user(person)["displayName"]) if person else (None, None)

        return self._entry("assignee", "assignee", *both(change.old), *both(change.new))

    def _priority(self, item: Item, home: Project, change: Change) -> Document:
        return self._entry(
            "priority", "priority", PRIORITIES[change.old], change.old, PRIORITIES[change.new], change.new
        )

    def _flagged(self, item: Item, home: Project, change: Change) -> Document:
        def both(flagged: bool) -> tuple[str | None, str]:
            return ("[10019]", "Impediment") if flagged else (None, "")

        return self._entry("Flagged", self.frame.ids.flagged, *both(change.old), *both(change.new))

    def _sprints(self, item: Item, home: Project, change: Change) -> Document:
        def both(sprints: tuple[Sprint, ...]) -> tuple[str, str]:
            return ", ".join(str(one.external_id) for one in sprints), ", ".join(one.name for one in sprints)

        return self._entry("Sprint", self.frame.ids.sprint, *both(change.old), *both(change.new))

    def _kind(self, item: Item, home: Project, change: Change) -> Document:
        old, new = (self.frame.kind(home, kind) for kind in (change.old, change.new))
        return self._entry("issuetype", "issuetype", old["id"], old["name"], new["id"], new["name"])

    def _parent(self, item: Item, home: Project, change: Change) -> Document:
        """An issue entering an epic; Cloud does not say which field that is."""
        new = change.new
        if self.frame.cloud:
            entry = {"field": "IssueParentAssociation", "fieldtype": "jira", "from": None, "fromString": None}
            return entry | {"to": new.external_id, "toString": new.key}
        return self._entry("Epic Link", self.frame.ids.epic_link, None, None, new.external_id, new.key)

    def _logs(self, item: Item) -> list[Document]:
        documents = []
        for log in item.worklogs:
            log.external_id = ident = str(next(self._worklogs))
            author = self.frame.user(log.by)
            made = stamp(log.created)
            documents.append(
                {
                    "self": f"{self.frame.api}/issue/{item.external_id}/worklog/{ident}",
                    "id": ident,
                    "issueId": item.external_id,
                    "author": author,
                    "updateAuthor": author,
                    "comment": "",
                    "created": made,
                    "updated": made,
                    "started": stamp(log.at),
                    "timeSpent": spent_text(log.seconds),
                    "timeSpentSeconds": log.seconds,
                }
            )
        return documents

    def comments(self, item: Item) -> list[Document]:
        documents = []
        for at, person, body in item.comments:
            ident, author, made = str(next(self._comments)), self.frame.user(person), stamp(at)
            documents.append(
                {
                    "self": f"{self.frame.api}/issue/{item.external_id}/comment/{ident}",
                    "id": ident,
                    "author": author,
                    "updateAuthor": author,
                    "body": body,
                    "created": made,
                    "updated": made,
                    "jsdPublic": True,
                }
            )
        return documents
