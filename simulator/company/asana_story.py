"""A task's stories: its history and its comments, from the changes of its item."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

from simulator.company.asana_fields import Field, stands_in_project
from simulator.company.asana_frame import SITE, Frame, stamp
from simulator.company.asana_task import SETTLING, first_turn, second_home
from simulator.company.item import Change, Item
from simulator.company.plan import Person

Document = dict[str, Any]

_SAID = {"is_edited": False, "is_pinned": False, "hearted": False, "hearts": [], "num_hearts": 0, "liked": False,
         "likes": [], "num_likes": 0, "previews": [], "reaction_summary": [], "source": "web"}  # fmt: skip

SECOND = timedelta(seconds=1)


class Storyteller:
    """Writes the stories of one task, oldest first."""

    def __init__(self, frame: Frame, item: Item, task: Document) -> None:
        self.frame, self.item, self.home = frame, item, item.project
        self.task = {key: task[key] for key in ("gid", "name", "resource_type", "resource_subtype")}
        self.placed = stands_in_project(item)
        self.fields: dict[str, Field] = frame.fields[item.project.code] if self.placed else {}
        # Dates change one by one in the plan, while Asana tells both in one story.
        self.start: date | None = item.at_creation("start")
        self.due: date | None = item.at_creation("due")

    def write(self) -> list[Document]:
        told = list(self._beginning())
        for change in self.item.changes:
            told.extend(self._change(change))
        told.extend(self._second_homes())
        said = (
            self._story(at, person, "comment_added", body, kind="comment") for at, person, body in self.item.comments
        )
        return sorted([*told, *said], key=lambda story: str(story["created_at"]))

    def _story(self, at: datetime, by: Person, subtype: str, text: str, kind: str = "system", **more: Any) -> Document:
        who = self.frame.user(by)
        whole = text if kind == "comment" else f"{who['name']} {text}"
        link = f'<a href="{SITE}/0/profile/{who["gid"]}">{who["name"]}</a> {text}'
        return {
            "gid": self.frame.gid(), "resource_type": "story", "resource_subtype": subtype, "type": kind,
            "created_at": stamp(at), "created_by": who, "text": whole, "html_text": f"<body>{link}</body>",
            "is_editable": kind == "comment", "task": self.task, "target": self.task, **_SAID, **more,
        }  # fmt: skip

    def _beginning(self) -> Iterator[Document]:
        item, at = self.item, self.item.created
        homes = (self.home, *item.homes) if self.placed else ()
        for number, home in enumerate(homes):
            project, text = self.frame.compact[home.external_id], f"added this task to {home.name}"
            yield self._story(at + number * SETTLING, item.reporter, "added_to_project", text, project=project)
        first = item.at_creation("assignee")
        if first:
            yield self._assigned(at + timedelta(seconds=2), item.reporter, first)

    def _assigned(self, at: datetime, by: Person, whom: Person) -> Document:
        user = self.frame.user(whom)
        return self._story(at, by, "assigned", f"assigned to {user['name']}", assignee=user)

    def _change(self, change: Change) -> Iterator[Document]:
        at, by, old, new = change.at, change.by, change.old, change.new
        match change.field:
            case "status":
                yield from self._status(change)
            case "assignee" if new:
                yield self._assigned(at, by, new)
            case "assignee":
                yield self._story(at, by, "unassigned", "unassigned this task", assignee=self.frame.user(old))
            case "due" | "start":
                yield self._dates(change)
            case "points" | "estimate" if "effort" in self.fields:
                yield self._number(change)
            case "priority" if "priority" in self.fields:
                was, now = (self.frame.priority(self.home, name) for name in (old, new))
                if was != now:
                    yield self._enum(change, "priority", was, now)
            case "approval":
                yield self._story(
                    at, by, "approval_status_changed", f"marked this approval as {new}",
                    old_approval_status=old, new_approval_status=new,
                )  # fmt: skip

    def _second_homes(self) -> Iterator[Document]:
        """Each of the other projects moves the task within its own sections, just before the work takes a turn."""
        turn = first_turn(self.item)
        for home in self.item.homes if self.placed and turn else ():
            old, new = second_home(self.frame, home)
            if turn and old != new:
                yield self._story(
                    turn.at - SECOND, turn.by, "section_changed",
                    f"moved this task from {old['name']} to {new['name']}",
                    old_section=old, new_section=new, project=self.frame.compact[home.external_id],
                )  # fmt: skip

    def _status(self, change: Change) -> Iterator[Document]:
        flow = self.home.workflow
        was, now = flow.step(change.old), flow.step(change.new)
        if "status" in self.fields:
            yield self._enum(change, "status", was.name, now.name)
        elif self.placed and not self.home.phases:
            old, new = (self.frame.section(self.home, key, 0) for key in (change.old, change.new))
            yield self._story(
                change.at, change.by, "section_changed", f"moved this task from {old['name']} to {new['name']}",
                old_section=old, new_section=new, project=self.frame.compact[self.home.external_id],
            )  # fmt: skip
        # The answer to an approval completes it by itself; see the approval's own story.
        if was.category != now.category and "done" in (was.category, now.category) and self.item.approval is None:
            done = now.category == "done"
            word = "marked this task complete" if done else "marked this task incomplete"
            yield self._story(change.at, change.by, "marked_complete" if done else "marked_incomplete", word)

    def _dates(self, change: Change) -> Document:
        old = {"start_on": self.start, "due_on": self.due}
        new = old | {f"{change.field}_on": change.new}
        self.start, self.due = new["start_on"], new["due_on"]
        both = [
            {"due_at": None, **{key: day and day.isoformat() for key, day in dates.items()}} for dates in (old, new)
        ]
        text = f"changed the due date to {self.due}"
        return self._story(change.at, change.by, "due_date_changed", text, old_dates=both[0], new_dates=both[1])

    def _number(self, change: Change) -> Document:
        unit = 60 if change.field == "estimate" else 1
        old, new = (None if value is None else value / unit for value in (change.old, change.new))
        field = self.fields["effort"]
        return self._story(
            change.at, change.by, "number_custom_field_changed", f"changed {field.document['name']} to {new}",
            custom_field=field.compact, old_number_value=old, new_number_value=new,
        )  # fmt: skip

    def _enum(self, change: Change, role: str, old: str, new: str) -> Document:
        field = self.fields[role]
        return self._story(
            change.at, change.by, "enum_custom_field_changed", f"changed {field.document['name']} to {new}",
            custom_field=field.compact, old_enum_value=field.options[old], new_enum_value=field.options[new],
        )  # fmt: skip
