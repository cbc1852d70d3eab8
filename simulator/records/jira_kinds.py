"""What kind of Jira document a recorded one is: by its own address, else by its shape. A guess is never made: None."""

from __future__ import annotations

import re

from simulator.records.sighting import Document

_BY_ADDRESS = [
    (re.compile(pattern), kind)
    for pattern, kind in (
        (r"/issue/[^/]+/comment/[^/]+$", "comments"),
        (r"/issue/[^/]+/worklog/[^/]+$", "worklogs"),
        (r"/issue/[^/]+$", "issues"),
        (r"/user$", "users"),
        (r"/project/[^/]+$", "projects"),
        (r"/status/[^/]+$", "statuses"),
        (r"/issue[tT]ype/[^/]+$", "issue_types"),
        (r"/priority/[^/]+$", "priorities"),
        (r"/resolution/[^/]+$", "resolutions"),
        (r"/issueLinkType/[^/]+$", "link_types"),
        (r"/version/[^/]+$", "versions"),
        (r"/component/[^/]+$", "components"),
        (r"/projectCategory/[^/]+$", "categories"),
        (r"/board/[^/]+$", "boards"),
        (r"/board/[^/]+/configuration$", "board_configurations"),
        (r"/sprint/[^/]+$", "sprints"),
    )
]
_SPRINT_STATES = {"active", "closed", "future"}


def kind_of(document: Document) -> str | None:
    """The stream the document belongs to; None for what is not served (votes, filters, transitions, errors ...)."""
    if "colorName" in document:
        return None  # a status category, whatever its address says
    address = document.get("self")
    if isinstance(address, str):
        path = address.partition("?")[0]
        kind = next((kind for pattern, kind in _BY_ADDRESS if pattern.search(path)), None)
        if kind is not None:
            return kind
    return _by_shape(document)


def _by_shape(document: Document) -> str | None:
    has = document.keys().__contains__
    if has("key") and isinstance(document.get("fields"), dict):
        return "issues"
    if has("items") and has("created") and has("id"):
        return "histories"
    if is_user(document):
        return "users"
    if has("inward") and has("outward") and has("name"):
        return "link_types"
    if has("clauseNames") or (has("custom") and has("id") and has("name")):
        return "fields"
    if document.get("state") in _SPRINT_STATES and has("name") and has("id"):
        return "sprints"
    return None


def is_user(value: object) -> bool:
    """A user of any era: an account id, or a name or key beside a displayed name."""
    if not isinstance(value, dict) or "displayName" not in value:
        return False
    return bool(value.get("accountId") or value.get("key") or value.get("name")) and "projectId" not in value


def user_key(user: Document, flavour: str) -> str | None:
    """What identifies the user on a site of this flavour; None for the anonymous."""
    if flavour == "cloud":
        return user.get("accountId") or None
    return user.get("key") or user.get("name") or user.get("accountId") or None
