"""What if on pages: made, changed, shared, compared; computed for who looks, and never written anywhere else."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date
from typing import Any

import pytest
from sqlalchemy import Engine, func, select, update

from portfolio.access.grants import usual
from portfolio.access.roles import Role
from portfolio.audit.entry import SYSTEM
from portfolio.model.access import AuditEntry, User
from portfolio.model.finance import CostRate
from portfolio.model.people import Allocation, Person
from portfolio.model.resources import Scenario
from portfolio.model.work import ItemProject, WorkItem
from portfolio.store.engine import reading, writing
from sync.identities.deciding import Pair, merge
from tests.webapp.builders import LONG_AGO, Rows
from tests.webapp.conftest import Signed, Visitor

Open = Callable[[], AbstractContextManager[Rows]]
HOUR = 3600
FRIDAY = date(2026, 3, 6)
SPACES = re.compile(r"\s+")


@pytest.fixture
def staff(rows: Open) -> dict[str, int]:
    """Ann has too much of two projects, Bob little of the second; Mia manages the first, Ned the second."""
    with rows() as add:
        jira = add.connection()
        mia, ned = add.person("Mia"), add.person("Ned")
        ann, bob = (add.add(Person, name=name, active=True, role="Tester") for name in ("Ann", "Bob"))
        one = add.project("One", jira, code="ONE", manager_id=mia)
        two = add.project("Two", jira, code="TWO", manager_id=ned)
        told: dict[str, Any] = {"created": date(2026, 1, 5), "due": FRIDAY}
        add.item(one, jira, **told, key="ONE-1", title="<b>Door</b>", assignee_id=ann, remaining_s=24 * HOUR)
        add.item(two, jira, **told, key="TWO-1", assignee_id=ann, remaining_s=16 * HOUR)
        add.item(two, jira, **told, key="TWO-2", assignee_id=bob, remaining_s=4 * HOUR)
    return {"mia": mia, "ned": ned, "ann": ann, "bob": bob, "one": one, "two": two}


def text_of(visitor: Visitor, path: str) -> str:
    return SPACES.sub(" ", visitor.text(path))


def made(visitor: Visitor, name: str = "If", **form: str) -> str:
    answer = visitor.post("/resources/scenarios", name=name, **form)
    assert answer.status_code == 302, answer.text
    return str(answer.location)


def add(visitor: Visitor, path: str, op: str, **form: str) -> None:
    answer = visitor.post(path, do="add", op=op, **form)
    assert answer.status_code == 302, answer.text


def test_a_scenario_is_made_changed_and_told_and_nothing_else_is(
    signed: Signed, staff: dict[str, int], engine: Engine
) -> None:
    lead = signed("lead", usual(Role.PMO_LEAD), None)
    path = made(lead)
    assert "add an operation" in text_of(lead, path)
    add(lead, path, "reassign", item="ONE-1", persons="Bob")
    page = text_of(lead, path)
    assert "1 week fewer with too much" in page
    assert "<bdi>ONE-1</bdi> is done by <bdi>Bob</bdi>" in page
    # Ann had 40 h where she can do 32, and has 16 h then; Bob has 28.
    assert page.index(">now</td>") < page.index("125%") < page.index(">then</td>") < page.index("50%")
    assert page.count("&lt;b&gt;Door&lt;/b&gt;</bdi>") == 2  # beside the operation, and among what is to be done
    add(lead, path, "delay_project", project="TWO", workdays="3")
    # Ann's 40 h were done on Tuesday the 10th; the 16 h of Two that she keeps are due on Wednesday then.
    assert "<bdi>Two</bdi> could be done 1 day later" in text_of(lead, path)
    lead.post(path, do="up", number="2", of="2")
    page = text_of(lead, path)
    assert page.index("3 working days later") < page.index("is done by")
    assert lead.post(path, do="take_out", number="1", of="3").status_code == 422
    lead.post(path, do="take_out", number="1", of="2")
    lead.post(path, do="rename", name="Rather")
    assert "3 working days later" not in text_of(lead, path)
    copied = made(lead, "Copy", like=path.rsplit("/", 1)[1])
    assert "is done by" in text_of(lead, copied)
    lead.post(f"{copied}/remove")
    assert lead.get(copied).status_code == 404
    listed = text_of(lead, "/resources/scenarios")
    assert "<bdi>Rather</bdi>" in listed
    assert "You have 1 scenario." in listed
    with reading(engine) as store:
        assert store.scalar(select(WorkItem.assignee_id).where(WorkItem.key == "ONE-1")) == staff["ann"]
        assert store.scalar(select(func.count()).select_from(Allocation)) == 0
        # Persons are kept by id: a name would outlive the person.
        assert "Bob" not in str(store.scalar(select(Scenario.operations)))


@pytest.mark.parametrize(
    ("form", "says"),
    [
        ({"op": "reassign", "item": "ONE-9", "persons": "Bob"}, "No item ONE-9 is in sight"),
        ({"op": "reassign", "item": "ONE-1", "persons": "Zoe"}, "No person Zoe is in sight"),
        ({"op": "set_due", "item": "ONE-1", "day": "soon"}, "day"),
        ({"op": "scale_effort", "item": "ONE-1", "factor": "much"}, "much is no number"),
        ({"op": "delay_project", "project": "ONE", "workdays": "-1"}, "no whole number"),
        ({"op": "add_allocation", "project": "ONE", "from": "2026-03-02", "to": "2026-03-06", "kind": "hard",
          "role": "Tester", "amount": "400", "unit": "percent"}, "at most 100"),
        ({"op": "explode"}, "no such operation"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_not_kept(signed: Signed, staff: dict[str, int], form: dict[str, str], says: str) -> None:
    lead = signed("lead", usual(Role.PMO_LEAD), None)
    path = made(lead)
    answer = lead.post(path, do="add", **form)
    assert answer.status_code == 422
    assert says in answer.text
    assert "No operation yet" in lead.text(path)
    assert lead.post("/resources/scenarios", name="If").status_code == 422
    assert lead.post("/resources/scenarios", name=" ").status_code == 422


def test_an_item_is_found_by_words_and_chosen(signed: Signed, staff: dict[str, int], rows: Open) -> None:
    told: dict[str, Any] = {"created": date(2026, 1, 5), "due": FRIDAY, "remaining_s": HOUR}
    with rows() as rows_of:
        shared = rows_of.item(staff["two"], 1, key="TWO-7", title="Paint both doors", **told)
        rows_of.row(ItemProject, item_id=shared, project_id=staff["one"], is_primary=False)
        rows_of.item(staff["two"], 1, key="TWO-8", title="Doorbell, secret", **told)
        rows_of.item(staff["one"], 1, key="ONE-9", title="Old door", category="done", **told)
    mia = signed("pm", usual(Role.PROJECT_MANAGER), staff["mia"])
    path = made(mia)
    asked = mia.post(path, do="add", op="reassign", item="door", persons="Ann")
    assert asked.status_code == 422
    page = SPACES.sub(" ", asked.text)
    # Open items in sight, and of none what is at home out of it.
    notice = page[page.index("Choose the one that is meant") : page.index("</ul>", page.index("Choose the one"))]
    assert re.findall(r"<button[^>]*><bdi>([^<]+)", notice) == ["ONE-1", "TWO-7"]
    assert "&lt;b&gt;Door" in notice
    assert "Two" not in notice
    form = dict(re.findall(r'name="((?!csrf)\w+)" value="([^"]*)"', notice.split("</form>")[0]))
    assert form == {"do": "add", "op": "reassign", "persons": "Ann", "item": "ONE-1", "connection": "Jira EU"}
    assert mia.post(path, **form).status_code == 302
    assert "<bdi>ONE-1</bdi> is done by <bdi>Ann</bdi>" in text_of(mia, path)
    again = mia.post(path, do="add", op="set_due", item="paint DOORS", day="2026-03-09").text
    assert "<bdi>TWO-7</bdi></button>" in again
    assert "<bdi>ONE-1</bdi></button>" not in again
    assert "No item secret is in sight" in mia.post(path, do="add", op="set_due", item="secret", day="2026-03-09").text


def test_every_kind_of_operation_has_a_form(signed: Signed, staff: dict[str, int]) -> None:
    lead = signed("lead", usual(Role.PMO_LEAD), None)
    path = made(lead)
    span = {"from": "2026-03-09", "to": "2026-03-13"}
    add(lead, path, "add_person", role="Tester", name="Tess", fte="0,5", **{"from": "2026-03-09"})
    add(lead, path, "reassign", item="ONE-1", persons=" Tess , Bob")
    add(lead, path, "set_due", item="TWO-1", day="2026-03-12", connection="Jira EU")
    add(lead, path, "set_start", item="TWO-1", day="2026-03-10")
    add(lead, path, "scale_effort", project="TWO", factor="1.5")
    add(lead, path, "add_allocation", project="ONE", person="Ann", amount="50", unit="percent", kind="soft", **span)
    add(lead, path, "add_allocation", project="ONE", role="Cook", amount="9", unit="total_hours", kind="hard", **span)
    add(lead, path, "convert_soft", person="Ann")
    add(lead, path, "delay_project", project="ONE", workdays="1")
    add(lead, path, "drop_project", project="TWO")
    page = text_of(lead, path)
    for words in (
        "<bdi>Tess</bdi> works as <bdi>Tester</bdi> from Mon 2026-03-09, 50% of a full week",
        "<bdi>ONE-1</bdi> is done by <bdi>Tess</bdi> and <bdi>Bob</bdi>",
        "is due on Thu 2026-03-12", "begins on Tue 2026-03-10", "each item of <bdi>TWO</bdi> is 1.5 times as much",
        "Proposed booking of <bdi>Ann</bdi> for <bdi>ONE</bdi>", "50% of capacity", "Firm booking of <bdi>Cook</bdi>",
        "9 h in all", "Proposed bookings of <bdi>Ann</bdi> become firm", "1 working day later", "is not done",
    ):  # fmt: skip
        assert words in page, words
    assert "Left out" not in page


def test_what_no_longer_fits_is_left_out_with_its_reason(signed: Signed, staff: dict[str, int], rows: Open) -> None:
    lead = signed("lead", usual(Role.PMO_LEAD), None)
    path = made(lead)
    add(lead, path, "reassign", item="ONE-1", persons="Bob")
    add(lead, path, "set_due", item="TWO-1", day="2026-03-13")
    with rows() as change:
        change.db.execute(update(Person).where(Person.id == staff["bob"]).values(active=False))
        change.db.execute(update(WorkItem).where(WorkItem.key == "TWO-1").values(category="done"))
    page = text_of(lead, path)
    assert "None of its operations fits the plan as it stands any more." in page
    assert "Left out: <bdi>Bob does not work here any more" in page
    assert "Left out: <bdi>The item TWO-1 is done or cancelled" in page
    with rows() as change:
        change.db.execute(update(Scenario).values(operations='[{"op": "gone"}]'))
    assert "cannot be read any more" in text_of(lead, path)


def test_who_was_made_one_with_somebody_is_meant_still(
    signed: Signed, staff: dict[str, int], rows: Open, engine: Engine
) -> None:
    lead = signed("lead", usual(Role.PMO_LEAD), None)
    path = made(lead)
    with rows() as change:
        twin = change.add(Person, name="Bobby", active=True)
    add(lead, path, "reassign", item="ONE-1", persons="Bobby")
    merge(engine, [Pair(twin, staff["bob"])], LONG_AGO, "lead", SYSTEM)
    page = text_of(lead, path)
    assert "<bdi>ONE-1</bdi> is done by <bdi>Bob</bdi>" in page
    assert "Left out" not in page


def test_another_reads_what_is_shared_in_their_own_sight(signed: Signed, staff: dict[str, int]) -> None:
    lead = signed("lead", usual(Role.PMO_LEAD), None)
    manager = signed("pm", usual(Role.PROJECT_MANAGER), staff["mia"])
    path = made(lead, "Plan <b>B</b>")
    add(lead, path, "set_due", item="TWO-2", day="2026-03-13")
    add(lead, path, "set_due", item="ONE-1", day="2026-03-13")
    assert manager.get(path).status_code == 404
    lead.post(path, do="share")
    page = text_of(manager, path)
    assert "<bdi>ONE-1</bdi> is due on Fri 2026-03-13" in page
    assert "out of your sight" in page
    for hidden in ("TWO-2", "Bob", "Take out"):
        assert hidden not in page
    assert "Plan &lt;b&gt;B" in page
    for form in ({"do": "share"}, {"do": "take_out", "number": "1", "of": "2"}):
        assert manager.post(path, **form).status_code == 403
    assert manager.post(f"{path}/remove").status_code == 403
    mine = made(manager, "Mine")
    refused = manager.post(mine, do="add", op="set_due", item="TWO-2", day="2026-03-13")
    assert "No item TWO-2 is in sight" in refused.text
    assert "No person Bob" in manager.post(mine, do="add", op="reassign", item="ONE-1", persons="Bob").text
    assert lead.get(mine).status_code == 404
    copied = text_of(manager, made(manager, "Copy", like=path.rsplit("/", 1)[1]))
    assert "TWO-2" not in copied


def test_what_was_shared_goes_with_the_account(signed: Signed, staff: dict[str, int], rows: Open) -> None:
    lead, other = signed("lead", usual(Role.PMO_LEAD), None), signed("other", usual(Role.PMO_LEAD), None)
    path = made(lead)
    lead.post(path, do="share")
    assert other.get(path).status_code == 200
    with rows() as change:
        change.db.execute(update(User).where(User.name == "lead").values(active=False))
    assert other.get(path).status_code == 404
    assert "<bdi>If</bdi>" not in text_of(other, "/resources/scenarios")


def test_what_hours_cost_only_who_sees_rates_is_told(signed: Signed, staff: dict[str, int], rows: Open) -> None:
    with rows() as more:
        rate: dict[str, Any] = {"amount": 100, "currency": "EUR", "valid_from": date(2025, 1, 1)}
        more.add(CostRate, person_id=staff["ann"], entered_by="", entered_at=LONG_AGO, **rate)
    lead, resources = signed("lead", usual(Role.PMO_LEAD), None), signed("res", usual(Role.RESOURCE_MANAGER), None)
    path = made(lead)
    add(lead, path, "reassign", item="ONE-1", persons="Bob")
    lead.post(path, do="share")
    assert "24 h without a rate" in text_of(lead, path)
    assert '<span class="sub">now 2 400 EUR</span>' in text_of(lead, path)
    assert "EUR" not in text_of(resources, path)
    assert "EUR" not in text_of(resources, f"/resources/scenarios/compare?id={path.rsplit('/', 1)[1]}")


def test_what_is_to_be_done_by_manager_with_links_as_a_file(signed: Signed, staff: dict[str, int]) -> None:
    lead = signed("lead", usual(Role.PMO_LEAD), None)
    path = made(lead)
    add(lead, path, "add_person", role="Tester", **{"from": "2026-03-09"})
    add(lead, path, "drop_project", project="TWO")
    add(lead, path, "reassign", item="ONE-1", persons="Bob")
    told = list(csv.reader(io.StringIO(lead.text(f"{path}/to-do.csv").lstrip("\ufeff"))))
    lines = [line[0:1] + line[2:3] + line[4:5] for line in told if len(line) > 4]
    assert ["Mia", "ONE-1", "ONE-1 is done by Bob"] in lines
    assert ["Ned", "", "TWO is not done"] in lines
    assert any(line[0] == "" and line[2].startswith("New Tester works as Tester") for line in lines)
    assert lead.get(f"{path}/to-do.xlsx").status_code == 200


def test_scenarios_beside_each_other(signed: Signed, staff: dict[str, int]) -> None:
    lead = signed("lead", usual(Role.PMO_LEAD), None)
    paths = [made(lead, name) for name in ("First", "Second")]
    add(lead, paths[0], "reassign", item="ONE-1", persons="Bob")
    add(lead, paths[1], "set_due", item="ONE-1", day="2026-03-20")
    ids = "&".join(f"id={path.rsplit('/', 1)[1]}" for path in paths)
    page = text_of(lead, f"/resources/scenarios/compare?{ids}&id=987&id=x")
    assert "2 scenarios and the plan as it stands" in page
    assert "<bdi>Ann</bdi>" in page
    assert "<bdi>Bob</bdi>" not in page  # who never has too much
    assert "Fri 2026-03-20" in page
    assert "Choose the scenarios" in text_of(lead, "/resources/scenarios/compare")


def test_namesakes_are_two_beside_each_other(signed: Signed, staff: dict[str, int], rows: Open) -> None:
    with rows() as change:
        change.db.execute(update(Person).where(Person.id == staff["bob"]).values(name="Ann"))
        change.db.execute(update(WorkItem).where(WorkItem.key == "TWO-2").values(remaining_s=48 * HOUR))
    lead = signed("lead", usual(Role.PMO_LEAD), None)
    path = made(lead)
    add(lead, path, "reassign", item="TWO-1", persons=str(staff["bob"]))
    page = text_of(lead, f"/resources/scenarios/compare?id={path.rsplit('/', 1)[1]}")
    assert page.count("<bdi>Ann</bdi>") == 2


def test_of_the_home_of_an_item_that_is_out_of_sight_nothing_is_told(
    signed: Signed, staff: dict[str, int], rows: Open
) -> None:
    with rows() as change:
        item = change.db.scalar(select(WorkItem.id).where(WorkItem.key == "TWO-1"))
        change.row(ItemProject, item_id=item, project_id=staff["one"], is_primary=False)
    manager = signed("pm", usual(Role.PROJECT_MANAGER), staff["mia"])
    path = made(manager)
    add(manager, path, "set_due", item="TWO-1", day="2026-03-13")
    page = text_of(manager, path)
    assert "nobody is known to manage it" in page
    assert f"/projects/{staff['two']}" not in page


def test_when_a_new_project_could_begin(signed: Signed, staff: dict[str, int]) -> None:
    lead = signed("lead", usual(Role.PMO_LEAD), None)
    page = text_of(lead, "/resources/scenarios/start?weeks=1&role1=Tester&hours1=60")
    # Both testers have 64 h a week, and this week 44 h to do.
    assert "Beside firm work and bookings: Mon 2026-03-09." in page
    assert "Until then <bdi>Tester</bdi> lacks hours." in page
    cook = text_of(lead, "/resources/scenarios/start?weeks=1&role1=Cook&hours1=60")
    assert "Nobody in sight is in the role Cook" in cook
    assert "no number" in text_of(lead, "/resources/scenarios/start?weeks=1&role1=Tester&hours1=x")


def test_one_made_with_an_operation_is_made_at_once_or_not_at_all(
    signed: Signed, staff: dict[str, int], engine: Engine
) -> None:
    lead = signed("lead", usual(Role.PMO_LEAD), None)
    made(lead, op="reassign", item="ONE-1", persons="Bob")
    assert (
        lead.post("/resources/scenarios", name="Other", op="reassign", item="ONE-9", persons="Bob").status_code == 422
    )
    with reading(engine) as store:
        told = select(AuditEntry.action, AuditEntry.new).where(AuditEntry.action.startswith("scenario."))
        assert [tuple(row) for row in store.execute(told)] == [("scenario.made", '{"operations":1}')]


def test_scenarios_are_noted_without_what_is_in_them(signed: Signed, staff: dict[str, int], engine: Engine) -> None:
    lead = signed("lead", usual(Role.PMO_LEAD), None)
    path = made(lead)
    add(lead, path, "reassign", item="ONE-1", persons="Bob")
    lead.post(path, do="share")
    lead.post(f"{path}/remove")
    with reading(engine) as store:
        rows = store.execute(select(AuditEntry.action, AuditEntry.new).where(AuditEntry.action.startswith("scenario.")))
        noted = [(row.action, row.new) for row in rows]
    actions = [action for action, _ in noted]
    assert actions == ["scenario.made", "scenario.changed", "scenario.shared", "scenario.removed"]
    assert not any("ONE-1" in str(new) for _, new in noted)
    with writing(engine) as store:
        assert store.scalar(select(func.count()).select_from(Scenario)) == 0
