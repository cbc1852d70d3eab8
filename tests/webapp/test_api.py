"""The API: tokens only, the same rows and masks as the pages, and every refusal a problem that says what to do."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import Engine, event, select, update

from portfolio.access.grants import usual
from portfolio.access.roles import Grant, Role, Scope, ScopeType
from portfolio.audit.entry import COMMAND
from portfolio.figures.rollup import roll_up
from portfolio.kpis.catalogue import KPIS
from portfolio.model.access import AuditEntry
from portfolio.model.landing import RunRequest
from portfolio.model.resources import Scenario
from portfolio.model.structure import Objective, Project
from portfolio.store.engine import reading, writing
from portfolio.store.errors import CannotOpen, DatabaseLocked
from tests.conftest import Clock
from tests.webapp.builders import Rows
from tests.webapp.conftest import Visitor
from tests.webapp.programs import PROBLEM, Program, program
from webapp.access import ROUTES, Open, api_permits
from webapp.accounts.tokens import revoke

GETS = (
    "/me",
    "/portfolio",
    "/projects",
    "/projects/1",
    "/projects/1/items",
    "/projects/1/kpis/SCH-09",
    "/programs/1/kpis/SCH-09",
    "/portfolios/1/kpis/SCH-09",
    "/all/kpis/SCH-09",
    "/kpis",
    "/load",
    "/scenarios",
    "/scenarios/1",
    "/bookings",
    "/requests",
    "/requests/1",
    "/objectives",
    "/objectives/1",
    "/connections",
    "/runs/1",
    "/audit",
)
ALL = tuple(map(str, api_permits()))


@pytest.fixture
def world(rows: Callable[[], AbstractContextManager[Rows]], engine: Engine, clock: Clock) -> dict[str, int]:
    """Two projects of two portfolios with an item each, and a run."""
    today = clock().date()
    with rows() as add:
        jira = add.connection()
        mia = add.person("Mia Muster")
        alpha = add.project("Alpha", jira, portfolio_id=add.portfolio("Growth"), manager_id=mia)
        beta = add.project("Beta", jira, portfolio_id=add.portfolio("Secret"))
        add.program("Apps", None)
        for project, url in ((alpha, "https://jira.invalid/browse/A-1"), (beta, "javascript:alert(1)")):
            add.item(
                project,
                jira,
                created=today - timedelta(days=9),
                due=today - timedelta(days=2),
                url=url,
                assignee_id=mia,
                estimate_s=7200,
            )
        add.stream(add.run(jira, clock()), "items", created=1)
    with writing(engine) as connection:
        roll_up(connection, as_of=today, now=clock())
    return {"alpha": alpha, "beta": beta, "jira": jira}


@pytest.fixture
def robot(app: Flask, engine: Engine, clock: Clock, world: dict[str, int]) -> Program:
    """A program with every role and every permit, which keeps a scenario; and somebody's request."""
    made = program(app, engine, clock(), *ALL)
    with writing(engine) as connection:
        Rows(connection).scenario(made.user_id, "If", clock(), shared=True)
        Rows(connection).request(world["alpha"], clock())
        Rows(connection).add(Objective, title="Grow")
    return made


def only(project_id: int, role: Role = Role.EXECUTIVE) -> frozenset[Grant]:
    return frozenset({Grant(role, Scope(ScopeType.PROJECT, project_id))})


def test_the_api_has_its_own_paths_and_nothing_else_is_there(app: Flask) -> None:
    for rule in app.url_map.iter_rules():
        assert rule.rule.startswith("/api/") is rule.endpoint.startswith("api."), rule
        if rule.endpoint.startswith("api."):
            assert ROUTES[rule.endpoint] is not Open.TO_ANYBODY


def test_each_address_answers(robot: Program, world: dict[str, int]) -> None:
    for path in GETS:
        assert robot.read(path), path


