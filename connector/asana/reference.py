"""All of Asana's records other than tasks and their stories: one function each, from a document to its record."""

from __future__ import annotations

from typing import TypeVar
from urllib.parse import urlsplit

from connector.asana.custom_fields import plain_value
from connector.asana.documents import (
    AllocationDocument,
    GoalDocument,
    PortfolioDocument,
    ProjectDocument,
    Ref,
    SectionDocument,
    StatusDocument,
    TeamDocument,
    TimeEntryDocument,
    TimeOffDocument,
    UserDocument,
)
from connector.asana.plain import day, gid_of, instant, name_of, shown, word
from connector.records import (
    AllocationRecord,
    GoalRecord,
    PersonRecord,
    PortfolioRecord,
    ProjectRecord,
    SectionRecord,
    StatusUpdateRecord,
    TeamRecord,
    TimeOffRecord,
    UnreadableError,
    WorklogRecord,
)

T = TypeVar("T")


def read_person(user: UserDocument) -> PersonRecord:
    """Asana lists only present members, and does not tell people from bots: all are active and human."""
    return PersonRecord(external_id=user.gid, name=word(user.name) or user.email or user.gid, email=user.email or None)


def read_team(team: TeamDocument) -> TeamRecord:
    return TeamRecord(external_id=team.gid, name=word(team.name), member_ids=_gids(team.members))


def read_project(project: ProjectDocument, *, address: str) -> ProjectRecord:
    """A project. `reported` is the type of its current status update, `grouping` its team; the gid stands for a key."""
    parts = urlsplit(address)
    status = project.current_status_update
    return ProjectRecord(
        external_id=project.gid,
        key=project.gid,
        name=shown(project.name).strip(),
        url=project.permalink_url or f"{parts.scheme}://{parts.netloc}/0/{project.gid}",
        lead_id=gid_of(project.owner),
        lead_name=name_of(project.owner),
        grouping=name_of(project.team),
        archived=bool(project.archived),
        completed=bool(project.completed),
        completed_at=instant(project.completed_at, "completed_at"),
        created=instant(project.created_at, "created_at"),
        start=day(project.start_on, "start_on"),
        due=day(project.due_on or project.due_date, "due_on"),
        reported=(status.status_type or None) if status else None,
        reported_at=instant(status.created_at, "current_status_update.created_at") if status else None,
        fields={value.gid: plain_value(value) for value in project.custom_fields or () if value.gid},
    )


def read_section(section: SectionDocument) -> SectionRecord:
    return SectionRecord(
        external_id=section.gid, name=word(section.name), project_id=_needed(gid_of(section.project), "project.gid")
    )


def read_portfolio(portfolio: PortfolioDocument) -> PortfolioRecord:
    return PortfolioRecord(
        external_id=portfolio.gid,
        name=word(portfolio.name),
        owner_id=gid_of(portfolio.owner),
        project_ids=_gids([item for item in portfolio.items if item.resource_type == "project"]),
        portfolio_ids=_gids([item for item in portfolio.items if item.resource_type == "portfolio"]),
    )


def read_goal(goal: GoalDocument) -> GoalRecord:
    """A goal. `status` is the type of its current status update, else the older colour word."""
    update = goal.current_status_update
    supporting = [relationship.supporting_resource for relationship in goal.relationships]
    return GoalRecord(
        external_id=goal.gid,
        name=word(goal.name),
        owner_id=gid_of(goal.owner),
        due=day(goal.due_on, "due_on"),
        status=(update.status_type if update else None) or goal.status or None,
        project_ids=_gids([thing for thing in supporting if thing and thing.resource_type == "project"]),
    )


def read_status_update(status: StatusDocument) -> StatusUpdateRecord:
    return StatusUpdateRecord(
        external_id=_needed(status.gid, "gid"),
        project_id=_needed(gid_of(status.parent), "parent.gid"),
        status=_needed(status.status_type, "status_type"),
        title=shown(status.title or ""),
        created=_needed(instant(status.created_at, "created_at"), "created_at"),
        author_id=gid_of(status.author) or gid_of(status.created_by),
    )


def read_allocation(allocation: AllocationDocument) -> AllocationRecord:
    """A booking of a person or of a placeholder. Asana's hours are those of the whole allocation, not of a day."""
    effort, assignee = allocation.effort, allocation.assignee
    placeholder = assignee is not None and assignee.resource_type == "placeholder"
    return AllocationRecord(
        external_id=allocation.gid,
        project_id=_needed(gid_of(allocation.parent), "parent.gid"),
        person_id=None if placeholder else gid_of(assignee),
        placeholder=(name_of(assignee) or gid_of(assignee)) if placeholder else None,
        start=_needed(day(allocation.start_date, "start_date"), "start_date"),
        end=_needed(day(allocation.end_date, "end_date"), "end_date"),
        percent=effort.value if effort and effort.type == "percent" else None,
        total_hours=effort.value if effort and effort.type == "hours" else None,
    )


def read_time_off(entry: TimeOffDocument) -> TimeOffRecord:
    return TimeOffRecord(
        external_id=entry.gid,
        person_id=_needed(gid_of(entry.user), "user.gid"),
        start=_needed(day(entry.start_date, "start_date"), "start_date"),
        end=_needed(day(entry.end_date, "end_date"), "end_date"),
    )


def read_time_entry(entry: TimeEntryDocument) -> WorklogRecord:
    """Time spent. Whether it is billable is None where Asana says "notApplicable" or nothing."""
    minutes = _needed(entry.duration_minutes, "duration_minutes")
    return WorklogRecord(
        external_id=entry.gid,
        item_id=gid_of(entry.task),
        project_id=gid_of(entry.attributable_to),
        person_id=gid_of(entry.created_by),
        work_date=_needed(day(entry.entered_on, "entered_on"), "entered_on"),
        seconds=round(minutes * 60),
        created=instant(entry.created_at, "created_at"),
        billable={"billable": True, "nonBillable": False}.get(entry.billable_status or ""),
        rejected=entry.approval_status == "REJECTED",
    )


def _gids(refs: list[Ref]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(ref.gid for ref in refs if ref.gid))


def _needed(value: T | None, field: str) -> T:
    if value is None or value == "":
        raise UnreadableError(f"{field} is missing")
    return value
