"""The shapes of Asana's documents, as far as they are read.

Only what identifies a thing is required; everything else may be missing, null or compact, because Asana sends what
`opt_fields`, the plan and the account's rights allow. Keys not named here are ignored.
"""

from __future__ import annotations

import msgspec


class Ref(msgspec.Struct, frozen=True):
    """A compact document. `gid` is None in the empty objects Asana sends where a sub-field was not asked for."""

    gid: str | None = None
    name: str | None = None
    email: str | None = None
    resource_type: str | None = None


class Place(msgspec.Struct, frozen=True):
    """A task's place in one project; `{}` and a null section occur."""

    project: Ref | None = None
    section: Ref | None = None


class DateValue(msgspec.Struct, frozen=True):
    date: str | None = None
    date_time: str | None = None


class FieldValueDocument(msgspec.Struct, frozen=True):
    """A custom field and its value on one task. A multi_enum field has no `enum_value` key at all."""

    gid: str | None = None
    name: str | None = None
    type: str | None = None
    resource_subtype: str | None = None
    representation_type: str | None = None
    asana_created_field: str | None = None
    enum_value: Ref | None = None
    multi_enum_values: list[Ref] | None = None
    number_value: float | None = None
    text_value: str | None = None
    date_value: DateValue | None = None
    people_value: list[Ref] | None = None
    reference_value: list[Ref] | None = None
    display_value: str | None = None


class TaskDocument(msgspec.Struct, frozen=True):
    gid: str
    name: str
    resource_subtype: str | None = None
    custom_type: Ref | None = None
    custom_type_status_option: Ref | None = None
    approval_status: str | None = None
    is_rendered_as_separator: bool | None = None
    completed: bool | None = None
    completed_at: str | None = None
    created_at: str | None = None
    modified_at: str | None = None
    start_on: str | None = None
    start_at: str | None = None
    due_on: str | None = None
    due_at: str | None = None
    actual_time_minutes: float | None = None
    assignee: Ref | None = None
    created_by: Ref | None = None
    completed_by: Ref | None = None
    parent: Ref | None = None
    memberships: list[Place] | None = None
    projects: list[Ref] | None = None
    tags: list[Ref] | None = None
    dependencies: list[Ref] | None = None
    custom_fields: list[FieldValueDocument] | None = None
    permalink_url: str | None = None


class StoryDates(msgspec.Struct, frozen=True):
    start_on: str | None = None
    due_on: str | None = None
    due_at: str | None = None


class StoryDocument(msgspec.Struct, frozen=True):
    """One story. Which old and new values it carries depends on `resource_subtype`, and on what was asked for."""

    gid: str | None = None
    created_at: str | None = None
    created_by: Ref | None = None
    resource_subtype: str | None = None
    assignee: Ref | None = None
    project: Ref | None = None
    custom_field: Ref | None = None
    old_dates: StoryDates | None = None
    new_dates: StoryDates | None = None
    old_section: Ref | None = None
    new_section: Ref | None = None
    old_enum_value: Ref | None = None
    new_enum_value: Ref | None = None
    old_number_value: float | None = None
    new_number_value: float | None = None
    old_resource_subtype: str | None = None
    new_resource_subtype: str | None = None
    old_approval_status: str | None = None
    new_approval_status: str | None = None


class UserDocument(msgspec.Struct, frozen=True):
    gid: str
    name: str | None = None
    email: str | None = None


class TeamDocument(msgspec.Struct, frozen=True):
    """A team with its `members`, which the connector adds to Asana's document."""

    gid: str
    name: str
    members: list[Ref] = []


class FieldDocument(msgspec.Struct, frozen=True):
    gid: str
    name: str
    type: str | None = None
    resource_subtype: str | None = None
    representation_type: str | None = None
    asana_created_field: str | None = None
    enum_options: list[Ref] | None = None


class StatusDocument(msgspec.Struct, frozen=True):
    gid: str | None = None
    status_type: str | None = None
    title: str | None = None
    created_at: str | None = None
    author: Ref | None = None
    created_by: Ref | None = None
    parent: Ref | None = None


class ProjectDocument(msgspec.Struct, frozen=True):
    gid: str
    name: str
    archived: bool | None = None
    completed: bool | None = None
    completed_at: str | None = None
    created_at: str | None = None
    start_on: str | None = None
    due_on: str | None = None
    due_date: str | None = None
    owner: Ref | None = None
    team: Ref | None = None
    current_status_update: StatusDocument | None = None
    permalink_url: str | None = None
    custom_fields: list[FieldValueDocument] | None = None


class SectionDocument(msgspec.Struct, frozen=True):
    gid: str
    name: str
    project: Ref | None = None


class PortfolioDocument(msgspec.Struct, frozen=True):
    """A portfolio with its `items`, projects and portfolios, which the connector adds to Asana's document."""

    gid: str
    name: str
    owner: Ref | None = None
    items: list[Ref] = []


class GoalRelationship(msgspec.Struct, frozen=True):
    supporting_resource: Ref | None = None


class GoalDocument(msgspec.Struct, frozen=True):
    """A goal with its `relationships`, which the connector adds to Asana's document."""

    gid: str
    name: str
    owner: Ref | None = None
    due_on: str | None = None
    status: str | None = None
    current_status_update: StatusDocument | None = None
    relationships: list[GoalRelationship] = []


class Effort(msgspec.Struct, frozen=True):
    type: str | None = None
    value: float | None = None


class AllocationDocument(msgspec.Struct, frozen=True):
    gid: str
    start_date: str | None = None
    end_date: str | None = None
    effort: Effort | None = None
    assignee: Ref | None = None
    parent: Ref | None = None


class TimeOffDocument(msgspec.Struct, frozen=True):
    gid: str
    start_date: str | None = None
    end_date: str | None = None
    user: Ref | None = None


class TimeEntryDocument(msgspec.Struct, frozen=True):
    gid: str
    duration_minutes: float | None = None
    entered_on: str | None = None
    created_at: str | None = None
    created_by: Ref | None = None
    task: Ref | None = None
    attributable_to: Ref | None = None
    approval_status: str | None = None
    billable_status: str | None = None
