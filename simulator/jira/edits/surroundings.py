"""What issues stand among: projects, sprints, versions, people, the account and its clock. Issues stay as they are."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from simulator.jira.edits.notices import tell
from simulator.jira.site import Document, Site

_SPRINT = "com.pyxis.greenhopper.jira:gh-sprint"


def new_sprint(
    site: Site, board_id: str, name: str, *, start: datetime | None = None, end: datetime | None = None
) -> int:
    """A future sprint on a board. Returns its id."""
    with site.lock:
        ident = int(site.new_id())
        sprint: Document = {"id": ident, "state": "future", "name": name, "originBoardId": int(board_id)}
        for key, moment in (("startDate", start), ("endDate", end)):
            if moment is not None:
                sprint[key] = _zulu(moment)
        site.sprints_by_board.setdefault(board_id, []).append(sprint)
        tell(site, "sprint_created", sprint={"id": ident})
        return ident


def edit_sprint(site: Site, sprint_id: int, **changes: Any) -> None:
    """Rename, start, close or re-date a sprint (`name`, `state`, `startDate`, ...; instants may be datetimes).

    The copies inside issues follow, silently: Jira does not count this as a change of the issues.
    """
    told = {name: _zulu(value) if isinstance(value, datetime) else value for name, value in changes.items()}
    with site.lock:
        found = [s for sprints in site.sprints_by_board.values() for s in sprints if s.get("id") == sprint_id]
        if not found:
            raise KeyError(sprint_id)
        fields = [f["id"] for f in site.fields if (f.get("schema") or {}).get("custom") == _SPRINT]
        copies = [
            sprint
            for issue in site.issues.values()
            for field in fields
            for sprint in issue.fields.get(field) or ()
            if isinstance(sprint, dict) and sprint.get("id") == sprint_id
        ]
        for sprint in found + copies:
            sprint.update(told)
        tell(site, "sprint_updated", sprint={"id": sprint_id})


def new_version(site: Site, project_id: str, name: str, *, due: date | None = None) -> str:
    """An unreleased version of a project. Returns its id."""
    with site.lock:
        ident = site.new_id()
        version: Document = {"id": ident, "name": name, "archived": False, "released": False}
        version["projectId"] = int(project_id)
        if due is not None:
            version["releaseDate"] = due.isoformat()
        site.versions.setdefault(project_id, []).append(version)
        tell(site, "jira:version_created", version={"id": ident, "projectId": int(project_id)})
        return ident


def release_version(site: Site, version_id: str, on: date) -> None:
    """Release a version on a day."""
    with site.lock:
        for versions in site.versions.values():
            for version in versions:
                if str(version.get("id")) == version_id:
                    version.update({"released": True, "releaseDate": on.isoformat()})
                    tell(site, "jira:version_released", version={"id": version_id})
                    return
        raise KeyError(version_id)


def archive_project(site: Site, project_id: str, archived: bool = True) -> None:
    """Archive a project: it leaves the lists of live projects and its issues leave all searches."""
    with site.lock:
        site.projects[project_id]["archived"] = archived
        site.touch()


def hide_project(site: Site, project_id: str, hidden: bool = True) -> None:
    """The account loses (or regains) a project with all its issues: to the account it looks deleted."""
    with site.lock:
        source, target = (site.projects, site.out_of_sight) if hidden else (site.out_of_sight, site.projects)
        target[project_id] = source.pop(project_id)
        for issue in site.issues.values():
            if issue.project_id == project_id:
                issue.hidden = hidden
        site.touch()


def edit_user(site: Site, user_id: str, **changes: Any) -> None:
    """Rename, deactivate or re-mail a user; seen at once wherever the user's document is shared."""
    with site.lock:
        site.users[user_id].update(changes)


def set_time_zone(site: Site, zone: str) -> None:
    """Change the time zone in the profile of the asking account."""
    with site.lock:
        site.time_zone = zone


def shift_clock(site: Site, seconds: float) -> None:
    """Let the server's clock be wrong by so many seconds (ahead, if positive)."""
    with site.lock:
        site.clock_offset_s = seconds


def _zulu(moment: datetime) -> str:
    """An instant as agile resources write it, to the second."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