def test_what_a_scenario_would_change_and_only_its_owner_is_told_why_not(
    app: Flask,
    engine: Engine,
    clock: Clock,
    robot: Program,
    world: dict[str, int],
    rows: Callable[[], AbstractContextManager[Rows]],
) -> None:
    with rows() as add:
        code = add.db.scalar(select(Project.code).where(Project.id == world["alpha"]))
        delay = f'{{"op": "delay_project", "project": "{code}", "workdays": 3}}'
        operations = f'[{delay}, {{"op": "drop_project", "project": "NO"}}]'
        add.db.execute(update(Scenario).values(operations=operations))
    (listed,) = robot.read("/scenarios")["scenarios"]
    told = robot.read(f"/scenarios/{listed['id']}?weeks=2")
    assert (listed["mine"], listed["operations"], len(told["weeks"])) == (True, 2, 2)
    assert [it["number"] for it in told["left_out"]] == [2]
    assert "No project NO" in told["left_out"][0]["why"]
    (alpha,) = told["projects"]
    assert (alpha["name"], alpha["hours_before"], alpha["hours_after"]) == ("Alpha", 2, 2)
    assert alpha["before"]["feasible"] < alpha["after"]["feasible"]
    assert [it["name"] for it in told["persons"]] == ["Mia Muster"]
    reader = program(app, engine, clock(), "allocations.view", grants=only(world["beta"], Role.PROJECT_MANAGER))
    other = reader.read(f"/scenarios/{listed['id']}")
    assert [(it["number"], it["why"]) for it in other["left_out"]] == [(1, None), (2, None)]
    assert other["projects"] == []
    assert robot.refused("/scenarios/987", 404)
    assert robot.refused("/scenarios/1?weeks=99", 400)


def test_a_cookie_does_not_count(ada: Visitor, world: dict[str, int]) -> None:
    for path in GETS:
        answer = ada.get(f"/api/v1{path}")
        assert answer.status_code == 401, path
        assert answer.mimetype == PROBLEM
        assert answer.headers["WWW-Authenticate"] == 'Bearer realm="Sightline"'
    assert ada.client.post("/api/v1/connections/1/runs", json={"mode": "full"}).status_code == 401


def test_a_token_does_not_open_pages(app: Flask, robot: Program) -> None:
    answer = app.test_client().get("/", headers={"Authorization": f"Bearer {robot.token}"})
    assert answer.status_code == 302
    assert answer.location.startswith("/sign-in")


def test_no_form_token_is_asked_for_and_no_cookie_is_set(robot: Program, world: dict[str, int]) -> None:
    answer = robot.ask(f"/connections/{world['jira']}/runs", "POST", json={"mode": "full"})
    assert answer.status_code == 202
    assert "Set-Cookie" not in answer.headers
    assert "Set-Cookie" not in robot.ask("/me").headers


@pytest.mark.parametrize("given", ["Bearer nonsense", "Bearer ", "Basic YWRhOmFkYQ==", "bearer sl_1_" + "x" * 43])
def test_what_is_no_token_is_refused_and_told_apart_from_none(app: Flask, robot: Program, given: str) -> None:
    answer = app.test_client().get("/api/v1/me", headers={"Authorization": given})
    assert answer.status_code == 401
    presented = given.lower().startswith("bearer ") and len(given) > 8
    assert ('error="invalid_token"' in answer.headers["WWW-Authenticate"]) is presented


def test_an_ended_token_is_refused(robot: Program, engine: Engine, clock: Clock) -> None:
    assert robot.ask("/me").status_code == 200
    revoke(engine, robot.token_id, clock(), COMMAND)
    assert "make another" in robot.refused("/me", 401)["detail"]


def test_guessing_is_slowed_down_by_network_and_shuts_nobody_out(app: Flask, robot: Program) -> None:
    guesser = Program(app, "sl_1_" + "x" * 43, 0, "203.0.113.9")
    statuses = [guesser.ask("/me").status_code for _ in range(62)]
    assert statuses == [401] * 60 + [429] * 2
    assert guesser.ask("/me").headers["Retry-After"] == "60"
    guesser.refused("/me", 429)
    assert Program(app, robot.token, robot.user_id, "203.0.113.9").ask("/me").status_code == 200
    assert Program(app, guesser.token, 0, "203.0.113.10").ask("/me").status_code == 401


def test_me(robot: Program, clock: Clock) -> None:
    me = robot.read("/me")
    assert me["user"]["id"] == robot.user_id
    assert {"role": "admin", "scope": "all", "id": None, "segment": None} in me["user"]["roles"]
    assert me["token"]["name"] == "nightly"
    assert datetime.fromisoformat(me["token"]["expires_at"]) == clock() + timedelta(days=90)
    assert set(me["token"]["permits"]) == set(ALL)


