"""Custom fields of the Asana organisation, and which tasks carry any."""

from __future__ import annotations

from itertools import count
from typing import Any

from simulator.company.item import Item

Document = dict[str, Any]

PRIORITY_OPTIONS = {
    "global": {"Highest": "High", "High": "High", "Medium": "Medium", "Low": "Low", "Lowest": "Low"},
    "own": {"Highest": "P1", "High": "P1", "Medium": "P2", "Low": "P3", "Lowest": "P3"},
}
TYPES = {"task": "Task", "risk": "Risk", "milestone": "Task", "approval": "Task", "subtask": "Task"}


def stands_in_project(item: Item) -> bool:
    """Subtasks stand under their parent only, unless somebody added them to the project as well: one in five."""
    return item.kind != "subtask" or item.ident % 5 == 0


class Field:
    """A custom field: its definition, its options by name, and its compact form for stories."""

    def __init__(self, gids: count[int], name: str, kind: str, options: tuple[str, ...] = (), **more: Any) -> None:
        colours = ("green", "yellow", "red", "blue", "cool-gray", "orange")
        self.options: dict[str, Document] = {
            option: {"gid": str(next(gids)), "resource_type": "enum_option", "name": option, "enabled": True,
                     "color": colours[number % len(colours)]}
            for number, option in enumerate(options)
        }  # fmt: skip
        self.document: Document = {
            "gid": str(next(gids)), "resource_type": "custom_field", "resource_subtype": kind, "type": kind,
            "name": name,
            "representation_type": kind, "description": "", "is_formula_field": False, "is_value_read_only": False,
            "is_global_to_workspace": True, "has_notifications_enabled": False, "privacy_setting": "public",
            "default_access_level": "editor", "id_prefix": None, "asana_created_field": None, **more,
        }  # fmt: skip
        if kind == "enum":
            self.document["enum_options"] = list(self.options.values())
        if kind == "number":
            self.document |= {"precision": 0, "format": "none", "currency_code": None, "custom_label": None,
                              "custom_label_position": None} | more  # fmt: skip
        self.compact = {key: self.document[key] for key in ("gid", "resource_type", "resource_subtype", "type", "name")}

    def value(self, value: Any) -> Document:
        """The field as a task shows it: the definition with a number, a text or an option's name, or None."""
        document = self.document | {"enabled": True}
        if self.document["type"] == "enum":
            document["enum_value"] = self.options[value] if value else None
            document["display_value"] = value
        elif self.document["type"] == "text":
            document["text_value"] = document["display_value"] = value
        else:
            document["number_value"] = value
            document["display_value"] = None if value is None else f"{value:g}"
        return document
