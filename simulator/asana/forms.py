"""The shapes Asana gives a resource when `opt_fields` does not say: compact inside others and on lists, full alone.

Taken from the published OpenAPI description and recorded answers. A kind not named in `COMPACT` (enum options, custom
field values, sticky dates) goes out as it is stored.
"""

from __future__ import annotations

NAMED = ("gid", "name", "resource_type")
SUBTYPED = ("gid", "name", "resource_type", "resource_subtype")

COMPACT: dict[str, tuple[str, ...]] = {
    "user": NAMED,
    "team": NAMED,
    "workspace": NAMED,
    "project": NAMED,
    "section": NAMED,
    "tag": NAMED,
    "webhook": ("gid", "resource_type", "resource", "target", "active"),
    "portfolio": NAMED,
    "task": SUBTYPED,
    "goal": ("gid", "name", "owner", "resource_type"),
    "story": ("gid", "created_at", "created_by", "resource_type", "resource_subtype", "text"),
    "status_update": ("gid", "title", "resource_type", "resource_subtype"),
    "goal_relationship": (
        "gid", "resource_type", "resource_subtype", "supporting_resource", "contribution_weight",
    ),
    "time_tracking_entry": (
        "gid", "resource_type", "duration_minutes", "entered_on", "attributable_to", "created_by",
    ),
}  # fmt: skip

OPT_IN: dict[str, frozenset[str]] = {
    "task": frozenset(
        {
            "created_by", "dependencies", "dependents", "external", "html_notes", "is_rendered_as_separator",
            "num_subtasks", "completed_by",
        }
    ),
    "project": frozenset({"html_notes", "project_brief", "created_from_template", "custom_field_settings"}),
    "story": frozenset({"html_text"}),
    "status_update": frozenset({"html_text"}),
    "team": frozenset({"description", "html_description"}),
    "portfolio": frozenset({"archived"}),
}  # fmt: skip
"""Left out of the full form; served only to who names them."""

EMPTY_UNLESS_ASKED = frozenset({"memberships"})
"""Lists of unnamed things, shown as so many `{}` until their parts are named."""

GIDS_ONLY = frozenset({"dependencies", "dependents"})
"""Lists of resources that say no more than which, until their parts are named."""
