"""Every page and every file of the site, found by asking the application for its routes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from typing import Any
from urllib.parse import urlencode

from flask import Flask
from sqlalchemy import Engine, select
from werkzeug.routing import Rule

from portfolio.model.access import ApiToken, AuditEntry, User
from portfolio.model.landing import Connection, Quarantine
from portfolio.model.oversight import SyncRun
from portfolio.model.people import Allocation, Calendar, Person
from portfolio.model.resources import ResourceRequest, Scenario
from portfolio.model.structure import Objective, Portfolio, Program, Project
from portfolio.store.engine import reading
from sync.capacity.kinds import KINDS
from tests.hostile.texts import MARKUP
from webapp.pages.settings import GROUPS
from webapp.progress import FIGURES, PLANS

ROWS: Mapping[str, Any] = {
    "project_id": Project.id,
    "program_id": Program.id,
    "portfolio_id": Portfolio.id,
    "connection_id": Connection.id,
    "run_id": SyncRun.id,
    "held_id": Quarantine.id,
    "user_id": User.id,
    "person_id": Person.id,
    "calendar_id": Calendar.id,
    "token_id": ApiToken.id,
    "entry_id": AuditEntry.id,
    "booking_id": Allocation.id,
    "scenario_id": Scenario.id,
    "request_id": ResourceRequest.id,
    "objective_id": Objective.id,
}
"""What the parts of addresses stand for. A page with a part that is not here cannot be opened: add the part."""

CHOICES: Mapping[str, tuple[str, ...]] = {
    "name": tuple(GROUPS),
    "chart": (*FIGURES, *PLANS),
    "kpi_id": ("OWN-01",),
    "code": ("TIM-R02",),
    "table": tuple(KINDS),
}
"""Parts that are one of some words."""

SHIPPED = frozenset({"static", "bootstrap.static", "htmx.static"})
"""Files of ours, in which nothing of a tracker stands."""

VIEWS: Mapping[str, tuple[str, ...]] = {
    "portfolio.portfolio": ("view=list&sort=-overdue", "view=list&sort=name"),
    "timeline.timeline": ("zoom=all&status=all", "from=9999-12-31"),
    "items.items": ("fact=items&sort=-title", "fact=overdue"),
    "quarantine.quarantine": ("sort=-reason",),
    "mapping_items.items": ("gap=several&sort=title",),
}
"""Further views of a page, by the queries of their addresses."""

TYPED = urlencode(dict.fromkeys(("q", "reason", "sort", "next", "closed", "view", "page", "verdict"), MARKUP["image"]))
"""What somebody may be made to type: a link with markup in every part of its query."""


WHOLE = frozenset({"items.items", "items.items_csv", "items.items_xlsx", "api.items.items"})
"""Opened for every row there is, with all its items: here each of the hostile texts shows."""


def paths(app: Flask, engine: Engine, most: int) -> Iterator[str]:
    """The path of every GET route, for so `most` rows spread over those there are; of the first row its further views
    too, and the page as a hostile link asks for it."""
    ids: dict[str, Sequence[int | str]] = dict(CHOICES)
    with reading(engine) as store:
        ids |= {name: store.scalars(select(column).order_by(column.desc())).all() for name, column in ROWS.items()}
    for rule in app.url_map.iter_rules():
        if "GET" not in (rule.methods or ()) or rule.endpoint in SHIPPED:
            continue
        unknown = rule.arguments - ids.keys()
        assert not unknown, f"{rule.rule}: tests/hostile/pages.py does not know what {sorted(unknown)} stand for"
        found = list(_filled(app, rule, ids))
        assert found, f"{rule.rule}: there is no row to open it with"
        yield from found[:: max(1, -(-len(found) // most))]
        if rule.endpoint in WHOLE:
            yield from (f"{path}?fact=items" for path in found)
        yield from (f"{found[0]}?{query}" for query in (*VIEWS.get(rule.endpoint, ()), TYPED))


def _filled(app: Flask, rule: Rule, ids: Mapping[str, Sequence[int | str]]) -> Iterator[str]:
    names = sorted(rule.arguments)
    with app.test_request_context():
        for values in product(*(ids[name] for name in names)):
            _, path = rule.build(dict(zip(names, values, strict=True))) or ("", "")
            yield path