def test_a_token_does_what_it_permits_and_no_more(
    app: Flask, engine: Engine, clock: Clock, world: dict[str, int]
) -> None:
    narrow = program(app, engine, clock(), "definitions.view")
    assert narrow.ask("/kpis").status_code == 200
    refused = narrow.refused("/portfolio", 403)
    assert "kpis.view, kpis.load" in refused["detail"]
    narrow.refused("/connections", 403)
    narrow.refused("/audit", 403)
    looks = program(app, engine, clock(), "sync.view", "definitions.view")
    assert looks.ask("/connections").status_code == 200
    looks.refused("/connections/1/runs", 403, "POST", json={"mode": "full"})


def test_the_portfolio_and_its_readings(robot: Program, world: dict[str, int]) -> None:
    found = robot.read("/portfolio")
    assert [project["name"] for project in found["projects"]] == ["Alpha", "Beta"]
    assert [group["name"] for group in found["portfolios"]] == ["Growth", "Secret"]
    alpha = found["projects"][0]
    assert alpha["manager"] == "Mia Muster"
    overdue = next(it for it in alpha["readings"] if it["kpi"] == "SCH-09")
    assert (overdue["numerator"], overdue["denominator"]) == (1, 1)
    assert overdue["rag"] == "red"
    assert found["all"]


def test_lists_are_taken_part_by_part(robot: Program, world: dict[str, int]) -> None:
    second = robot.read("/projects?limit=1&offset=1")
    assert (second["total"], [it["name"] for it in second["projects"]]) == (2, ["Beta"])
    assert robot.read("/projects?offset=1000")["projects"] == []


def test_one_project_and_its_items(robot: Program, world: dict[str, int], clock: Clock) -> None:
    one = robot.read(f"/projects/{world['alpha']}")
    assert one["portfolio"] == {"id": one["portfolio"]["id"], "name": "Growth"}
    assert one["refs"][0]["url"].startswith("https://jira.invalid/")
    assert {it["kpi"] for it in one["readings"]} >= {"SCH-09", "DQ-06"}
    items = robot.read(f"/projects/{world['alpha']}/items?fact=overdue")
    assert (items["fact"], items["total"]) == ("overdue", 1)
    assert items["items"][0]["url"] == "https://jira.invalid/browse/A-1"
    assert items["items"][0]["assignee"] == "Mia Muster"
    assert items["items"][0]["due"] == (clock().date() - timedelta(days=2)).isoformat()
    assert datetime.fromisoformat(items["items"][0]["updated_at"]).utcoffset() == timedelta(0)


def test_an_address_that_no_browser_should_open_is_left_out(robot: Program, world: dict[str, int]) -> None:
    assert robot.read(f"/projects/{world['beta']}/items")["items"][0]["url"] is None


def test_what_is_out_of_scope_is_as_if_it_were_not(
    app: Flask, engine: Engine, clock: Clock, world: dict[str, int]
) -> None:
    scoped = program(app, engine, clock(), "kpis.view", grants=only(world["alpha"]))
    assert [it["name"] for it in scoped.read("/portfolio")["projects"]] == ["Alpha"]
    assert [it["name"] for it in scoped.read("/portfolio")["portfolios"]] == ["Growth"]
    assert scoped.read("/portfolio")["all"] == []
    assert scoped.read("/projects")["total"] == 1
    assert "Secret" not in scoped.ask("/portfolio").text
    for rest in ("", "/items", "/items?fact=overdue&limit=1"):
        hidden = scoped.ask(f"/projects/{world['beta']}{rest}")
        missing = scoped.ask(f"/projects/987654{rest}")
        assert (hidden.status_code, hidden.data) == (missing.status_code, missing.data) == (404, hidden.data)
        assert dict(hidden.headers) == dict(missing.headers)
        assert scoped.ask(f"/projects/{world['alpha']}{rest}").status_code == 200


def test_who_does_what_is_told_to_those_who_see_it_on_the_pages(
    app: Flask, engine: Engine, clock: Clock, world: dict[str, int]
) -> None:
    path = f"/projects/{world['alpha']}/items"
    executive = program(app, engine, clock(), "kpis.view", grants=only(world["alpha"]))
    manager = only(world["alpha"], Role.PROJECT_MANAGER)
    without = program(app, engine, clock(), "kpis.view", grants=manager)
    with_names = program(app, engine, clock(), "kpis.view", "allocations.view", grants=manager)
    assert "assignee" not in executive.read(path)["items"][0]
    assert "assignee" not in without.read(path)["items"][0]
    assert with_names.read(path)["items"][0]["assignee"] == "Mia Muster"


