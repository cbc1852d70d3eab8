"""What is asked of each kind of document: the `opt_fields` of every list.

A field that is not named here does not come, so the lists are the reader's wishes and nothing more: no notes, no texts
of comments or updates, no names of followers.
"""

from __future__ import annotations

CUSTOM_FIELD = (
    "name",
    "type",
    "resource_subtype",
    "representation_type",
    "asana_created_field",
    "enum_options.name",
    "enum_options.enabled",
)

WORKSPACE = ("name", "is_organization")
USER = ("name", "email")
TEAM = ("name", "organization.name")
TEAM_MEMBER = ("name",)
FIELD_SETTING = tuple(f"custom_field.{name}" for name in CUSTOM_FIELD)
PROJECT = (
    "name",
    "archived",
    "completed",
    "completed_at",
    "created_at",
    "start_on",
    "due_on",
    "owner.name",
    "team.name",
    "workspace.name",
    "current_status_update.status_type",
    "current_status_update.title",
    "current_status_update.created_at",
    "permalink_url",
    "custom_fields.name",
    "custom_fields.type",
    "custom_fields.representation_type",
    "custom_fields.enum_value.name",
    "custom_fields.multi_enum_values.name",
    "custom_fields.number_value",
    "custom_fields.text_value",
    "custom_fields.date_value.date",
    "custom_fields.date_value.date_time",
    "custom_fields.people_value.name",
    "custom_fields.display_value",
)
PROJECT_PLACE = ("workspace", "archived")
SECTION = ("name", "project.name")
PORTFOLIO = ("name", "owner.name", "permalink_url")
PORTFOLIO_ITEM = ("name", "resource_type")
GOAL = ("name", "owner.name", "due_on", "status", "current_status_update.status_type")
GOAL_RELATIONSHIP = ("resource_subtype", "supporting_resource.name", "supporting_resource.resource_type")
STATUS_UPDATE = ("title", "status_type", "created_at", "author.name", "created_by.name", "parent.name")
ALLOCATION = (
    "start_date",
    "end_date",
    "effort.type",
    "effort.value",
    "assignee.name",
    "assignee.resource_type",
    "parent.name",
)
TIME_OFF = ("start_date", "end_date", "user.name")
TIME_ENTRY = (
    "duration_minutes",
    "entered_on",
    "created_at",
    "created_by.name",
    "task.name",
    "attributable_to.name",
    "approval_status",
    "billable_status",
)
HEAD = ("modified_at", "num_subtasks", "parent", "memberships.project")
"""What places a task and tells whether it changed: a tenth of a whole one."""

TASK_COUNTS = ("num_tasks",)
WEBHOOK = ("resource", "target", "active", "last_failure_at", "failure_deletion_timestamp")
TASK = (
    "name",
    "resource_subtype",
    "custom_type.name",
    "custom_type_status_option.name",
    "approval_status",
    "is_rendered_as_separator",
    "completed",
    "completed_at",
    "completed_by.name",
    "created_at",
    "created_by.name",
    "modified_at",
    "start_on",
    "start_at",
    "due_on",
    "due_at",
    "actual_time_minutes",
    "assignee.name",
    "parent.name",
    "num_subtasks",
    "memberships.project.name",
    "memberships.section.name",
    "tags.name",
    "dependencies",
    "custom_fields.name",
    "custom_fields.type",
    "custom_fields.resource_subtype",
    "custom_fields.representation_type",
    "custom_fields.asana_created_field",
    "custom_fields.enum_value.name",
    "custom_fields.multi_enum_values.name",
    "custom_fields.number_value",
    "custom_fields.text_value",
    "custom_fields.date_value",
    "custom_fields.people_value.name",
    "custom_fields.reference_value.name",
    "custom_fields.display_value",
    "permalink_url",
)
STORY = (
    "created_at",
    "created_by.name",
    "resource_subtype",
    "type",
    "assignee.name",
    "project.name",
    "custom_field.name",
    "old_dates",
    "new_dates",
    "old_section.name",
    "new_section.name",
    "old_enum_value.name",
    "new_enum_value.name",
    "old_number_value",
    "new_number_value",
    "old_resource_subtype",
    "new_resource_subtype",
    "old_approval_status",
    "new_approval_status",
)
