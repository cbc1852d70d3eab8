"""Where the issues of a site are: by project and by key. Rebuilt when the site says that issues came, went or moved."""

from __future__ import annotations

from simulator.jira.site import Document, Issue, Site


def number(text: str) -> int:
    """An id as a number, for ordering; 0 for an id that is none."""
    return int(text) if text.isdigit() else 0


class SiteIndex:
    """A snapshot of the whereabouts. `by_project` holds issues in the order of their ids."""

    def __init__(self, site: Site) -> None:
        self.stamp = stamp_of(site)
        self.by_project: dict[str, list[Issue]] = {}
        self.project_of: dict[str, str] = {}
        self.by_key: dict[str, Issue] = {}
        ids_by_key = {project.get("key", ""): ident for ident, project in site.projects.items()}
        self.ordered = sorted(site.issues.values(), key=lambda issue: number(issue.id))
        for issue in self.ordered:
            project = self._project(issue, ids_by_key)
            self.project_of[issue.id] = project
            self.by_project.setdefault(project, []).append(issue)
            self.by_key[issue.key] = issue
        for key, ident in site.old_keys.items():
            if ident in site.issues:
                self.by_key.setdefault(key, site.issues[ident])

    @staticmethod
    def _project(issue: Issue, ids_by_key: dict[str, str]) -> str:
        """The project's id, by the key where a recorded issue names no id."""
        if issue.project_id:
            return issue.project_id
        project = issue.fields.get("project") or {}
        return ids_by_key.get(project.get("key") or issue.key.rpartition("-")[0], "")


def stamp_of(site: Site) -> tuple[int, int, int, int]:
    return site.version, id(site.issues), len(site.issues), len(site.projects)


def find_project(site: Site, ident: str) -> Document | None:
    """A project by id, key (in any case) or name."""
    found = site.projects.get(ident)
    if found is not None:
        return found
    wanted = ident.casefold()
    for name in ("key", "name"):
        for project in site.projects.values():
            if str(project.get(name, "")).casefold() == wanted:
                return project
    return None
