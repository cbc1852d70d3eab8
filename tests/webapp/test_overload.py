"""Conflicts: what somebody has too much of, who in sight could take it, and a scenario of that."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date

import pytest

from portfolio.access.grants import usual
from portfolio.access.roles import Role
from portfolio.model.people import Allocation, Person
from portfolio.model.resources import PersonSkill, RoleSkill
from portfolio.model.structure import Objective, ObjectiveProject
from tests.webapp.builders import Rows
from tests.webapp.conftest import Signed, Visitor

Open = Callable[[], AbstractContextManager[Rows]]
HOUR = 3600


@pytest.fixture
def busy(rows: Open) -> dict[str, int]:
    """Ann has too much of two projects; Ben of her role is free, and works on Mia's project, too; Cy is no tester."""
    with rows() as add:
        jira, mia = add.connection(), add.person("Mia")
        told = {"active": True, "role": "Tester"}
        ann, ben = (add.add(Person, name=name, **told) for name in ("Ann", "Ben"))
        cy = add.add(Person, name="Cy", active=True, role="Writer")
        one, two = add.project("One", jira, manager_id=mia), add.project("Two", jira)
        told = {"created": date(2026, 1, 5), "start": date(2026, 3, 2), "due": date(2026, 3, 6)}
        add.item(one, jira, **told, key="ONE-1", title="<b>Door", assignee_id=ann, remaining_s=20 * HOUR)
        add.item(two, jira, **told, key="TWO-1", assignee_id=ann, remaining_s=30 * HOUR)
        add.item(two, jira, **told, key="TWO-2", assignee_id=cy, remaining_s=36 * HOUR)
        add.item(one, jira, **told, key="ONE-2", assignee_id=ben, remaining_s=2 * HOUR)
    return {"mia": mia, "ann": ann, "ben": ben, "one": one, "two": two}


def text_of(visitor: Visitor) -> str:
    return re.sub(r"\s+", " ", visitor.text("/resources/conflicts"))


def rows_of(page: str) -> dict[str, str]:
    """The row of each item, by key."""
    found = re.findall(r"<tr><th scope=\"row\">(.*?)</tr>", page)
    return {re.sub(r"<[^>]*>", " ", row).split()[0]: row for row in found}


def test_who_has_too_much_and_who_could_take_it(signed: Signed, busy: dict[str, int], rows: Open) -> None:
    manager = signed("res", usual(Role.RESOURCE_MANAGER), None)
    page = text_of(manager)
    assert "2 persons have too much, in 2 of their weeks up to Sun 2026-04-12." in page
    assert "all weigh the same" in page
    some = re.sub(r"\s+", " ", manager.text("/resources/conflicts?q=writer"))
    assert "1 person who fits the search has too much, in 1 of their weeks up to" in some
    assert "Nobody who fits the search has too much up to" in manager.text("/resources/conflicts?q=zzz")
    found = rows_of(page)
    assert "&lt;b&gt;Door" in found["ONE-1"]
    assert "<bdi>Ben</bdi>, 30 h free <form" in found["ONE-1"]
    assert "<bdi>Ben</bdi>, 30 h free, new to the project" in found["TWO-1"]
    assert "<bdi>" not in found["TWO-2"].split("</th>")[1].replace("<bdi>Two</bdi>", "")  # no other writer
    assert list(csv.reader(io.StringIO(manager.get("/resources/conflicts.csv").text)))[1:] == [
        ["Ann", "Tester", "2026-03-02", "32.0", "50.0", "18.0", "5", "1.0"],
        ["Cy", "Writer", "2026-03-02", "32.0", "36.0", "4.0", "5", "1.0"],
    ]
    assert manager.get("/resources/conflicts.xlsx").status_code == 200
    # Testers have to weave, and of Ben it is known that he does not.
    with rows() as add:
        add.row(RoleSkill, role="Tester", skill="Weaving", level=2)
        add.row(PersonSkill, person_id=busy["ben"], skill="Weaving", valid_from=date(2026, 1, 1), level=1)
    assert "30 h free" not in text_of(manager)


def test_what_serves_an_objective_strongly_stands_first(signed: Signed, busy: dict[str, int], rows: Open) -> None:
    with rows() as add:
        extra = add.project("Three", 1)
        eve = add.person("Eve")
        told = {"created": date(2026, 1, 5), "start": date(2026, 3, 2), "due": date(2026, 3, 6)}
        add.item(extra, 1, **told, assignee_id=eve, remaining_s=38 * HOUR)
        objective = add.add(Objective, title="Grow")
        add.row(ObjectiveProject, objective_id=objective, project_id=extra, strength=3)
    manager = signed("res", usual(Role.RESOURCE_MANAGER), None)
    lines = list(csv.reader(io.StringIO(manager.get("/resources/conflicts.csv").text)))[1:]
    # 6 h times 4, 18 h, 4 h.
    assert [(line[0], line[-1]) for line in lines] == [("Eve", "4.0"), ("Ann", "1.0"), ("Cy", "1.0")]
    assert "weight 4" in text_of(manager)


