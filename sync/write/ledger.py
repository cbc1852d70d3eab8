"""What a run knows while it writes: which internal ids belong to the tracker's, and which projects it touched.

Made anew for each run, inside one transaction; thrown away with the run when a transaction fails.
"""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime

from sqlalchemy import Connection, select

from portfolio.model.landing import AwaitedName
from portfolio.model.structure import ProjectRef
from portfolio.model.work import Milestone, Sprint
from sync.mapping.rules import Rules
from sync.people import Directory


class Ledger:
    """The ids of one connection's people, projects and sprints. Items are looked up page by page: they may be many."""

    def __init__(
        self, store: Connection, connection_id: int, rules: Rules, profile_version: int, now: datetime
    ) -> None:
        self.connection_id = connection_id
        self.rules = rules
        self.profile_version = profile_version
        self.now = now
        self.people = Directory(store, connection_id)
        self.projects: dict[str, int | None] = {}
        self.own: dict[str, int] = {}
        self.telling: set[str] = set()
        self.learn_sources(store)
        self.sprints: dict[str, int] = dict(
            store.execute(select(Sprint.external_id, Sprint.id).where(Sprint.connection_id == connection_id)).all()
        )
        self.milestone_items: set[int] = set(
            store.scalars(
                select(Milestone.item_id).where(
                    Milestone.connection_id == connection_id, Milestone.item_id.is_not(None)
                )
            ).all()
        ) - {None}  # type: ignore[assignment]  # the query leaves the nulls out
        self.awaiting: set[str] = set(
            store.scalars(select(AwaitedName.external_id).where(AwaitedName.connection_id == connection_id))
        )
        self.touched: set[int] = set()
        self.unmapped: Counter[tuple[str, str]] = Counter()
        self.unsettled = False
        self.everywhere = False

    @property
    def today(self) -> date:
        """The day on which the run began, in the portfolio's time zone."""
        return self.rules.day(self.now)

    def learn_sources(self, store: Connection) -> None:
        """What the connection's sources feed: `projects` by the source's id, None for what feeds nothing; `own` are the
        projects that tracker's projects feed by themselves, `telling` the sources whose name and dates count."""
        own = ProjectRef.connection_id == self.connection_id
        query = select(
            ProjectRef.external_id, ProjectRef.project_id, ProjectRef.own_project_id, ProjectRef.is_primary
        ).where(own)
        rows = store.execute(query).all()
        self.projects = {row.external_id: row.project_id for row in rows}
        self.own = {row.external_id: row.own_project_id for row in rows if row.own_project_id is not None}
        self.telling = {row.external_id for row in rows if row.is_primary}

    def touch_all(self) -> None:
        """Note that figures of all projects, or of scopes alone, may have changed."""
        self.everywhere = True

    def touch(self, *project_ids: int | None) -> None:
        """Note that figures of these projects may have changed."""
        self.touched.update(ident for ident in project_ids if ident is not None)
