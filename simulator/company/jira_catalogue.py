"""What a Jira site defines before it holds any issue: fields, types, priorities, resolutions, link types, users.

Custom field numbers differ between the two sites on purpose; only the schema key tells what a field is.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from simulator.company.plan import Category, Person, Tracker

Document = dict[str, Any]

BASE = {Tracker.CLOUD: "https://jira-cloud.invalid", Tracker.DATACENTER: "https://jira-dc.invalid"}

PRIORITIES = {"Highest": "1", "High": "2", "Medium": "3", "Low": "4", "Lowest": "5"}
RESOLUTIONS = {"Done": "10000", "Won't Do": "10001", "Duplicate": "10002", "Cannot Reproduce": "10003"}
CATEGORIES: dict[Category, tuple[int, str, str, str]] = {
    Category.TODO: (2, "new", "blue-gray", "To Do"),
    Category.IN_PROGRESS: (4, "indeterminate", "yellow", "In Progress"),
    Category.DONE: (3, "done", "green", "Done"),
}
# kind of item: (type name, subtask, hierarchy level)
KINDS: dict[str, tuple[str, bool, int]] = {
    "epic": ("Epic", False, 1),
    "story": ("Story", False, 0),
    "task": ("Task", False, 0),
    "bug": ("Bug", False, 0),
    "subtask": ("Sub-task", True, -1),
    "milestone": ("Milestone", False, 0),
    "risk": ("Risk", False, 0),
}
_SYSTEM = (
    ("summary", "Summary", "string"), ("description", "Description", "string"),
    ("issuetype", "Issue Type", "issuetype"),
    ("project", "Project", "project"), ("status", "Status", "status"), ("priority", "Priority", "priority"),
    ("resolution", "Resolution", "resolution"), ("resolutiondate", "Resolved", "datetime"),
    ("created", "Created", "datetime"), ("updated", "Updated", "datetime"), ("duedate", "Due date", "date"),
    ("assignee", "Assignee", "user"), ("reporter", "Reporter", "user"), ("creator", "Creator", "user"),
    ("labels", "Labels", "array"), ("components", "Components", "array"), ("fixVersions", "Fix versions", "array"),
    ("versions", "Affects versions", "array"), ("issuelinks", "Linked Issues", "array"),
    ("subtasks", "Sub-tasks", "array"), ("timeoriginalestimate", "Original estimate", "number"),
    ("timeestimate", "Remaining Estimate", "number"), ("timespent", "Time Spent", "number"),
    ("timetracking", "Time tracking", "timetracking"), ("worklog", "Log Work", "array"),
    ("comment", "Comment", "comments-page"), ("environment", "Environment", "string"),
)  # fmt: skip
_GH = "com.pyxis.greenhopper.jira:"
_JPO = "com.atlassian.jpo:jpo-custom-field-"
_PLAIN = "com.atlassian.jira.plugin.system.customfieldtypes:"


@dataclass(frozen=True)
class FieldIds:
    """The custom fields of a site by what they are."""

    sprint: str
    epic_link: str
    epic_name: str
    rank: str
    flagged: str
    start: str
    target_end: str
    points: str
    risk_probability: str
    risk_cost: str
    risk_response: str
    risk_plan: str
    severity: str
    points_estimate: str | None


FIELDS: dict[Tracker, FieldIds] = {
    Tracker.CLOUD: FieldIds(
        "customfield_10020", "customfield_10014", "customfield_10011", "customfield_10019", "customfield_10021",
        "customfield_10015", "customfield_10023", "customfield_10026", "customfield_10031", "customfield_10032",
        "customfield_10033", "customfield_10034", "customfield_10035", "customfield_10016",
    ),
    Tracker.DATACENTER: FieldIds(
        "customfield_10105", "customfield_10101", "customfield_10103", "customfield_10106", "customfield_10110",
        "customfield_10301", "customfield_10302", "customfield_10107", "customfield_10311", "customfield_10312",
        "customfield_10313", "customfield_10314", "customfield_10315", None,
    ),
}  # fmt: skip


def _custom(ident: str, name: str, schema: str, type_: str, items: str | None = None) -> Document:
    number = int(ident.removeprefix("customfield_"))
    shape: Document = {"type": type_, "custom": schema, "customId": number}
    if items:
        shape["items"] = items
    return {
        "id": ident, "key": ident, "name": name, "untranslatedName": name, "custom": True, "orderable": True,
        "navigable": True, "searchable": True, "clauseNames": [f"cf[{number}]", name], "schema": shape,
    }  # fmt: skip


def field_documents(tracker: Tracker) -> list[Document]:
    """All fields of the site, system fields first."""
    ids = FIELDS[tracker]
    documents: list[Document] = [
        {
            "id": ident, "key": ident, "name": name, "custom": False, "orderable": True, "navigable": True,
            "searchable": True, "clauseNames": [ident], "schema": {"type": type_, "system": ident},
        }
        for ident, name, type_ in _SYSTEM
    ]  # fmt: skip
    cloud = tracker is Tracker.CLOUD
    if cloud:
        documents.append({**documents[0], "id": "parent", "key": "parent", "name": "Parent", "clauseNames": ["parent"],
                          "schema": {"type": "issuelink", "system": "parent"}})  # fmt: skip
    documents += [
        _custom(ids.sprint, "Sprint", _GH + "gh-sprint", "array", "json" if cloud else "string"),
        _custom(ids.epic_link, "Epic Link", _GH + "gh-epic-link", "any"),
        _custom(ids.epic_name, "Epic Name", _GH + "gh-epic-label", "string"),
        _custom(ids.rank, "Rank", _GH + "gh-lexo-rank", "any"),
        _custom(ids.flagged, "Flagged", _PLAIN + "multicheckboxes", "array", "option"),
        _custom(ids.target_end, "Target end", _JPO + "baseline-end", "date"),
        _custom(ids.points, "Story Points", _PLAIN + "float", "number"),
        _custom(ids.risk_probability, "Risk probability", _PLAIN + "float", "number"),
        _custom(ids.risk_cost, "Risk cost", _PLAIN + "float", "number"),
        _custom(ids.risk_response, "Risk response", _PLAIN + "select", "option"),
        _custom(ids.risk_plan, "Response plan", _PLAIN + "textfield", "string"),
        _custom(ids.severity, "Severity", _PLAIN + "select", "option"),
    ]
    if cloud:
        documents.append(_custom(ids.start, "Start date", _PLAIN + "datepicker", "date"))
    else:
        documents.append(_custom(ids.start, "Target start", _JPO + "baseline-start", "date"))
    if ids.points_estimate:
        documents.append(_custom(ids.points_estimate, "Story point estimate", _GH + "jsw-story-points", "number"))
    return documents


def user_document(person: Person, tracker: Tracker, base: str) -> Document:
    """A person's account, with the identities of both flavours."""
    digest = sha256(f"{person.ident} {person.email}".encode()).hexdigest()
    account = f"712020:{digest[:8]}-{digest[8:12]}-4{digest[13:16]}-8{digest[17:20]}-{digest[20:32]}"
    key = f"JIRAUSER{10100 + person.ident}"
    ident = f"accountId={account}" if tracker is Tracker.CLOUD else f"username={key}"
    return {
        "self": f"{base}/rest/api/2/user?{ident}",
        "accountId": account,
        "accountType": "atlassian" if person.human else "app",
        "key": key,
        "name": person.email.partition("@")[0] or key.lower(),
        "emailAddress": person.email,
        "avatarUrls": {"48x48": f"{base}/avatar/{person.ident}.png"},
        "displayName": person.name_in(tracker),
        "active": person.active,
        "timeZone": person.time_zone,
        "locale": "en_US",
    }


def link_types(base: str) -> list[Document]:
    words = (("Blocks", "is blocked by", "blocks"), ("Relates", "relates to", "relates to"),
             ("Duplicate", "is duplicated by", "duplicates"), ("Cloners", "is cloned by", "clones"))  # fmt: skip
    return [
        {"id": str(10000 + number), "name": name, "inward": inward, "outward": outward,
         "self": f"{base}/rest/api/2/issueLinkType/{10000 + number}"}
        for number, (name, inward, outward) in enumerate(words)
    ]  # fmt: skip


def priorities(base: str) -> dict[str, Document]:
    return {
        name: {
            "self": f"{base}/rest/api/2/priority/{ident}",
            "id": ident,
            "name": name,
            "iconUrl": f"{base}/p/{ident}.svg",
        }
        for name, ident in PRIORITIES.items()
    }


def resolutions(base: str) -> dict[str, Document]:
    return {
        name: {"self": f"{base}/rest/api/2/resolution/{ident}", "id": ident, "name": name, "description": ""}
        for name, ident in RESOLUTIONS.items()
    }