def test_figures_are_not_told_to_who_sees_the_load_alone(
    app: Flask, engine: Engine, clock: Clock, world: dict[str, int]
) -> None:
    load = program(app, engine, clock(), "kpis.load", grants=usual(Role.RESOURCE_MANAGER))
    assert [it["permitted"] for it in load.read("/portfolio")["projects"]] == [False, False]
    assert all(it["readings"] == [] for it in load.read("/portfolio")["projects"])
    one = load.read(f"/projects/{world['alpha']}")
    assert (one["permitted"], one["readings"]) == (False, [])


def test_the_catalogue(robot: Program) -> None:
    assert [it["id"] for it in robot.read("/kpis")["kpis"]] == list(KPIS)


def test_a_run_is_asked_for_and_seen(robot: Program, world: dict[str, int], engine: Engine, clock: Clock) -> None:
    answer = robot.ask(f"/connections/{world['jira']}/runs", "POST", json={"mode": "census"})
    assert (answer.status_code, answer.json) == (202, {"connection_id": world["jira"], "mode": "census"})
    with reading(engine) as connection:
        assert connection.execute(select(RunRequest.mode, RunRequest.asked_at)).all() == [("census", clock())]
        last = connection.execute(select(AuditEntry.__table__).order_by(AuditEntry.id.desc()).limit(1)).one()
    assert (last.action, last.actor) == ("run.requested", "token")
    assert (last.user_id, last.token_id, last.network) == (robot.user_id, robot.token_id, robot.place)
    assert robot.read("/connections")["connections"][0]["asked"] == ["census"]
    assert robot.read("/runs/1")["streams"][0]["created"] == 1


def test_no_setting_of_a_connection_is_told(robot: Program, world: dict[str, int]) -> None:
    text = robot.ask("/connections").text
    assert "secret-account" not in text
    assert "SECRET_NAME" not in text
    assert robot.read("/connections")["connections"][0]["host"] == "jira.invalid"


def test_a_connection_that_is_switched_off_takes_no_wish(
    robot: Program, rows: Callable[[], AbstractContextManager[Rows]]
) -> None:
    with rows() as add:
        off = add.connection("Off", enabled=False)
    assert "Switch it on" in robot.refused(f"/connections/{off}/runs", 409, "POST", json={"mode": "full"})["detail"]


def test_the_audit_log_from_an_entry_on(robot: Program, engine: Engine) -> None:
    first = robot.read("/audit?limit=1")["entries"]
    assert [it["id"] for it in first] == [1]
    rest = robot.read("/audit?after=1")["entries"]
    with reading(engine) as connection:
        kept = connection.execute(select(AuditEntry.id, AuditEntry.hash).order_by(AuditEntry.id)).all()
    assert [(it["id"], it["hash"]) for it in (*first, *rest)] == [tuple(row) for row in kept]
    made = next(it for it in rest if it["action"] == "token.made")
    assert made["new"]["user"] == robot.user_id
    assert robot.read(f"/audit?after={kept[-1].id}")["entries"] == []


def test_what_an_address_does_not_take_is_refused(app: Flask, robot: Program, world: dict[str, int]) -> None:
    paths = [rule.rule for rule in app.url_map.iter_rules() if rule.endpoint.startswith("api.")]
    assert {re.sub(r"<[^>]+>", "1", path.replace("<kpi_id>", "SCH-09")).removeprefix("/api/v1") for path in paths} == {
        *GETS,
        "/connections/1/runs",
        "/bookings/1",
        "/objectives/1/links",
    }
    for path in GETS:
        assert "unknown" in robot.refused(f"{path}?is_admin=1", 400)["detail"], path


@pytest.mark.parametrize(
    "query",
    [
        "limit=0",
        "limit=501",
        "limit=ten",
        "limit=",
        "offset=-1",
        "offset=99999999999999999999",
        "limit=1&limit=2",
        "fact=nonsense",
        "fact=__class__",
        "assignee=1",
    ],
)
def test_bounds_of_parameters(robot: Program, world: dict[str, int], query: str) -> None:
    assert robot.refused(f"/projects/1/items?{query}", 400)["detail"]


