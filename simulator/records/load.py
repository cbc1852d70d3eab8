"""`load_records`: a folder of recorded payloads as the site or workspace to serve."""

from __future__ import annotations

from pathlib import Path

from simulator.asana.workspace import Workspace
from simulator.jira.site import Site
from simulator.records.asana_gather import AsanaGatherer
from simulator.records.files import read_folder
from simulator.records.jira_gather import JiraGatherer
from simulator.records.recorded import RecordedSite, RecordedWorkspace
from simulator.records.sighting import Document


class NothingToServe(ValueError):
    """The folder holds no payload of a known tracker."""

    def __init__(self, folder: Path) -> None:
        super().__init__(f"no recorded Jira or Asana payload in {folder}")
        self.folder = folder


def load_records(folder: Path) -> RecordedSite | RecordedWorkspace:
    """Read every recording below `folder`.

    Raises `NothingToServe`, `simulator.records.files.UnreadableRecord` (a line that is not JSON) and `OSError`.
    """
    jira, asana = JiraGatherer(), AsanaGatherer()
    for sighting in read_folder(folder):
        if "gid" in sighting.document:
            asana.add(sighting)
        else:
            jira.add(sighting)
    workspace, site = asana.workspace(), jira.site()
    if sum(summarise(workspace).values()) - workspace.derived.get("users", 0) > 0:
        return workspace
    if site.issues or site.projects or site.statuses or site.fields or site.derived.get("users", 0) < len(site.users):
        return site
    raise NothingToServe(folder)


def summarise(served: Site | Workspace) -> dict[str, int]:
    """How many documents of each stream are served, recorded and derived ones together; empty streams left out."""
    counts = _of_site(served) if isinstance(served, Site) else _of_workspace(served)
    return {stream: count for stream, count in counts.items() if count}


def _of_site(site: Site) -> dict[str, int]:
    issues = site.issues.values()
    return {
        "issues": len(site.issues),
        "changes": sum(len(issue.histories) for issue in issues),
        "worklogs": sum(len(issue.worklogs) for issue in issues),
        "comments": sum(len(issue.comments) for issue in issues),
        "users": len(site.users),
        "projects": len(site.projects),
        "categories": len(site.categories),
        "fields": len(site.fields),
        "statuses": len(site.statuses),
        "issue_types": len(site.issue_types),
        "priorities": len(site.priorities),
        "resolutions": len(site.resolutions),
        "link_types": len(site.link_types),
        "boards": len(site.boards),
        "sprints": _inside(site.sprints_by_board),
        "versions": _inside(site.versions),
        "components": _inside(site.components),
    }


def _of_workspace(state: Workspace) -> dict[str, int]:
    return {
        "users": len(state.users),
        "teams": len(state.teams),
        "projects": len(state.projects),
        "sections": _inside(state.sections),
        "tasks": len(state.tasks),
        "stories": _inside(state.stories),
        "tags": len(state.tags),
        "custom_fields": len(state.custom_fields),
        "status_updates": _inside(state.status_updates),
        "portfolios": len(state.portfolios),
        "goals": len(state.goals),
        "time_tracking_entries": len(state.time_entries),
        "allocations": len(state.allocations),
    }


def _inside(held: dict[str, list[Document]]) -> int:
    return sum(len(entries) for entries in held.values())