def test_a_project_manager_is_told_of_their_items_and_persons_only(signed: Signed, busy: dict[str, int]) -> None:
    manager = signed("pm", usual(Role.PROJECT_MANAGER), busy["mia"])
    page = text_of(manager)
    assert {"ONE-1", "Other"} == set(rows_of(page))
    assert "30.0" in rows_of(page)["Other"]
    assert "TWO-1" not in page
    assert ">Cy<" not in page
    assert "<bdi>Ben</bdi>" in page


def test_many_small_items_are_told_together(signed: Signed, busy: dict[str, int], rows: Open) -> None:
    with rows() as add:
        told = {"created": date(2026, 1, 5), "start": date(2026, 3, 2), "due": date(2026, 3, 6)}
        for number in range(10):
            add.item(busy["one"], 1, **told, key=f"S-{number}", assignee_id=busy["ann"], remaining_s=HOUR)
    page = text_of(signed("res", usual(Role.RESOURCE_MANAGER), None))
    assert "4.0" in rows_of(page)["4"]
    assert "S-5" in rows_of(page)
    assert "S-6" not in page


def test_why_nothing_can_be_suggested_is_said(signed: Signed, busy: dict[str, int], rows: Open) -> None:
    with rows() as add:
        told = {"created": date(2026, 1, 5), "start": date(2026, 3, 2), "due": date(2026, 3, 6)}
        add.item(busy["one"], 1, **told, key="ONE-3", assignee_id=busy["ben"], remaining_s=29 * HOUR)
        span = {"start": date(2026, 3, 2), "end": date(2026, 3, 6), "kind": "hard"}
        add.add(Allocation, person_id=busy["ann"], project_id=busy["two"], hours_per_day=6, **span)
        noor = add.person("Nobody's role")
        add.item(busy["two"], 1, **told, key="TWO-9", assignee_id=noor, remaining_s=40 * HOUR)
    page = text_of(signed("res", usual(Role.RESOURCE_MANAGER), None))
    found = rows_of(page)
    assert "held by the firm booking of <bdi>Two</bdi>" in found["TWO-1"]
    assert "a firm booking: it is changed where it was made" in found["Firm"]
    assert "nobody of that role has room for all of it" in found["ONE-1"]
    assert "nobody else you see has the role, and can what it asks for" in found["TWO-2"]
    assert "no role is known of them" in found["TWO-9"]
    mine = rows_of(text_of(signed("pm", usual(Role.PROJECT_MANAGER), busy["mia"])))
    assert "out of your sight" in mine["Other"]


def test_a_suggestion_becomes_a_scenario(signed: Signed, busy: dict[str, int]) -> None:
    manager = signed("res", usual(Role.RESOURCE_MANAGER), None)
    page = rows_of(text_of(manager))["TWO-1"]
    forms = [dict(re.findall(r'name="((?!csrf)\w+)" value="([^"]*)"', form)) for form in page.split("<form")[1:]]
    assert [(form["op"], form.get("persons")) for form in forms] == [
        ("reassign", str(busy["ben"])), ("set_due", None),
    ]  # fmt: skip
    for form in forms:
        made = manager.post("/resources/scenarios", **form)
        assert made.status_code == 302
        assert "TWO-1" in manager.text(made.location)
        # The name says what it does, so that two of one item are told apart.
        what = f"to person {form['persons']}" if form["op"] == "reassign" else f"due {form['day']}"
        assert form["name"] == f"TWO-1 {what}"
        # It is kept, and may be shared: whoever is named in it would be told, and would outlive an erasure.
        assert "Ben" not in form["name"]
        assert "Ann" not in form["name"]
    listed = re.sub(r"\s+", " ", manager.text("/resources/scenarios"))
    assert "<bdi>TWO-1</bdi> is done by <bdi>Ben</bdi></span>" in listed
    assert "<bdi>TWO-1</bdi> is due on" in listed
    # The same once more has a name that is taken; nothing that fits nothing is kept.
    again = manager.post("/resources/scenarios", **forms[0])
    assert again.status_code == 422
    nothing = manager.post("/resources/scenarios", name="Other", op="set_due", item="NO-1", day="2026-03-09")
    assert nothing.status_code == 422
    assert "Other</bdi>" not in manager.text("/resources/scenarios")