@pytest.mark.parametrize(
    ("options", "status"),
    [
        ({"json": {}}, 400),
        ({"json": {"mode": "named"}}, 400),
        ({"json": {"mode": "full", "connection_id": 2}}, 400),
        ({"json": [{"mode": "full"}]}, 400),
        ({"data": "{", "content_type": "application/json"}, 400),
        ({"data": b"\xff\xfe", "content_type": "application/json"}, 400),
        ({"json": {"mode": "full"}, "query_string": "mode=full"}, 400),
        ({"data": {"mode": "full"}}, 415),
        ({"data": '{"mode": "full"}', "content_type": "text/plain"}, 415),
        ({"data": b" " * 10_001, "content_type": "application/json"}, 413),
        ({"data": b" " * 1_500_000, "content_type": "application/json"}, 413),
    ],
)
def test_bodies_that_are_not_as_they_should_be(
    robot: Program, world: dict[str, int], engine: Engine, options: dict[str, object], status: int
) -> None:
    robot.refused("/connections/1/runs", status, "POST", **options)
    with reading(engine) as connection:
        assert connection.execute(select(RunRequest.mode)).all() == []


@pytest.mark.parametrize("path", ["/nothing", "/projects/abc", "/projects/99999999999999999999", "/runs/77"])
def test_what_is_not_there(robot: Program, path: str) -> None:
    assert robot.refused(path, 404) == robot.refused("/nothing/at/all", 404)


