"""What stands above Asana's tasks: status updates, portfolios, goals, bookings and absences."""

from __future__ import annotations

from typing import Any

from simulator.company.asana_frame import SITE, Frame, named, stamp
from simulator.company.plan import Project, Report, Tracker

Document = dict[str, Any]

_COLOURS = {"on_track": "green", "at_risk": "yellow", "off_track": "red", "on_hold": "blue", "complete": "complete"}
_GOALS = (
    ("Members stay twice as long", "Customer Platform", "green"),
    ("Open in three regions", "Market Entry", "yellow"),
    ("Close the month in four days", "Finance Renewal", "red"),
    ("No open audit finding", "Safety and Compliance", "green"),
    ("One map of all data", "Data Platform", None),
)


def add_status_updates(frame: Frame, project: Project) -> None:
    """All reports, oldest first; the newest is also the project's current status, in both of Asana's spellings."""
    document = frame.workspace.projects[project.external_id]
    updates = [_update(frame, project, report) for report in project.reports]
    frame.workspace.status_updates[project.external_id] = updates
    if updates:
        last, report = updates[-1], project.reports[-1]
        document["current_status_update"] = last
        document["current_status"] = {
            "gid": last["gid"], "resource_type": "project_status", "title": last["title"], "text": last["text"],
            "color": _COLOURS[report.status], "author": last["author"], "created_at": last["created_at"],
            "created_by": last["created_by"],
        }  # fmt: skip


def _update(frame: Frame, project: Project, report: Report) -> Document:
    author = frame.user(report.author)
    return {
        "gid": frame.gid(), "resource_type": "status_update", "resource_subtype": "project_status_update",
        "title": f"Status of {project.name}, {report.at:%d %b}", "text": report.text,
        "html_text": f"<body>{report.text}</body>", "status_type": report.status, "author": author,
        "created_at": stamp(report.at), "created_by": author, "modified_at": stamp(report.at), "hearted": False,
        "hearts": [], "liked": False, "likes": [], "num_hearts": 0, "num_likes": 0, "reaction_summary": [],
        "parent": frame.compact[project.external_id],
    }  # fmt: skip


def add_portfolios(frame: Frame) -> None:
    """A portfolio of portfolios for each of the company's portfolios: one per program, holding its projects."""
    tops: dict[str, str] = {}
    programs: dict[str, str] = {}
    for project in frame.projects:
        if project.portfolio not in tops:
            tops[project.portfolio] = _portfolio(frame, project.portfolio)
        if project.program not in programs:
            programs[project.program] = _portfolio(frame, project.program)
            frame.workspace.portfolio_items[tops[project.portfolio]].append(programs[project.program])
        frame.workspace.portfolio_items[programs[project.program]].append(project.external_id)


def _portfolio(frame: Frame, name: str) -> str:
    gid, owner = frame.gid(), frame.user(frame.me)
    begun = stamp(min(project.calendar.moment(project.calendar.index(project.begin)) for project in frame.projects))
    frame.workspace.portfolios[gid] = {
        "gid": gid, "resource_type": "portfolio", "name": name, "archived": False, "color": "light-green",
        "start_on": None, "due_on": None, "default_access_level": "viewer", "created_at": begun, "created_by": owner,
        "custom_field_settings": [], "current_status_update": None, "custom_fields": [], "members": [owner],
        "owner": owner, "workspace": frame.home, "permalink_url": f"{SITE}/0/portfolio/{gid}", "public": True,
        "privacy_setting": "public_to_domain", "project_templates": [],
    }  # fmt: skip
    frame.workspace.portfolio_items[gid] = []
    return gid


def add_goals(frame: Frame) -> None:
    """One goal per named program, supported by that program's projects; the last one has no status yet."""
    ends = frame.plan.today.replace(month=12, day=31)
    for name, program, status in _GOALS:
        gid, owner = frame.gid(), frame.user(frame.me)
        goal: Document = {
            "gid": gid, "resource_type": "goal", "name": name, "notes": "", "html_notes": "<body></body>",
            "due_on": ends.isoformat(), "start_on": ends.replace(month=1, day=1).isoformat(),
            "is_workspace_level": True,
            "liked": False, "likes": [], "num_likes": 0, "team": None, "workspace": frame.home, "followers": [owner],
            "time_period": {"gid": frame.gid(), "resource_type": "time_period", "period": "FY",
                            "display_name": f"FY{ends:%y}", "start_on": ends.replace(month=1, day=1).isoformat(),
                            "end_on": ends.isoformat()},
            "metric": {"gid": frame.gid(), "resource_type": "goal_metric", "resource_subtype": "number",
                       "unit": "percentage", "precision": 0, "initial_number_value": 0, "target_number_value": 1,
                       "current_number_value": 0.4, "current_display_value": "40%",
                       "progress_source": "project_task_completion"},
            "owner": owner, "current_status_update": None, "status": status, "privacy_setting": "public_to_workspace",
            "default_access_level": "viewer", "custom_fields": [], "custom_field_settings": [],
        }  # fmt: skip
        frame.workspace.goals[gid] = goal
        frame.workspace.goal_relationships[gid] = [
            {"gid": frame.gid(), "resource_type": "goal_relationship", "resource_subtype": "supporting_work",
             "supporting_resource": frame.compact[project.external_id], "contribution_weight": 1,
             "supported_goal": named(goal)}
            for project in frame.projects
            if project.program == program
        ]  # fmt: skip


def add_bookings(frame: Frame) -> None:
    """Allocations of Asana projects, and the absences of everybody with an account."""
    for booking in frame.plan.bookings:
        if booking.project.tracker is not Tracker.ASANA:
            continue
        gid = frame.gid()
        frame.workspace.allocations[gid] = {
            "gid": gid, "resource_type": "allocation", "resource_subtype": "project_allocation",
            "start_date": booking.start.isoformat(), "end_date": booking.end.isoformat(),
            "effort": {"type": "percent", "value": booking.percent}
            if booking.hours is None
            else {"type": "hours", "value": booking.hours},
            "assignee": frame.user(booking.person), "created_by": frame.user(booking.project.lead),
            "parent": frame.compact[booking.project.external_id],
        }  # fmt: skip
    for person in frame.plan.people:
        if person.ident not in frame.users:
            continue
        for first, last in person.time_off:
            gid = frame.gid()
            frame.workspace.out_of_office[gid] = {
                "gid": gid, "resource_type": "ooo_entry", "start_date": first.isoformat(), "end_date": last.isoformat(),
                "user": frame.user(person), "created_by": frame.user(person),
            }  # fmt: skip
