"""The portfolio page over many projects, as the application answers it: CPU seconds, with the server's own.

The page reads figures that are kept, and no item: how many items there are does not matter, how many projects does.

python -m tests.bench.pages PROJECTS
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from sqlalchemy import Connection, text

from portfolio.access.grants import usual
from portfolio.access.roles import Role
from portfolio.audit.entry import COMMAND
from portfolio.figures.keep import note_day
from portfolio.kpis.catalogue import KPIS
from portfolio.kpis.rag import DIMENSIONS, OVERALL
from portfolio.model.base import FAR
from portfolio.model.oversight import KpiValue
from portfolio.model.structure import Portfolio, Program, Project
from portfolio.store.engine import open_engine, writing
from portfolio.store.migrate import upgrade
from portfolio.store.upsert import Values, insert_values
from sync.tables import table_of
from tests.bench.measure import say
from tests.bench.past import TODAY
from tests.bench.visits import visited
from tests.portfolio.builders import noon
from webapp.accounts.users import add_account
from webapp.queries.columns import COLOUR_BUDGETS, COLOUR_COUNTS

PORTFOLIOS, PROGRAMS = 20, 100
PATHS = (
    ("portfolio page", "/"),
    ("a program opened in it", "/?open=f1.g1-1"),
    ("one program of it", "/?program=1"),
    ("a page of the list, sorted", "/?view=list&sort=-overdue&page=3"),
    ("a search", "/?view=list&q=project+1"),
    ("compared with last week", "/?view=list&compare=week"),
)
OF_PROJECT = (*KPIS, OVERALL, *DIMENSIONS)
OF_GROUP = (*KPIS, OVERALL, *COLOUR_COUNTS.values(), *COLOUR_BUDGETS.values())
BAR = 0.100
CHANGES = 4
"""So often every reading changed, a week apart."""
FIGURES = (
    "scope_type", "scope_id", "kpi", "as_of", "until", "value", "numerator", "denominator", "n", "rag", "origin",
    "computed_at",
)  # fmt: skip


def open_pages(projects: int) -> None:
    """Make figures of so many projects and ask for the page again and again."""
    with tempfile.TemporaryDirectory() as folder:
        engine = open_engine(f"sqlite:///{Path(folder) / 'sightline.db'}")
        upgrade(engine)
        with writing(engine) as store:
            rows = _fill(store, projects)
            user_id = add_account(store, "ada", usual(*Role), noon(TODAY), COMMAND)
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as plain:
            plain.execute(text("ANALYZE"))
        say(f"{projects:,} projects, {len(OF_PROJECT)} figures of each, {rows:,} readings")
        for words, path in PATHS:
            asked = sorted(visited(engine, user_id, path))
            say(f"  {words:<26}median {asked[len(asked) // 2]:.3f} s, 95th {asked[-2]:.3f} s (bar {BAR:g})")


def _fill(store: Connection, projects: int) -> int:
    groups = [(f"F{number}", f"Portfolio {number}", "EUR", 1) for number in range(PORTFOLIOS)]
    insert_values(store, table_of(Portfolio), ("code", "name", "currency", "fiscal_year_start_month"), groups)
    programs = [(f"G{number}", f"Program {number}", number % PORTFOLIOS + 1, "active") for number in range(PROGRAMS)]
    insert_values(store, table_of(Program), ("code", "name", "portfolio_id", "status"), programs)
    named = [(f"P{number}", f"Project {number}", "active", number % PROGRAMS + 1) for number in range(projects)]
    insert_values(store, table_of(Project), ("code", "name", "status", "program_id"), named)
    scopes = [("project", number + 1) for number in range(projects)]
    scopes += [("program", number + 1) for number in range(PROGRAMS)]
    scopes += [("portfolio", number + 1) for number in range(PORTFOLIOS)] + [("all", 0)]
    readings = [row for scope in scopes for row in _readings(*scope)]
    insert_values(store, table_of(KpiValue), FIGURES, readings)
    for back in range(CHANGES):
        note_day(store, TODAY - timedelta(weeks=back), noon(TODAY))
    return len(readings)


def _readings(scope_type: str, scope_id: int) -> Iterator[Values]:
    for place, kpi_id in enumerate(OF_PROJECT if scope_type == "project" else OF_GROUP):
        for back in range(CHANGES):
            since = TODAY - timedelta(weeks=back)
            until = since + timedelta(weeks=1) if back else FAR
            colour = ("green", "amber", "red")[(scope_id + place + (back and scope_id % 50 == 0)) % 3]
            yield scope_type, scope_id, kpi_id, since, until, 1.0, 2.0, 2.0, 2, colour, "observed", noon(since)


if __name__ == "__main__":
    open_pages(int(sys.argv[1]))
