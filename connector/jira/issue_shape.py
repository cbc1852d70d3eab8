"""The part of an issue's payload that is read, as structs: decoding skips all else at the speed of the parser.

The custom fields needed differ per site, so the struct of `fields` is built for each reader.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from connector.jira.histories import Changelog, History
from connector.jira.people import User


class Named(msgspec.Struct, gc=False):
    """Anything with an id, a key or a name: project, priority, resolution, component, version, a parent or an epic."""

    id: str | int | None = None
    key: str | None = None
    name: str | None = None


class StatusCategory(msgspec.Struct, gc=False):
    key: str | None = None


class Status(msgspec.Struct, gc=False):
    id: str | int | None = None
    name: str | None = None
    statusCategory: StatusCategory | None = None


class Kind(msgspec.Struct, gc=False):
    id: str | int | None = None
    name: str | None = None
    subtask: bool | None = None
    hierarchyLevel: int | None = None


class LinkKind(msgspec.Struct, gc=False):
    name: str | None = None
    inward: str | None = None
    outward: str | None = None


class Link(msgspec.Struct, gc=False):
    """A link as seen from the issue that holds it: one of the two ends is given, the other is the issue itself."""

    id: str | int | None = None
    type: LinkKind | None = None
    inwardIssue: Named | None = None
    outwardIssue: Named | None = None


class Attachment(msgspec.Struct, gc=False):
    filename: str | None = None


class TimeTracking(msgspec.Struct, gc=False):
    originalEstimateSeconds: float | None = None
    remainingEstimateSeconds: float | None = None
    timeSpentSeconds: float | None = None


class IssueFields(msgspec.Struct, gc=False):
    """The system fields. All may be missing: screens, licences and old versions leave them out."""

    summary: str | None = None
    project: Named | None = None
    issuetype: Kind | None = None
    status: Status | None = None
    priority: Named | None = None
    resolution: Named | None = None
    resolutiondate: str | None = None
    assignee: User | None = None
    reporter: User | None = None
    creator: User | None = None
    created: str | int | None = None
    updated: str | int | None = None
    duedate: str | None = None
    timeoriginalestimate: float | str | None = None
    timeestimate: float | str | None = None
    timespent: float | str | None = None
    timetracking: TimeTracking | None = None
    parent: Named | None = None
    epic: Named | None = None
    sprint: Any = None
    closedSprints: Any = None
    labels: list[str] | None = None
    components: list[Named] | None = None
    fixVersions: list[Named] | None = None
    issuelinks: list[Link] | None = None
    attachment: list[Attachment] | None = None


class Issue(msgspec.Struct, gc=False):
    """An issue. `fields` is of the struct built by `issue_decoder`; a text for a changelog says nothing."""

    fields: IssueFields
    id: str | int | None = None
    key: str | None = None
    changelog: Changelog | list[History] | str | None = None


def issue_decoder(field_ids: Sequence[str]) -> tuple[msgspec.json.Decoder[Any], dict[str, str]]:
    """A decoder of issues that also keeps these custom fields, and the attribute under which each is found.

    An attribute is `msgspec.UNSET` when the payload does not have the field at all.
    """
    attributes = {ident: f"custom_{number}" for number, ident in enumerate(dict.fromkeys(field_ids))}
    fields = msgspec.defstruct(
        "IssueFields",
        [(name, Any, msgspec.UNSET) for name in attributes.values()],
        bases=(IssueFields,),
        rename={name: ident for ident, name in attributes.items()},
        gc=False,
    )
    issue = msgspec.defstruct("Issue", [("fields", fields)], bases=(Issue,), gc=False, kw_only=True)
    return msgspec.json.Decoder(issue), attributes
