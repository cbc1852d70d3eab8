"""The project that a command is about."""

from __future__ import annotations

from cli.exits import CommandError
from cli.runtime import Runtime


def project_of(runtime: Runtime, code: str) -> int:
    """The id of the project of that code; one that no source feeds is none. Raises `CommandError`."""
    from sqlalchemy import select

    from portfolio.model.structure import Project
    from portfolio.store.engine import reading

    with reading(runtime.engine) as store:
        found = store.scalar(select(Project.id).where(Project.code == code, Project.fed))
    if found is None:
        raise CommandError(f"there is no project {code!r}. Its code stands beside its name on its page.")
    return found
