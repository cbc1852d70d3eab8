"""One issue payload to one `ItemRecord`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from connector.boundary.unreadable import MISREAD, unreadable
from connector.jira.custom_values import plain, sprint_ids
from connector.jira.fields import ids_by_role
from connector.jira.histories import Changelog, ChangeReading, History
from connector.jira.issue_shape import Issue, IssueFields, Kind, Named, Status, TimeTracking, issue_decoder
from connector.jira.links import read_links
from connector.jira.people import person_id, read_person
from connector.jira.words import day, instant, iso_day, seconds, shown
from connector.records import (
    Category,
    ChangesRecord,
    FieldRecord,
    FieldRole,
    FieldValue,
    ItemRecord,
    Membership,
    PersonRecord,
    UnreadableError,
)

CATEGORIES = {"new": Category.TODO, "indeterminate": Category.IN_PROGRESS, "done": Category.DONE}

_EMPTY = (None, msgspec.UNSET)
_NO_KIND = Kind()
_NO_STATUS = Status()
_NO_TRACKING = TimeTracking()


class IssueReading:
    """Reads the issues of one site. Pure, free of state, safe to use from several threads."""

    def __init__(
        self, address: str, fields: Sequence[FieldRecord], wanted: Sequence[str], changes: ChangeReading
    ) -> None:
        self._browse = address.rstrip("/") + "/browse/"
        self._changes = changes
        by_role = {
            role: ids_by_role(fields, role)
            for role in (
                FieldRole.SPRINT,
                FieldRole.EPIC_LINK,
                FieldRole.PARENT_LINK,
                FieldRole.START,
                FieldRole.FLAGGED,
            )
        }
        known = set(IssueFields.__struct_fields__)
        wanted = [ident for ident in wanted if ident not in known]
        self._decoder, attributes = issue_decoder([*(ident for ids in by_role.values() for ident in ids), *wanted])
        self._roles = {role: [attributes[ident] for ident in ids] for role, ids in by_role.items()}
        self._wanted = [(ident, attributes[ident]) for ident in wanted]

    def read(self, external_id: str, payload: bytes) -> ItemRecord:
        """The item; `UnreadableError` names what is missing or misshapen.

        `due` is the issue's own due date. A planned end of Advanced Roadmaps is another statement: ask for it as a
        wanted field.
        """
        try:
            issue: Issue = self._decoder.decode(payload)
        except MISREAD as raised:
            raise unreadable("the issue", raised) from None
        ident = external_id or _text_id(issue.id)
        fields = issue.fields
        if not ident:
            raise UnreadableError("the issue has no id")
        if not issue.key:
            raise UnreadableError(f"issue {ident} has no key")
        if fields.project is None or fields.project.id is None:
            raise UnreadableError(f"issue {issue.key} has no fields.project.id: it was fetched without its fields")
        created = instant(fields.created, "fields.created")
        updated = instant(fields.updated, "fields.updated") or created
        if created is None or updated is None:
            raise UnreadableError(f"issue {issue.key} has no fields.created")
        kind = fields.issuetype or _NO_KIND
        status = fields.status or _NO_STATUS
        tracking = fields.timetracking or _NO_TRACKING
        parent_id, parent_key = self._parent(fields)
        assignee, reporter, people = _people(fields)
        return ItemRecord(
            external_id=ident,
            key=issue.key,
            url=self._browse + issue.key,
            title=shown(fields.summary or "") or issue.key,
            memberships=(Membership(str(fields.project.id)),),
            kind_id=_text_id(kind.id) or "",
            kind_name=shown(kind.name or ""),
            subtask=bool(kind.subtask),
            level=-1 if kind.subtask and kind.hierarchyLevel is None else kind.hierarchyLevel,
            status_id=_text_id(status.id),
            status_name=shown(status.name) if status.name else None,
            status_category=CATEGORIES.get(status.statusCategory.key or "") if status.statusCategory else None,
            priority=_name(fields.priority),
            resolution=_name(fields.resolution),
            resolved_at=instant(fields.resolutiondate, "fields.resolutiondate"),
            assignee_id=assignee,
            reporter_id=reporter,
            people=people,
            created=created,
            updated=updated,
            start=self._start(fields),
            due=day(fields.duedate, "fields.duedate"),
            estimate_s=_effort(fields.timeoriginalestimate, tracking.originalEstimateSeconds),
            remaining_s=_effort(fields.timeestimate, tracking.remainingEstimateSeconds),
            spent_s=_effort(fields.timespent, tracking.timeSpentSeconds),
            parent_id=parent_id,
            parent_key=parent_key,
            labels=tuple(map(shown, fields.labels)) if fields.labels else (),
            component_names=tuple(shown(part.name) for part in fields.components or () if part.name),
            attachment_names=tuple(shown(part.filename) for part in fields.attachment or () if part.filename),
            milestone_ids=tuple(str(part.id) for part in fields.fixVersions or () if part.id is not None),
            sprint_ids=self._sprints(fields),
            links=read_links(ident, fields.issuelinks) if fields.issuelinks else (),
            flagged=any(getattr(fields, name) not in (*_EMPTY, []) for name in self._roles[FieldRole.FLAGGED]),
            fields=self._custom(fields),
            changes=self._history(ident, issue.changelog),
        )

    def _parent(self, fields: IssueFields) -> tuple[str | None, str | None]:
        """Jira has had four ways to name a parent; the nearest one wins."""
        for link in (fields.parent, fields.epic):
            if link is not None and (link.id is not None or link.key):
                return _text_id(link.id), link.key or None
        for role in (FieldRole.EPIC_LINK, FieldRole.PARENT_LINK):
            for name in self._roles[role]:
                value = getattr(fields, name)
                if isinstance(value, str) and value:
                    return None, value
                # Advanced Roadmaps wraps its parent in `data`; without a licence there is only the reason why not.
                held = value.get("data", value) if isinstance(value, dict) else None
                if isinstance(held, dict) and (held.get("id") or held.get("key")):
                    return (str(held["id"]) if held.get("id") else None), held.get("key")
        return None, None

    def _start(self, fields: IssueFields) -> Any:
        for name in self._roles[FieldRole.START]:
            value = getattr(fields, name)
            if isinstance(value, str) and iso_day(value):
                return day(value, "the start date")
        return None

    def _sprints(self, fields: IssueFields) -> tuple[str, ...]:
        found: list[str] = []
        for name in self._roles[FieldRole.SPRINT]:
            value = getattr(fields, name)
            if value not in _EMPTY:
                found += sprint_ids(value)
        if fields.closedSprints or fields.sprint:
            found += [*sprint_ids(fields.closedSprints or []), *sprint_ids(fields.sprint)]
        return tuple(dict.fromkeys(found))

    def _custom(self, fields: IssueFields) -> dict[str, FieldValue]:
        values = ((ident, getattr(fields, name)) for ident, name in self._wanted)
        return {ident: plain(value) for ident, value in values if value is not msgspec.UNSET}

    def _history(self, ident: str, changelog: Changelog | list[History] | str | None) -> ChangesRecord | None:
        """The embedded history when it is whole: a bare list is, a page must say how many there are."""
        if changelog is None or isinstance(changelog, str):
            return None
        if isinstance(changelog, list):
            return self._changes.read(ident, changelog)
        histories = changelog.histories if changelog.histories is not None else changelog.values
        if histories is None or changelog.total is None or changelog.total > len(histories):
            return None
        return self._changes.read(ident, histories)


def _people(fields: IssueFields) -> tuple[str | None, str | None, tuple[PersonRecord, ...]]:
    ids = [person_id(user) for user in (fields.assignee, fields.reporter, fields.creator)]
    found: dict[str, PersonRecord] = {}
    for ident, user in zip(ids, (fields.assignee, fields.reporter, fields.creator), strict=True):
        if ident and user and ident not in found:
            found[ident] = read_person(user, ident)
    return ids[0], ids[1], tuple(found.values())


def _effort(value: float | str | None, tracked: float | None) -> int | None:
    return seconds(value if value is not None else tracked, "an estimate or time spent")


def _name(thing: Named | None) -> str | None:
    return shown(thing.name) if thing is not None and thing.name else None


def _text_id(ident: str | int | None) -> str | None:
    return None if ident is None or ident == "" else str(ident)
