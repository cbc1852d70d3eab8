"""Project rules on a page; and what a project manager sees of the mapping: their own projects, read-only."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from flask import Flask
from sqlalchemy import Engine, select

from connector.protocol import Stream
from connector.records import Membership
from portfolio.access.grants import usual
from portfolio.access.roles import Grant, Role, Scope, ScopeType
from portfolio.audit.entry import COMMAND
from portfolio.model.structure import Project
from portfolio.store.engine import reading, writing
from sync import versions
from sync.mapping.document import ProjectRule, Source
from tests.conftest import Clock
from tests.sync.builders import Tracker, item, project
from tests.webapp.builders import Rows
from tests.webapp.conftest import Visitor, admit
from tests.webapp.studio import fill_studio
from tests.webapp.test_mapping_profiles import made_from
from webapp.accounts.users import add_account

PAGE = "/mapping/projects"


def rules(engine: Engine) -> tuple[ProjectRule, ...]:
    with reading(engine) as store:
        found = versions.draft(store)
    return found.mapping.projects if found is not None else ()


def send(visitor: Visitor, do: str, status: int = 302, **fields: str) -> str:
    answer = visitor.post(PAGE, PAGE, **made_from(visitor.text(PAGE)) | {"do": do} | fields)
    assert answer.status_code == status, answer.text
    return answer.text


def fields(code: str, *names: str, project: str = "") -> dict[str, str]:
    given = {"code": code, "program": "Sales"}
    for at, name in enumerate(names):
        given |= {f"source-connection-{at}": "Jira EU", f"source-type-{at}": "label", f"source-name-{at}": name}
    return given | {"source-project-0": project}


def source(name: str, project: str = "") -> Source:
    return Source(connection="Jira EU", type="label", name=name, project=project)


def test_a_rule_is_written_changed_put_earlier_and_removed(ada: Visitor, engine: Engine, clock: Clock) -> None:
    fill_studio(engine, clock())
    send(ada, "save", **fields("ONE", "portal", "shop", project="PRJ1"))
    send(ada, "save", **fields("TWO", "depot"))
    one, two = rules(engine)
    assert one == ProjectRule(code="ONE", program="Sales", sources=(source("portal", "PRJ1"), source("shop")))
    assert two.sources == (source("depot"),)
    send(ada, "earlier", rule="1")
    assert [each.code for each in rules(engine)] == ["TWO", "ONE"]
    assert 'value="depot"' in ada.text(f"{PAGE}?rule=0")
    send(ada, "save", rule="0", **fields("TWO", "depot", "yard"))
    assert rules(engine)[0].sources == (source("depot"), source("yard"))
    send(ada, "remove", rule="0")
    assert [each.code for each in rules(engine)] == ["ONE"]
    ada.post(PAGE, PAGE, do="remove", rule="0")
    assert [each.code for each in rules(engine)] == ["ONE"]


def test_what_is_wrong_with_a_rule_stands_beside_it(ada: Visitor, engine: Engine, clock: Clock) -> None:
    fill_studio(engine, clock())
    send(ada, "save", **fields("ONE", "portal"))
    send(ada, "save", **fields("TWO", "portal"))
    send(ada, "save", **fields("THREE", "key = (") | {"source-type-0": "query"})
    _, first, second, third, *_ = ada.text(PAGE).split('<th scope="row">')
    assert "A program is in a portfolio" in first
    assert "feeds two projects: projects[0] (ONE) has it, too." in second
    assert "The brackets of the query do not match" in third


def test_what_was_typed_stays_when_the_draft_moved_on(ada: Visitor, engine: Engine, clock: Clock) -> None:
    fill_studio(engine, clock())
    send(ada, "save", **fields("ONE", "portal"))
    before = made_from(ada.text(PAGE))
    send(ada, "save", **fields("TWO", "depot"))
    refused = ada.post(PAGE, PAGE, **before | {"do": "save"} | fields("SIX", "typed <i>"))
    assert refused.status_code == 409
    assert 'value="SIX"' in refused.text
    assert 'value="typed &lt;i&gt;"' in refused.text
    assert [each.code for each in rules(engine)] == ["ONE", "TWO"]


def test_gaps_are_counted_and_projects_named(ada: Visitor, engine: Engine, clock: Clock) -> None:
    fill_studio(engine, clock())
    text = " ".join(ada.text(PAGE).split())
    assert "2 projects are fed, 0 by a rule; 1 item is in no project, 0 in more than one" in text
    assert "Warehouse control" in text


def overlapping(tracker: Tracker) -> None:
    """Two items in two projects each; one of them has nothing to do with the customer portal."""
    shared = item("10", title="Shared <b>", memberships=(Membership("P1"), Membership("P2")))
    elsewhere = item("11", title="Elsewhere", memberships=(Membership("P2"), Membership("P3")))
    tracker.put(Stream.PROJECTS, project("P3")).put(Stream.ITEMS, shared, elsewhere).sync()


@pytest.fixture
def mia(app: Flask, engine: Engine, clock: Clock) -> Visitor:
    """A project manager of one of three projects."""
    overlapping(fill_studio(engine, clock()))
    with writing(engine) as store:
        own = store.scalar(select(Project.id).where(Project.name == "Customer portal"))
        grant = Grant(Role.PROJECT_MANAGER, Scope(ScopeType.PROJECT, own or 0))
        user = add_account(store, "mia", frozenset({grant}), clock(), COMMAND)
    visitor = Visitor(app.test_client())
    admit(visitor.client, user, clock())
    return visitor


def test_a_project_manager_sees_the_mapping_of_their_own_projects(mia: Visitor, engine: Engine) -> None:
    text = mia.text(PAGE)
    assert "Customer portal" in text
    assert "Warehouse control" not in text
    assert 'href="/mapping/projects"' in mia.text("/")
    with reading(engine) as store:
        ids = dict(store.execute(select(Project.name, Project.id)).all())
    own = mia.text(f"{PAGE}/{ids['Customer portal']}")
    assert "Pondering" in own
    assert "Wartet auf Kunde" in own
    assert "Write it into the draft" not in text + own
    mia.text(f"{PAGE}/{ids['Warehouse control']}", 404)
    assert mia.post(PAGE, do="save", code="X").status_code == 403
    mia.text("/mapping", 403)


def test_the_items_behind_a_gap_are_listed_as_often_as_they_are_counted(
    ada: Visitor, engine: Engine, clock: Clock
) -> None:
    overlapping(fill_studio(engine, clock()))
    text = ada.text(PAGE)
    assert "1 item is in no project, 2 in more than one" in " ".join(text.split())
    assert 'href="/mapping/items?gap=several&amp;connection=1"' in text
    nowhere = ada.text("/mapping/items?gap=nowhere&connection=1")
    assert nowhere.count('<th scope="row"') == 1
    several = ada.text("/mapping/items?gap=several&sort=key")
    assert several.count('<th scope="row"') == 2
    assert "Shared &lt;b&gt;" in several
    assert several.index("<bdi>Customer portal") < several.index("<bdi>Warehouse control")
    assert ada.text("/mapping/items?gap=several&q=shared").count('<th scope="row"') == 1
    assert "fits the filter" in ada.text("/mapping/items?gap=several&connection=99")
    assert ada.text("/mapping/items.csv?gap=several").count("Customer portal; Warehouse control") == 1


def test_a_project_manager_sees_the_overlaps_of_their_own_projects(mia: Visitor) -> None:
    assert 'href="/mapping/items?gap=several&amp;connection=1"' in mia.text(PAGE)
    for address in ("/mapping/items", "/mapping/items?gap=nowhere", "/mapping/items.csv"):
        text = mia.text(address)
        assert text.count("Shared") == 1
        assert "Elsewhere" not in text
        assert "Warehouse control" not in text
        assert "1 more out of your sight" in text


def test_who_sees_no_mapping_is_not_led_there(
    app: Flask, engine: Engine, clock: Clock, rows: Callable[[], AbstractContextManager[Rows]]
) -> None:
    with writing(engine) as store:
        user = add_account(store, "exec", usual(Role.EXECUTIVE), clock(), COMMAND)
    visitor = Visitor(app.test_client())
    admit(visitor.client, user, clock())
    assert "/mapping" not in visitor.text("/")
