"""Whoever is given some projects sees those, and nothing of any other, on any page, in any file and in any count.

Random companies, random scopes: for two users the rows in sight are worked out here in plain Python, and the pages are
read for the names of all others.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from io import BytesIO
from itertools import pairwise
from random import Random

import pytest
from flask import Flask
from openpyxl import load_workbook
from sqlalchemy import Engine, update

from portfolio.access.roles import OWN, Grant, Role, Scope, ScopeType
from portfolio.access.rows import seen, visible_projects
from portfolio.access.viewer import Permit, Viewer
from portfolio.audit.entry import SYSTEM
from portfolio.figures.rollup import roll_up
from portfolio.model.structure import Project
from portfolio.store.engine import reading, writing
from tests.conftest import Clock
from tests.webapp.builders import Rows
from tests.webapp.conftest import PASSWORD, Visitor
from tests.webapp.programs import Program
from webapp.accounts.local import add_user
from webapp.accounts.tokens import Wish, make_token

Open = Callable[[], AbstractContextManager[Rows]]
SEGMENTS = ("north", "south")
NAME = re.compile(r"(?:Portfolio|Program|Project|Item|Connection|Person|Milestone)-\d+")


@dataclass
class Company:
    """What was made up: the names of everything about each project, and where it stands."""

    projects: dict[int, dict[str, object]] = field(default_factory=dict)
    words: dict[int, set[str]] = field(default_factory=dict)
    programs: dict[int, int | None] = field(default_factory=dict)
    managers: dict[int, int] = field(default_factory=dict)
    people: list[int] = field(default_factory=list)

    def home(self, project_id: int) -> object:
        project = self.projects[project_id]
        program = project["program_id"]
        return project["portfolio_id"] or (self.programs[program] if isinstance(program, int) else None)

    def holds(self, scope: Scope, role: Role, person: int | None, project_id: int) -> bool:
        project = self.projects[project_id]
        if scope.type is ScopeType.OWN and person is None:
            return False
        if scope.type is ScopeType.OWN and role is Role.PROJECT_MANAGER:
            return project["manager_id"] == person
        if scope.type is ScopeType.OWN and role is Role.EXECUTIVE:
            return project["sponsor_id"] == person
        if scope.type is ScopeType.OWN:
            program = project["program_id"]
            return isinstance(program, int) and self.managers[program] == person
        return {
            ScopeType.PORTFOLIO: self.home(project_id) == scope.id,
            ScopeType.PROGRAM: project["program_id"] == scope.id,
            ScopeType.PROJECT: project_id == scope.id,
            ScopeType.SEGMENT: project["segment"] == scope.segment,
        }[scope.type]


def make_up(random: Random, add: Rows) -> Company:
    company = Company()
    company.people = [add.person(f"Person-{number}") for number in range(5)]
    portfolios = [add.portfolio(f"Portfolio-{number}") for number in range(3)]
    for number in range(4):
        manager = random.choice(company.people)
        home = random.choice([*portfolios, None])
        program = add.program(f"Program-{number}", home, manager)
        company.programs[program], company.managers[program] = home, manager
    connections = [add.connection(f"Connection-{number}") for number in range(3)]
    for number in range(8):
        place = {
            "portfolio_id": random.choice([*portfolios, None]),
            "program_id": random.choice([*company.programs, None]),
            "manager_id": random.choice(company.people),
            "sponsor_id": random.choice([*company.people, None]),
            "segment": random.choice([*SEGMENTS, None]),
        }
        connection = random.choice(connections)
        project = add.project(f"Project-{number}", connection, **place)
        company.projects[project] = place
        company.words[project] = {f"Project-{number}", f"Item-{number}", f"Milestone-{number}"}
    return company


def grants(random: Random, company: Company) -> frozenset[Grant]:
    """Some roles over some scopes, never over everything."""
    places = [
        Scope(ScopeType.PORTFOLIO, random.randrange(1, 4)),
        Scope(ScopeType.PROGRAM, random.choice(list(company.programs))),
        Scope(ScopeType.PROJECT, random.choice(list(company.projects))),
        Scope(ScopeType.SEGMENT, segment=random.choice(SEGMENTS)),
        OWN,
    ]
    roles = (Role.PROJECT_MANAGER, Role.PROGRAM_MANAGER, Role.EXECUTIVE)
    return frozenset(Grant(random.choice(roles), place) for place in random.sample(places, random.randrange(1, 3)))


def expected(company: Company, given: frozenset[Grant], person: int | None) -> set[int]:
    return {
        project
        for project in company.projects
        if any(company.holds(grant.scope, grant.role, person, project) for grant in given)
    }


@pytest.mark.parametrize("seed", range(12))
def test_rows_in_sight_are_those_of_the_grants(engine: Engine, rows: Open, seed: int) -> None:
    random = Random(seed)
    with rows() as add:
        company = make_up(random, add)
    with reading(engine) as connection:
        for _ in range(20):
            given = grants(random, company)
            person = random.choice([*company.people, None])
            viewer = Viewer(1, person, given)
            visible = set(connection.scalars(visible_projects(viewer)))
            assert visible == expected(company, given, person), (given, person)
            condition = seen(Project.__table__.c.id, viewer)
            assert set(connection.scalars(Project.__table__.select().where(condition))) == visible


PATHS = ("/", "/?view=list&status=all", "/portfolio.csv?status=all")


@pytest.mark.parametrize("seed", range(6))
def test_nothing_of_another_s_project_shows_anywhere(
    app: Flask, engine: Engine, clock: Clock, rows: Open, seed: int
) -> None:
    random = Random(1000 + seed)
    today = clock().date()
    with rows() as add:
        company = make_up(random, add)
        items = {}
        for project, words in company.words.items():
            number = next(iter(words)).rpartition("-")[2]
            jira = 1 + int(number) % 3
            assignee = random.choice(company.people)
            items[project] = add.item(
                project, jira, created=today, title=f"Item-{number}", assignee_id=assignee, due=today
            )
            add.milestone(project, jira, f"Milestone-{number}", due=today)
        ids = list(items)
        for one, other in pairwise(ids):
            add.link(1, items[one], items[other])
    with writing(engine) as connection:
        roll_up(connection, as_of=today, now=clock())
    for turn in range(2):
        given, person = grants(random, company), random.choice(company.people)
        name = f"user{turn}"
        user_id = add_user(engine, name, PASSWORD, given, clock(), SYSTEM, person_id=person)
        wish = Wish("scoped", 1, frozenset({Permit.read("kpis.view")}))
        robot = Program(app, make_token(engine, user_id, wish, clock(), SYSTEM), user_id)
        mine = expected(company, given, person)
        visitor = Visitor(app.test_client())
        visitor.sign_in(name, place=f"10.0.0.{turn}")
        pages = [visitor.text(path) for path in PATHS]
        pages += [robot.ask(path).text for path in ("/portfolio", "/projects?limit=100")]
        assert {it["id"] for it in robot.read("/portfolio")["projects"]} == mine
        sheet = load_workbook(BytesIO(visitor.get("/portfolio.xlsx?status=all").data)).active
        assert sheet is not None
        pages.append(str([cell for row in sheet.iter_rows(values_only=True) for cell in row]))
        for project in company.projects:
            status = 200 if project in mine else 404
            pages += [
                visitor.text(f"/projects/{project}{part}", status=status) for part in ("", "/items", "/items.csv")
            ]
            for path in (f"/projects/{project}", f"/projects/{project}/items"):
                answer = robot.ask(path)
                assert answer.status_code == status, path
                pages.append(answer.text)
        foreign = set().union(*(company.words[project] for project in company.projects if project not in mine))
        own = set().union(*(company.words[project] for project in mine))
        shown = set(NAME.findall("".join(pages)))
        assert not shown & (foreign - own), (given, person, mine)
        assert {word for word in own if word.startswith("Project")} <= shown
        # A count over everything would tell of the others.
        assert "All open projects" not in pages[0]
        summary = re.search(r"(\d+) projects", pages[1])
        if mine:
            assert summary is not None
            assert int(summary[1]) == len(mine)


def test_the_figures_of_a_group_are_shown_only_to_who_sees_all_of_it(
    app: Flask, engine: Engine, clock: Clock, rows: Open
) -> None:
    today = clock().date()
    with rows() as add:
        jira = add.connection()
        whole, part = add.portfolio("Whole"), add.portfolio("Part")
        mine = [add.project("A", jira, portfolio_id=whole), add.project("B", jira, portfolio_id=part)]
        add.project("C", jira, portfolio_id=part)
        for project in mine:
            add.item(project, jira, created=today, due=today)
    with writing(engine) as connection:
        roll_up(connection, as_of=today, now=clock())
    given = [Grant(Role.EXECUTIVE, Scope(ScopeType.PROJECT, project)) for project in mine]
    add_user(engine, "eve", PASSWORD, given, clock(), SYSTEM)
    visitor = Visitor(app.test_client())
    visitor.sign_in("eve")
    lines = {line.split(",")[4]: line for line in visitor.text("/portfolio.csv").splitlines()[1:]}
    assert "not permitted" in lines["Part"]
    assert "not permitted" not in lines["Whole"]


def test_the_sums_of_a_program_are_shown_to_who_is_given_the_program(
    app: Flask, engine: Engine, clock: Clock, rows: Open
) -> None:
    today = clock().date()
    with rows() as add:
        jira, growth = add.connection(), add.portfolio("Growth")
        mine, theirs = add.program("Mine", growth), add.program("Theirs", growth)
        for name, program in (("A", mine), ("B", mine), ("C", theirs)):
            add.item(add.project(name, jira, program_id=program), jira, created=today, due=today)
    with writing(engine) as connection:
        roll_up(connection, as_of=today, now=clock())
    given = [Grant(Role.PROGRAM_MANAGER, Scope(ScopeType.PROGRAM, mine))]
    add_user(engine, "eve", PASSWORD, given, clock(), SYSTEM)
    visitor = Visitor(app.test_client())
    visitor.sign_in("eve")
    lines = {line.split(",")[4]: line for line in visitor.text("/portfolio.csv").splitlines()[1:]}
    assert "not permitted" not in lines["Mine"]
    assert "not permitted" in lines["Growth"]
    assert "Theirs" not in lines
    assert visitor.text("/").count("No sums here") == 1  # of the portfolio alone


def test_a_manager_s_scope_follows_the_tracker(app: Flask, engine: Engine, clock: Clock, rows: Open) -> None:
    with rows() as add:
        jira = add.connection()
        mia, ned = add.person("Mia"), add.person("Ned")
        project = add.project("Alpha", jira, manager_id=mia)
    add_user(engine, "mia", PASSWORD, [Grant(Role.PROJECT_MANAGER, OWN)], clock(), SYSTEM, person_id=mia)
    visitor = Visitor(app.test_client())
    visitor.sign_in("mia")
    assert "Alpha" in visitor.text("/")
    with writing(engine) as connection:
        connection.execute(update(Project).values(manager_id=ned))
    assert "Alpha" not in visitor.text("/")
    visitor.text(f"/projects/{project}", status=404)


def test_a_dependency_on_a_project_out_of_sight_says_no_more_than_that(
    app: Flask, engine: Engine, clock: Clock, rows: Open
) -> None:
    today = clock().date()
    with rows() as add:
        jira = add.connection()
        mine, theirs = add.project("Mine", jira), add.project("Theirs", jira)
        own = add.item(mine, jira, created=today, title="Our part")
        other = add.item(theirs, jira, created=today, title="Their secret", key="SECRET-1")
        add.link(jira, other, own)
    add_user(engine, "eve", PASSWORD, [Grant(Role.PROJECT_MANAGER, Scope(ScopeType.PROJECT, mine))], clock(), SYSTEM)
    visitor = Visitor(app.test_client())
    visitor.sign_in("eve")
    page = visitor.text(f"/projects/{mine}")
    assert "Our part" in page
    assert "a project that is not yours to see" in page
    assert "Their secret" not in page
    assert "SECRET-1" not in page
    assert "Theirs" not in page
