"""Boards, sprints, versions and components of a Jira site's projects."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from simulator.company.jira_frame import Frame
from simulator.company.plan import Project, Sprint

Document = dict[str, Any]


def add_boards(frame: Frame) -> None:
    """Give every project its components, its milestones as versions, its board and its sprints."""
    for number, project in enumerate(frame.projects, 1):
        _versions(frame, project)
        _board(frame, number, project)


def iso_z(moment: datetime) -> str:
    """An instant as the agile API writes it."""
    return moment.isoformat(timespec="milliseconds")[:-6] + "Z"


def _versions(frame: Frame, project: Project) -> None:
    ident = project.external_id
    components = []
    for number, name in enumerate(project.components):
        own = f"{ident}{number}"
        document = {"self": f"{frame.api}/component/{own}", "id": own, "name": name, "project": project.code,
                    "projectId": int(ident), "lead": frame.user(project.lead), "assigneeType": "PROJECT_DEFAULT",
                    "isAssigneeTypeValid": False}  # fmt: skip
        components.append(document)
        frame.component[project.code, name] = {key: document[key] for key in ("self", "id", "name")}
    frame.site.components[ident] = components
    versions = []
    for number, milestone in enumerate(project.milestones):
        milestone.external_id = own = f"{ident}{number:02}"
        released = milestone.reached is not None
        when = milestone.reached or milestone.due
        overdue = not released and milestone.due < frame.plan.today
        version = {
            "self": f"{frame.api}/version/{own}", "id": own, "name": milestone.name, "description": "",
            "archived": False, "released": released, "projectId": int(ident), "overdue": overdue,
            "startDate": project.begin.isoformat(), "releaseDate": when.isoformat(),
        }  # fmt: skip
        versions.append(version)
        keys = ("self", "id", "name", "description", "archived", "released", "releaseDate")
        frame.version[milestone] = {key: version[key] for key in keys}
    if number_of_items := len(project.items) // 200:
        own = f"{ident}90"
        versions.append({"self": f"{frame.api}/version/{own}", "id": own, "name": "Someday", "archived": False,
                         "released": False, "projectId": int(ident),
                         "description": f"{number_of_items} hundred ideas without a date"})  # fmt: skip
    frame.site.versions[ident] = versions


def _board(frame: Frame, number: int, project: Project) -> None:
    ident = str(number)
    agile = f"{frame.base}/rest/agile/1.0"
    name = f"{project.code} board"
    location = {"projectId": int(project.external_id), "displayName": f"{project.name} ({project.code})",
                "projectName": project.name, "projectKey": project.code, "projectTypeKey": "software",
                "name": f"{project.name} ({project.code})"}  # fmt: skip
    managed = "team_managed" in project.quirks
    board = {"id": number, "self": f"{agile}/board/{ident}", "name": name, "type": project.method,
             "location": location, "isPrivate": False}  # fmt: skip
    frame.site.boards[ident] = board | ({"type": "simple"} if managed else {})
    estimation: Document = {"type": "none"}
    if project.method == "scrum" and project.estimates != "none":
        points = project.estimates == "points"
        field = frame.points_field(project) if points else "timeoriginalestimate"
        shown = "Original estimate"
        if points:
            shown = "Story point estimate" if field == frame.ids.points_estimate else "Story Points"
        estimation = {"type": "field", "field": {"fieldId": field, "displayName": shown}}
    columns = [
        {"name": step.name, "statuses": [{key: frame.status(project, step.key)[key] for key in ("id", "self")}]}
        for step in project.workflow.steps
    ]
    frame.site.board_configuration[ident] = {
        "id": number, "name": name, "type": project.method, "self": f"{agile}/board/{ident}/configuration",
        "location": {"type": "project", "key": project.code, "id": project.external_id, "name": project.name},
        "filter": {"id": str(10500 + number), "self": f"{frame.api}/filter/{10500 + number}"},
        "columnConfig": {"columns": columns, "constraintType": "none"}, "estimation": estimation,
        "ranking": {"rankCustomFieldId": int(frame.ids.rank.removeprefix("customfield_"))},
    }  # fmt: skip
    frame.site.sprints_by_board[ident] = [_sprint(frame, number, sprint, agile) for sprint in project.sprints]


def _sprint(frame: Frame, board: int, sprint: Sprint, agile: str) -> Document:
    moment = sprint.project.calendar.moment
    sprint.external_id = board * 100 + sprint.number
    document: Document = {
        "id": sprint.external_id, "self": f"{agile}/sprint/{sprint.external_id}", "state": sprint.state,
        "name": sprint.name, "originBoardId": board, "goal": sprint.goal,
    }  # fmt: skip
    undated_future = sprint.state == "future" and sprint is sprint.project.sprints[-1]
    if not undated_future:
        document["startDate"], document["endDate"] = iso_z(moment(sprint.opens)), iso_z(moment(sprint.closes))
    if sprint.state == "closed":
        document["completeDate"] = iso_z(moment(sprint.closes + 0.009))
    value = {key: item for key, item in document.items() if key not in ("self", "originBoardId")}
    frame.sprint[sprint] = value | {"boardId": board}
    return document
