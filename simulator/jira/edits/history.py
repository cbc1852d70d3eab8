"""What Jira writes into a changelog: which of id, text or both an item carries depends on the field."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from simulator.jira.edits.notices import tell_of_issue
from simulator.jira.instants import stored
from simulator.jira.site import Document, Issue, Site

_SPRINT = "com.pyxis.greenhopper.jira:gh-sprint"
_EPIC_LINK = "com.pyxis.greenhopper.jira:gh-epic-link"
_LISTED = {"fixVersions": "Fix Version", "versions": "Version", "components": "Component"}
_SECONDS = ("timeoriginalestimate", "timeestimate", "timespent")


def item(
    field: str,
    ident: str | None,
    old: tuple[str | None, str | None],
    new: tuple[str | None, str | None],
    kind: str = "jira",
) -> Document:
    """One changelog item from (id, text) before and after."""
    entry: Document = {"field": field, "fieldtype": kind}
    if ident is not None:
        entry["fieldId"] = ident
    return {**entry, "from": old[0], "fromString": old[1], "to": new[0], "toString": new[1]}


def record(site: Site, issue: Issue, items: list[Document], at: datetime, by: str) -> None:
    """Add a history of these items and move `updated`; nothing when there is no item."""
    if not items:
        return
    issue.histories.append(
        {"id": site.new_id(), "author": site.users[by], "created": stored(at), "items": items},
    )
    touch_updated(issue, at)
    tell_of_issue(site, "jira:issue_updated", issue, at)


def touch_updated(issue: Issue, at: datetime) -> None:
    issue.fields["updated"] = stored(at)


def items_of(site: Site, ident: str, old: Any, new: Any) -> list[Document]:
    """The items for one field that goes from `old` to `new`, both as the issue's document holds them."""
    if ident in _LISTED:
        return _listed(ident, old or [], new or [])
    if ident == "duedate":
        return [item(ident, ident, _day(old, " 00:00:00.0"), _day(new, " 00:00:00.0"))]
    if ident in _SECONDS:
        return [item(ident, ident, _same(old), _same(new))]
    if ident in ("assignee", "reporter"):
        return [item(ident, ident, _user(site, old), _user(site, new))]
    if ident in ("priority", "resolution", "issuetype", "status"):
        return [item(ident, ident, _named(old), _named(new))]
    if ident == "labels":
        return [item(ident, ident, (None, " ".join(old or [])), (None, " ".join(new or [])))]
    if ident == "parent":
        name = "IssueParentAssociation" if site.flavour == "cloud" else "Parent"
        return [item(name, None, _keyed(old), _keyed(new))]
    field = next((field for field in site.fields if field.get("id") == ident), None)
    if field is None or not field.get("custom"):
        return [item(ident, ident, (None, _text(old)), (None, _text(new)))]
    return [_custom(site, field, old, new)]


def _custom(site: Site, field: Document, old: Any, new: Any) -> Document:
    schema, name, ident = field.get("schema") or {}, str(field.get("name")), field["id"]
    if schema.get("custom") == _SPRINT:
        return item(name, ident, _sprints(old), _sprints(new), "custom")
    if schema.get("custom") == _EPIC_LINK:
        return item(name, ident, _epic(site, old), _epic(site, new), "custom")
    if schema.get("type") == "date":
        return item(name, ident, _short_day(old), _short_day(new), "custom")
    if isinstance(old or new, dict | list):
        return item(name, ident, _options(old), _options(new), "custom")
    return item(name, ident, (None, _text(old)), (None, _text(new)), "custom")


def _listed(ident: str, old: list[Document], new: list[Document]) -> list[Document]:
    """Versions and components change by one item for each that goes or comes."""
    before, after = {part["id"]: part for part in old}, {part["id"]: part for part in new}
    gone = [item(_LISTED[ident], ident, _named(p), (None, None)) for key, p in before.items() if key not in after]
    come = [item(_LISTED[ident], ident, (None, None), _named(p)) for key, p in after.items() if key not in before]
    return gone + come


def _named(value: Document | None) -> tuple[str | None, str | None]:
    return (None, None) if not value else (str(value.get("id")), value.get("name"))


def _user(site: Site, value: Document | None) -> tuple[str | None, str | None]:
    name = "accountId" if site.flavour == "cloud" else "key"
    return (None, None) if not value else (value.get(name), value.get("displayName"))


def _keyed(value: Document | None) -> tuple[str | None, str | None]:
    return (None, None) if not value else (str(value.get("id")), value.get("key"))


def _same(value: Any) -> tuple[str | None, str | None]:
    return (_text(value) or None,) * 2


def _day(value: str | None, tail: str) -> tuple[str | None, str | None]:
    return (None, None) if not value else (value, value + tail)


def _short_day(value: str | None) -> tuple[str, str]:
    return ("", "") if not value else (value, date.fromisoformat(value).strftime("%d/%b/%y"))


def _sprints(value: list[Document] | None) -> tuple[str, str]:
    sprints = value or []
    return ", ".join(str(s.get("id")) for s in sprints), ", ".join(str(s.get("name")) for s in sprints)


def _epic(site: Site, key: str | None) -> tuple[str | None, str | None]:
    found = site.by_key(key) if key else None
    return (None, None) if found is None else (found.id, found.key)


def _options(value: Any) -> tuple[str | None, str | None]:
    """Choices: a single one by its id, several as "[id, id]"."""
    if not value:
        return None, None
    if isinstance(value, dict):
        return str(value.get("id", "")) or None, str(value.get("value", value.get("name", "")))
    idents = ", ".join(str(part.get("id", "")) if isinstance(part, dict) else str(part) for part in value)
    names = (str(part.get("value", part.get("name", ""))) if isinstance(part, dict) else str(part) for part in value)
    return f"[{idents}]", ", ".join(names)


def _text(value: Any) -> str:
    """A number as Jira writes it: without a fraction that is none."""
    if value is None:
        return ""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
