"""Setting a custom field's value on a task, in the shape each type of field has, with what its story says."""

from __future__ import annotations

from typing import Any

from simulator.asana.workspace import Document, Workspace


def set_value(state: Workspace, task: Document, field: str, value: Any) -> tuple[str, str, Document]:
    """Change the task; gives the story's subtype, its words and its old and new values.

    `value` is a number, a text, `{"date": "YYYY-MM-DD"}`, an enum option's gid, a list of option or user gids, or None.
    """
    entry = _own_entry(state, task, field)
    kind = entry["resource_subtype"]
    story, key = _KEYS[kind]
    old = entry.get(key)
    new = _stored(state, entry, kind, value)
    entry[key] = new
    entry["display_value"] = _shown(kind, new)
    words = f"changed {entry['name']} to {entry['display_value'] or 'none'}"
    suffix = "values" if kind == "multi_enum" else "value"
    name = f"{kind}_{suffix}"
    named = {"gid": entry["gid"], "resource_type": "custom_field", "name": entry["name"], "resource_subtype": kind}
    return story, words, {"custom_field": named, f"old_{name}": old, f"new_{name}": new}


_KEYS = {
    "enum": ("enum_custom_field_changed", "enum_value"),
    "multi_enum": ("multi_enum_custom_field_changed", "multi_enum_values"),
    "number": ("number_custom_field_changed", "number_value"),
    "text": ("text_custom_field_changed", "text_value"),
    "date": ("date_custom_field_changed", "date_value"),
    "people": ("people_custom_field_changed", "people_value"),
}


def _own_entry(state: Workspace, task: Document, field: str) -> Document:
    """A fresh entry for the field in the task's list (entries may be shared between tasks)."""
    entries: list[Document] = task.get("custom_fields") or []
    before = next((entry for entry in entries if entry["gid"] == field), state.custom_fields[field])
    own = {**before}
    task["custom_fields"] = [*(entry for entry in entries if entry["gid"] != field), own]
    return own


def _stored(state: Workspace, entry: Document, kind: str, value: Any) -> Any:
    options = {option["gid"]: option for option in entry.get("enum_options") or []}
    if kind == "enum":
        return None if value is None else options[value]
    if kind == "multi_enum":
        return [options[gid] for gid in value or []]
    if kind == "people":
        return [{"gid": gid, "resource_type": "user", "name": state.users[gid].get("name")} for gid in value or []]
    return value


def _shown(kind: str, value: Any) -> str | None:
    """Asana's `display_value`."""
    if value is None:
        return None
    if kind == "enum":
        return str(value["name"])
    if kind in {"multi_enum", "people"}:
        return ", ".join(str(entry["name"]) for entry in value) or None
    if kind == "date":
        return f"{value['date']}T00:00:00.000Z"
    return f"{value:g}" if isinstance(value, float) else str(value)
