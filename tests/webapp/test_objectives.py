"""The pages of objectives: who sees and says what, what is refused and kept in the form, and what a file does."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine, select, update

from portfolio.access.grants import usual
from portfolio.access.roles import Role
from portfolio.model.structure import Objective, ObjectiveLink, ObjectiveProject
from portfolio.store.engine import reading, writing
from tests.conftest import Clock
from tests.webapp.builders import Rows
from tests.webapp.conftest import Signed, Visitor
from tests.webapp.programs import Program, program

Open = Callable[[], AbstractContextManager[Rows]]
AIM = {
    "code": "GROW-1",
    "title": "Grow <b>fast",
    "period": "2026-q3",
    "weight": "0,4",
    "parent": "",
    "status": "on_track",
}
NUMBERS = {"metric_name": "customers", "metric_target": "500", "metric_current": "120.5"}


@pytest.fixture
def two(rows: Open) -> dict[str, int]:
    """Mia manages the program of the first project, Ned that of the second; a goal of Asana is served by the second."""
    with rows() as add:
        asana = add.connection("Asana", "asana")
        mia, ned, pam = add.person("Mia"), add.person("Ned"), add.person("Pam")
        own = add.project("Own", asana, manager_id=pam, code="OWN", program_id=add.program("P", None, mia))
        other = add.project("Other", asana, code="OTHER", program_id=add.program("Q", None, ned))
        goal = add.add(Objective, title="Goal", connection_id=asana, external_id="g", status="on_track")
        add.row(ObjectiveProject, objective_id=goal, project_id=other)
    return {"mia": mia, "ned": ned, "pam": pam, "own": own, "other": other, "goal": goal}


@pytest.fixture
def lead(signed: Signed) -> Visitor:
    return signed("lea", usual(Role.PMO_LEAD), None)


def page(visitor: Visitor, path: str, status: int = 200) -> str:
    return re.sub(r"\s+", " ", visitor.text(path, status))


def made(lead: Visitor, **other: str) -> int:
    answer = lead.post("/objectives/new", **(AIM | NUMBERS | other))
    assert answer.status_code == 302, answer.text
    return int(answer.location.rsplit("/", 1)[1])


def say(visitor: Visitor, objective_id: int, **form: Any) -> Any:
    """Say it as the page has it."""
    path = f"/objectives/{objective_id}"
    found = re.search(r'links".*?name="seen" value="(\w+)"', visitor.get(path).text, re.S)
    seen = found[1] if found else ""
    told = {"do": "link", "seen": seen, "reason": "It pays", "strength": "2"} | {k: str(v) for k, v in form.items()}
    return visitor.post(f"{path}/links", **told)


def said(engine: Engine) -> list[tuple[Any, ...]]:
    it = ObjectiveLink
    with reading(engine) as store:
        query = select(it.objective_id, it.project_id, it.strength, it.reason, it.said_by)
        return [tuple(row) for row in store.execute(query.order_by(it.objective_id, it.project_id, it.valid_from))]


def test_an_organisation_without_objectives_is_told_what_to_do(signed: Signed, lead: Visitor) -> None:
    empty = page(lead, "/objectives")
    assert "The organisation keeps no objectives yet." in empty
    assert "Make the first one" in empty
    assert 'href="/objectives/new"' in empty
    reader = page(signed("exec", usual(Role.EXECUTIVE), None), "/objectives")
    assert "A PMO lead makes them here" in reader
    assert "/objectives/new" not in reader
    admin = signed("root", usual(Role.ADMIN), None)
    assert admin.get("/objectives").status_code == 403
    assert 'href="/objectives"' not in admin.text("/connections")


def test_one_is_made_changed_and_retired(lead: Visitor, two: dict[str, int], engine: Engine) -> None:
    assert 'href="/objectives"' in lead.text("/")
    first = made(lead)
    shown = page(lead, f"/objectives/{first}")
    assert "Grow &lt;b&gt;fast" in shown
    assert "<b>fast" not in shown
    for told in ("2026-Q3", "Wed 2026-09-30", "0.40 of 1", "120.500 of 500 <bdi>customers</bdi>", "<bdi>lea</bdi>"):
        assert told in shown, told
    # It begins with what there is, so that nothing is lost where one field is changed.
    form = dict(re.findall(r'<input class="form-control[^>]* name="(\w+)"[^>]* value="([^"]*)"', shown))
    assert form["metric_current"] == "120.5"
    seen = re.search(r'id="change-head".*?name="seen" value="(\w+)"', shown)
    assert seen is not None
    path = f"/objectives/{first}"
    changed = AIM | NUMBERS | {"title": "Grow", "seen": seen[1], "do": "change"}
    assert lead.post(path, **changed).location == path
    assert "Changed." in page(lead, path)
    stale = lead.post(path, **changed | {"title": "Other"})
    assert stale.status_code == 422
    assert "Somebody changed it meanwhile" in stale.text
    assert 'value="Other"' in stale.text
    fresh = re.search(r'id="retire-head".*?name="seen" value="(\w+)"', stale.text, re.S)
    assert fresh is not None
    assert lead.post(path, do="retire", seen=fresh[1], outcome="").status_code == 422
    assert lead.post(path, do="retire", seen=fresh[1], outcome="missed").status_code == 302
    assert "It asks for no project any more." in page(lead, path)
    assert "Grow" not in page(lead, "/objectives")
    assert "Missed" in page(lead, "/objectives?time=all")
    assert lead.post(path, do="nothing").status_code == 400
    assert lead.get("/objectives/98765").status_code == 404


def test_what_is_wrong_stands_beside_its_field_and_what_was_typed_stays(lead: Visitor, two: dict[str, int]) -> None:
    made(lead, weight="0.7")
    answer = lead.post("/objectives/new", **(AIM | {"code": "B", "weight": "0.7", "status": "at_risk"}))
    assert answer.status_code == 422
    told = (
        "The weights of 2026-Q3 would add up to 1.4, more than 1: GROW-1 0.7, and 0.7 of this one. At most 0.3 is left."
    )
    assert told in answer.text
    assert re.search(r'id="weight"[^>]*value="0.7"[^>]*aria-invalid="true"', answer.text)
    assert '<option value="at_risk" selected>' in answer.text
    several = lead.post("/objectives/new", code="", title="\u202e", period="soon", weight="much", parent="x")
    assert several.status_code == 422
    for told in ("Give a code", "A title has", "A quarter is written", "Give a number, such as 7.5.", "of the list"):
        assert told in several.text, told


def test_the_form_of_a_link_keeps_what_was_chosen(lead: Visitor, two: dict[str, int], engine: Engine) -> None:
    first = made(lead)
    answer = say(lead, first, project=two["own"], strength=3, reason="", since="2026-02-01")
    assert answer.status_code == 422
    assert "Say why" in answer.text
    assert f'<option value="{two["own"]}" selected>' in answer.text
    assert '<option value="3" selected>' in answer.text
    assert 'value="2026-02-01"' in answer.text
    for wrong in ({"strength": ""}, {"strength": "9"}, {"since": "soon"}, {"project": ""}):
        assert say(lead, first, **({"project": two["own"]} | wrong)).status_code == 422
    assert said(engine) == []


def test_who_says_what_serves_it(signed: Signed, lead: Visitor, two: dict[str, int], engine: Engine) -> None:
    first = made(lead)
    mia = signed("mia", usual(Role.PROGRAM_MANAGER), two["mia"])
    assert say(mia, first, project=two["own"], reason="<i>It pays</i>").status_code == 302
    assert say(mia, first, project=two["other"]).status_code == 403
    assert say(mia, first, project=98765).status_code == 403
    assert mia.post("/objectives/new", **AIM).status_code == 403
    assert mia.post(f"/objectives/{first}", do="retire", seen="", outcome="missed").status_code == 403
    assert said(engine) == [(first, two["own"], 2, "<i>It pays</i>", "mia")]
    shown = page(mia, f"/objectives/{first}")
    assert "&lt;i&gt;It pays&lt;/i&gt;" in shown
    assert "Change it" not in shown
    assert "1 project in your sight serves it" in shown
    # Others read, each of the projects they see.
    pam = signed("pam", usual(Role.PROJECT_MANAGER), two["pam"])
    assert "1 project in your sight serves it" in page(pam, f"/objectives/{first}")
    assert "Say it</button>" not in page(pam, f"/objectives/{first}")
    assert say(pam, first, project=two["own"]).status_code == 403
    ned = signed("ned", usual(Role.PROGRAM_MANAGER), two["ned"])
    assert "No project in your sight serves it" in page(ned, f"/objectives/{first}")
    assert "It pays" not in page(ned, f"/objectives/{first}")


def test_what_the_tracker_tells_stands_beside_what_was_said(lead: Visitor, two: dict[str, int], engine: Engine) -> None:
    goal, other = two["goal"], two["other"]
    shown = page(lead, f"/objectives/{goal}")
    assert "Goal of <bdi>Asana</bdi>" in shown
    assert 'name="title"' not in shown
    assert "Retire it" not in shown
    assert say(lead, goal, project=other, strength=0).status_code == 302
    shown = page(lead, f"/objectives/{goal}")
    assert "What was said here counts." in shown
    assert "No project in your sight serves it" in shown
    assert say(lead, goal, project=other, do="withdraw").status_code == 302
    assert said(engine) == []
    assert "1 project in your sight serves it" in page(lead, f"/objectives/{goal}")


def test_a_correction_of_the_past_is_marked(lead: Visitor, two: dict[str, int], clock: Clock) -> None:
    first, before = made(lead), (clock().date() - timedelta(days=9)).isoformat()
    assert say(lead, first, project=two["own"], since=before).status_code == 302
    shown = page(lead, f"/objectives/{first}")
    assert "The past is corrected, and marked so." in shown
    assert shown.count("a correction of the past") == 2


def test_two_who_say_something_at_once(lead: Visitor, two: dict[str, int], engine: Engine) -> None:
    first = made(lead)
    assert say(lead, first, project=two["own"]).status_code == 302
    late = say(lead, first, project=two["own"], strength=1, seen="of before")
    assert late.status_code == 422
    assert "Somebody said something else of it meanwhile" in late.text
    assert [row[2] for row in said(engine)] == [2]


def test_links_as_a_file(signed: Signed, lead: Visitor, two: dict[str, int], engine: Engine) -> None:
    first = made(lead)
    rows = "objective,project,from,to,strength,reason\nGROW-1,OWN,2026-03-02,,2,It pays\n"
    mia = signed("mia", usual(Role.PROGRAM_MANAGER), two["mia"])
    both = rows + "GROW-1,OTHER,2026-03-02,,2,It pays\n"
    refused = mia.post("/objectives/links", rows=both, do="take")
    assert refused.status_code == 422
    assert "no project that you may link" in refused.text
    assert "GROW-1,OTHER" in refused.text
    assert said(engine) == []
    assert "Would be added 1" in mia.post("/objectives/links", rows=rows, do="report").text
    assert "what is wrong" in mia.post("/objectives/links", rows=both, do="report").text
    assert mia.post("/objectives/links", rows=rows, do="take").status_code == 302
    assert said(engine) == [(first, two["own"], 2, "It pays", "mia")]
    assert "OWN" in lead.get("/objectives/links.csv").text
    ned = signed("ned", usual(Role.PROGRAM_MANAGER), two["ned"])
    assert "OWN" not in ned.get("/objectives/links.csv").text
    assert "olumns that are missing" in mia.post("/objectives/links", rows="a,b\n1,2", do="take").text


@pytest.fixture
def robot(app: Flask, engine: Engine, clock: Clock, two: dict[str, int]) -> Program:
    permits = ("objectives.view", "objectives.edit", "objectives.approve")
    return program(app, engine, clock(), *permits, grants=usual(Role.PMO_LEAD))


def test_programs_do_the_same(robot: Program, two: dict[str, int], engine: Engine) -> None:
    aim = {"code": "A", "title": "Aim", "period": "2026-Q4", "weight": 0.6}
    made = robot.ask("/objectives", "POST", json=aim).json
    assert made is not None
    path = f"/objectives/{made['id']}"
    assert "At most 0.4 is left" in robot.refused("/objectives", 400, "POST", json=aim | {"code": "B"})["detail"]
    found = robot.read(path)
    assert (found["objective"]["weight"], found["objective"]["due"], found["links"]) == (0.6, "2026-12-31", [])
    say = {"project_id": two["own"], "strength": 3, "reason": "It pays", "seen": found["seen_links"]}
    assert robot.ask(f"{path}/links", "POST", json=say).status_code == 200
    robot.refused(f"{path}/links", 400, "POST", json=say)
    robot.refused(f"{path}/links", 403, "POST", json=say | {"project_id": 98765})
    found = robot.read(path)
    (link,) = found["links"]
    assert (link["project"], link["strength"], link["said"], link["told"]) == ("Own", 3, 3, None)
    assert robot.read("/objectives?text=aim")["objectives"][0]["projects"] == 1
    back = {"project_id": two["own"], "seen": found["seen_links"]}
    assert robot.ask(f"{path}/links", "POST", json=back).status_code == 200
    assert said(engine) == []
    robot.refused(path, 400, "POST", json={"do": "change", "seen": found["seen"]})
    change = {"do": "change", "seen": found["seen"], "objective": aim | {"title": "Aims"}}
    assert robot.ask(path, "POST", json=change).status_code == 200
    robot.refused(path, 400, "POST", json={"do": "retire", "seen": found["seen"], "outcome": "missed"})
    retire = {"do": "retire", "seen": robot.read(path)["seen"], "outcome": "achieved"}
    assert robot.ask(path, "POST", json=retire).status_code == 200
    assert (robot.read(path)["objective"]["status"], robot.read(path)["objective"]["stands"]) == ("achieved", False)
    assert robot.read("/objectives?time=all")["total"] == 2


def test_an_objective_keeps_what_it_is_part_of(lead: Visitor, two: dict[str, int], engine: Engine) -> None:
    top = made(lead)
    low = made(lead, code="LOW", weight="", parent=str(top))
    with writing(engine) as store:
        store.execute(update(Objective).where(Objective.id == top).values(status="achieved"))
    shown = page(lead, f"/objectives/{low}")
    assert f'<option value="{top}" selected>' in shown
    assert f'<option value="{top}">Grow' not in page(lead, f"/objectives/{two['goal']}")


@pytest.mark.parametrize("number", ["1e999999999", "1e900000", "1e-999999999", "sNaN", "NaN"])
def test_numbers_beyond_reason_are_told(lead: Visitor, robot: Program, two: dict[str, int], number: str) -> None:
    for name in ("weight", "metric_target"):
        answer = lead.post("/objectives/new", **(AIM | NUMBERS | {name: number}))
        assert answer.status_code == 422
        assert len(answer.text) < 100_000
    path = f"/objectives/{two['goal']}"
    change = {"do": "change", "seen": robot.read(path)["seen"], "objective": {"period": "2026-Q4", "weight": number}}
    assert "A weight is" in robot.refused(path, 400, "POST", json=change)["detail"]


def test_what_was_said_of_a_day_to_come_is_withdrawn_there(
    lead: Visitor, two: dict[str, int], engine: Engine, clock: Clock
) -> None:
    first, today = made(lead), clock().date()
    later = (today + timedelta(days=9)).isoformat()
    assert say(lead, first, project=two["own"]).status_code == 302
    assert say(lead, first, project=two["own"], strength=3, since=later).status_code == 302
    shown = page(lead, f"/objectives/{first}")
    forms = re.findall(rf"<form[^>]*>(?:(?!</form>).)*?value=\"{later}\".*?</form>", shown)
    (form,) = (each for each in forms if 'value="withdraw"' in each)
    fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form))
    del fields["csrf_token"]
    assert lead.post(f"/objectives/{first}/links", do="withdraw", **fields).status_code == 302
    assert [row[2] for row in said(engine)] == [2]
    shown = page(lead, f"/objectives/{first}")
    assert "to come" not in shown
    assert "1 project in your sight serves it" in shown