def test_other_methods(robot: Program) -> None:
    robot.refused("/me", 405, "DELETE")
    assert set(robot.ask("/me", "POST").headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS"}


def test_a_failure_inside_is_a_problem_without_a_trace(app: Flask, robot: Program) -> None:
    def broken() -> str:
        raise RuntimeError("a secret detail")

    app.view_functions["api.kpis.kpis"] = broken
    assert "secret detail" not in str(robot.refused("/kpis", 500))


def test_a_database_that_is_away_or_busy(robot: Program, engine: Engine) -> None:
    def gone(*_: object) -> None:
        raise CannotOpen("the connection to the database server was lost", "Check that the server runs.")

    def busy(*_: object) -> None:
        raise DatabaseLocked("the database is locked by another process", "Wait.")

    event.listen(engine, "begin", gone)
    assert "Check that the server runs." in robot.refused("/me", 503)["detail"]
    event.remove(engine, "begin", gone)
    event.listen(engine, "begin", busy)
    assert robot.ask("/me").headers["Retry-After"] == "10"
    event.remove(engine, "begin", busy)
    assert robot.ask("/me").status_code == 200


def test_somebody_is_booked_and_asked_for(
    app: Flask, engine: Engine, clock: Clock, world: dict[str, int], rows: Callable[[], AbstractContextManager[Rows]]
) -> None:
    with rows() as add:
        ada, ben = add.person("Ada"), add.person("Ben")
        jira = add.connection("Of Ada", "jira")
        add.item(world["alpha"], jira, assignee_id=ada, created=date(2026, 1, 5), due=date(2026, 6, 5))
    days = {"project_id": world["alpha"], "start": "2026-03-02", "end": "2026-03-06"}
    books = only(world["alpha"], Role.RESOURCE_MANAGER)
    res = program(app, engine, clock(), "allocations.view", "allocations.edit", grants=books)
    made = res.ask("/bookings", "POST", json=days | {"person_id": ada, "percent": 80})
    assert (made.status_code, made.json) == (201, {"id": 1})
    for stranger in (ben, 98765):
        unseen = res.refused("/bookings", 400, "POST", json=days | {"person_id": stranger, "hours_per_day": 9})
        assert "`person`: Nobody in sight has that number" in unseen["detail"]
    more = days | {"person_id": ada, "hours_per_day": 3.2}
    assert "9.6 h too much" in res.refused("/bookings", 400, "POST", json=more)["detail"]
    assert res.ask("/bookings", "POST", json=more | {"confirmed": True}).status_code == 201
    wrong = res.refused("/bookings", 400, "POST", json=days | {"person_id": ada, "percent": 400})
    assert "`amount`: At most 200%" in wrong["detail"]
    res.refused("/bookings", 403, "POST", json=days | {"project_id": world["beta"], "role": "Chef", "percent": 10})
    res.refused("/bookings", 403, "POST", json=days | {"project_id": 98765, "role": "Chef", "percent": 10})
    found = res.read("/bookings?person=ad&limit=1")
    assert (found["total"], found["bookings"][0]["percent"], found["bookings"][0]["person"]) == (2, 80, "Ada")
    manager = only(world["alpha"], Role.PROJECT_MANAGER)
    asks = program(app, engine, clock(), "allocations.view", "allocations.propose", grants=manager)
    chef = days | {"role": "Chef", "hours": 16, "answer_by": "2026-03-04"}
    nobody = asks.refused("/requests", 400, "POST", json=chef)["detail"]
    assert "`role`: Nobody has the role Chef." in nobody
    assert "If it is meant, send `confirmed`" in nobody
    assert "NUL" in asks.refused("/requests", 400, "POST", json=chef | {"role": "a\0b", "confirmed": True})["detail"]
    spaced = {"role": " Chef\n", "note": "\\u0000 is no NUL", "confirmed": True}
    asked = asks.ask("/requests", "POST", json=chef | spaced)
    assert (asked.status_code, asked.json) == (201, {"id": 1})
    wrong = asks.refused("/requests", 400, "POST", json=days | {"role": "", "hours": -1, "level": 2})
    assert [f"`{name}`" in wrong["detail"] for name in ("role", "level", "amount")] == [True] * 3
    asks.refused("/requests", 403, "POST", json=days | {"project_id": world["beta"], "role": "Chef", "hours": 16})
    asks.refused("/bookings", 403, "POST", json=days | {"role": "Chef", "percent": 10})
    assert [it["role"] for it in res.read("/requests?which=waiting")["requests"]] == ["Chef"]
    # Both sides decide as on the pages: who may, by what they have seen, and what is too much is confirmed.
    path = "/requests/1"
    seen = res.read(path)["seen"]
    late = {"do": "propose", "seen": seen + 9, "person_id": ada}
    assert "Somebody acted meanwhile" in res.refused(path, 400, "POST", json=late)["detail"]
    assert "for a resource manager" in asks.refused(path, 400, "POST", json=late | {"seen": seen})["detail"]
    assert "Nobody in sight" in res.refused(path, 400, "POST", json=late | {"seen": seen, "person_id": ben})["detail"]
    proposal = {"do": "propose", "seen": seen, "person_id": ada, "note": "from Monday"}
    assert "16.0 h too much" in res.refused(path, 400, "POST", json=proposal)["detail"]
    proposed = res.ask(path, "POST", json=proposal | {"confirmed": True}).json
    assert (proposed["state"], proposed["person"]) == ("proposed", "Ada")
    assert "`note`" in asks.refused(path, 400, "POST", json={"do": "send_back", "seen": proposed["seen"]})["detail"]
    accepted = asks.ask(path, "POST", json={"do": "accept", "seen": proposed["seen"]}).json
    assert accepted["state"] == "accepted"
    res.refused("/requests/98765", 404, "POST", json=proposal)
    # Bookings are changed, ended and removed.
    mine = next(it for it in res.read("/bookings")["bookings"] if it["percent"] == 80)
    path, other = f"/bookings/{mine['id']}", days | {"person_id": ada, "percent": 10, "confirmed": True}
    changed = {"do": "change", "seen": mine["seen"], "booking": other}
    assert "`booking`" in res.refused(path, 400, "POST", json=changed | {"booking": None})["detail"]
    assert res.ask(path, "POST", json=changed).json == {"id": mine["id"]}
    assert "Somebody changed it" in res.refused(path, 400, "POST", json=changed)["detail"]
    asks.refused(path, 403, "POST", json=changed)
    mine = next(it for it in res.read("/bookings")["bookings"] if it["percent"] == 10)
    assert "`last`" in res.refused(path, 400, "POST", json={"do": "end", "seen": mine["seen"]})["detail"]
    assert res.ask(path, "POST", json={"do": "end", "seen": mine["seen"], "last": "2026-03-04"}).status_code == 200
    mine = next(it for it in res.read("/bookings")["bookings"] if it["percent"] == 10)
    assert mine["end"] == "2026-03-04"
    assert res.ask(path, "POST", json={"do": "remove", "seen": mine["seen"]}).status_code == 200
    assert 10 not in [it["percent"] for it in res.read("/bookings")["bookings"]]
    elsewhere = program(app, engine, clock(), "allocations.view", grants=only(world["beta"], Role.PROJECT_MANAGER))
    assert elsewhere.read("/bookings")["total"] == elsewhere.read("/requests")["total"] == 0
