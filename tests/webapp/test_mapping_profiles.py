"""Profiles on a page: what is said in which layer, fields with what they make of values, and who uses a profile."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine, update

from portfolio.model.structure import Project
from portfolio.store.engine import reading, writing
from sync import versions
from sync.mapping.document import FieldRule, Mapping, Override, ProfileRules, Rules
from sync.mapping.layers import ALL, Layer, layers_of, rules_in, with_rules
from sync.mapping.profile import LinkRule, StatusRule
from tests.conftest import Clock
from tests.webapp.conftest import Visitor
from tests.webapp.studio import fill_studio
from tests.webapp.test_mapping import form

PAGE = "/mapping/profiles"
ONE = f"{PAGE}?profile=standard"


@pytest.fixture
def used(engine: Engine, clock: Clock, ada: Visitor) -> Visitor:
    """A connection that uses a profile, in a draft."""
    fill_studio(engine, clock())
    given = made_from(ada.text(PAGE)) | {"connection": "Jira EU", "new": "standard"}
    assert ada.post(f"{PAGE}/use", PAGE, **given).status_code == 302
    return ada


def made_from(text: str) -> dict[str, str]:
    return {name: value for name, value in form(text).items() if name in ("draft", "revision")}


def send(visitor: Visitor, address: str, status: int = 302, **fields: str) -> str:
    given = made_from(visitor.text(address)) | {"profile": "standard"} | fields
    answer = visitor.post(PAGE, PAGE, **given)
    assert answer.status_code == status, answer.text
    return answer.text


def drafted(engine: Engine) -> Mapping:
    with reading(engine) as store:
        found = versions.draft(store)
    assert found is not None
    return found.mapping


def test_a_connection_is_given_a_profile(used: Visitor, engine: Engine) -> None:
    assert drafted(engine).connections["Jira EU"].profile == "standard"
    assert 'href="/mapping/profiles?profile=standard"' in used.text(PAGE)
    given = made_from(used.text(PAGE)) | {"connection": "Jira EU", "use": ""}
    used.post(f"{PAGE}/use", PAGE, **given)
    assert drafted(engine).connections["Jira EU"].profile == ""
    assert used.post(f"{PAGE}/use", PAGE, **made_from(used.text(PAGE)), connection="Nowhere").status_code == 404


def test_a_rule_is_said_and_taken_back_in_its_layer(used: Visitor, engine: Engine) -> None:
    status = {"section": "status", "value-0": "pondering", "meaning-0": "in_progress wait"}
    send(used, ONE, **status)
    send(used, ONE, section="link", **{"value-0": "Feeds", "meaning-0": "FS reverse"})
    rules = drafted(engine).profiles["standard"].rules
    assert rules.statuses == {"pondering": StatusRule("in_progress", "wait")}
    assert rules.links == {"Feeds": LinkRule("FS", reverse=True)}
    narrow = f"{ONE}&connection=Jira+EU&project=PRJ1"
    assert "As the profile: In progress, waiting" in used.text(narrow)
    place = {"connection": "Jira EU", "project": "PRJ1"}
    send(used, narrow, **place, **status | {"meaning-0": "in_progress blocked"})
    profile = drafted(engine).profiles["standard"]
    assert [each.rules.statuses for each in profile.overrides] == [{"pondering": StatusRule("in_progress", "blocked")}]
    assert "override" in used.text(narrow)
    send(used, narrow, **place, **status | {"meaning-0": ""})
    send(used, ONE, **status | {"meaning-0": ""})
    profile = drafted(engine).profiles["standard"]
    assert (profile.overrides, profile.rules.statuses) == ((), {})


def test_a_layer_counts_the_items_of_its_projects(used: Visitor, engine: Engine) -> None:
    def pondering(address: str) -> str:
        _, row = used.text(address).split("<bdi>Pondering</bdi>", 1)
        return row.split('<td class="num">', 1)[1].split("<", 1)[0]

    assert pondering(ONE) == "2"
    assert pondering(f"{ONE}&connection=Jira+EU&project=PRJ1") == "1"
    with writing(engine) as store:
        store.execute(update(Project).where(Project.name == "Warehouse control").values(type="internal"))
    assert pondering(f"{ONE}&type=internal") == "1"
    assert "<bdi>Brooding</bdi>" not in used.text(f"{ONE}&type=internal")


def test_fields_show_what_they_make_of_values(used: Visitor, engine: Engine) -> None:
    rows = {
        "attribute-0": "estimate", "field-0": "Effort in days", "unit-0": "days",
        "attribute-1": "probability", "field-1": "Severity", "values-1": "",
        "attribute-2": "severity", "field-2": "Severity", "values-2": "Major = high\nMinor = low",
        "attribute-3": "", "field-3": "Cost centre <b>",
    }  # fmt: skip
    send(used, ONE, section="fields", **rows)
    fields = drafted(engine).profiles["standard"].rules.fields
    assert fields["estimate"] == (FieldRule(field="Effort in days", unit="days"),)
    assert fields["severity"] == (FieldRule(field="Severity", values={"Major": "high", "Minor": "low"}),)
    text = " ".join(used.text(ONE).split())
    assert "<bdi>3</bdi> → <bdi>24 h</bdi>" in text
    assert "<bdi>Major</bdi> → <bdi>high</bdi>" in text
    assert '<bdi>Major</bdi> → <span class="bad-text">cannot be read' in text
    refused = send(used, ONE, 422, section="fields", **rows | {"values-2": "Major is high"})
    assert "write each value as “value = meaning”" in refused
    assert "Major is high</textarea>" in refused
    assert "<bdi>3</bdi> → <bdi>24 h</bdi>" in " ".join(refused.split())


def test_what_is_wrong_with_rules_stands_in_their_section(used: Visitor, engine: Engine) -> None:
    assert "cannot come in force" not in used.text(ONE)
    rows = {"attribute-0": "impact_cost", "field-0": "Costs", "unit-0": "EURO"}
    send(used, ONE, section="fields", **rows)
    text = used.text(ONE)
    assert "<bdi>impact_cost: “EURO” is no currency" in text[text.index('id="fields"') :]
    assert "No field of this name or id holds anything" in text
    narrow = f"{ONE}&connection=Jira+EU&project=PRJ1"
    assert "cannot come in force" not in used.text(narrow)
    send(used, narrow, connection="Jira EU", project="PRJ1", section="fields", **rows | {"unit-0": "EUROS"})
    assert "“EUROS” is no currency" in used.text(narrow)
    assert "“EUROS” is no currency" not in used.text(ONE)


def test_a_status_means_something_else_for_one_type(used: Visitor, engine: Engine) -> None:
    rows = {
        "type-0": "Hazard", "status-0": "Open", "meaning-0": "in_progress active",
        "type-1": "hazard", "status-1": "Watched", "meaning-1": "in_progress wait",
        "type-2": "", "status-2": "", "meaning-2": "",
    }  # fmt: skip
    send(used, ONE, section="typed", **rows)
    said = drafted(engine).profiles["standard"].rules.statuses_by_kind
    assert said == {"Hazard": {"Open": StatusRule("in_progress"), "Watched": StatusRule("in_progress", "wait")}}
    text = used.text(ONE)
    assert 'value="Watched"' in text
    narrow = f"{ONE}&connection=Jira+EU&project=PRJ1"
    wider = "<bdi>Hazard</bdi>: <bdi>Open</bdi> In progress, <bdi>Watched</bdi> In progress, waiting."
    assert wider in used.text(narrow)
    refused = send(
        used, ONE, 422, section="typed", **rows | {"type-2": "", "status-2": "Lost", "meaning-2": "done active"}
    )
    assert "“Lost”: name both the type and the status" in refused
    assert 'value="Lost"' in refused
    send(used, ONE, section="typed", **rows | {"meaning-0": "", "meaning-1": ""})
    assert drafted(engine).profiles["standard"].rules == Rules()


def test_lists_are_one_a_line(used: Visitor, engine: Engine) -> None:
    send(used, ONE, section="lists", cancelled="Won't do\nObsolete", ignored="Rank\n Rank \n\nSprint goal")
    rules = drafted(engine).profiles["standard"].rules
    assert rules.cancelled == ("Won't do", "Obsolete")
    assert rules.ignored == ("Rank", "Sprint goal")
    send(used, ONE, section="lists", ignored="Rank", **{"cancelled-as-below": "1"})
    assert drafted(engine).profiles["standard"].rules == Rules(ignored=("Rank",))


def test_what_was_typed_stays_when_the_draft_moved_on(used: Visitor, engine: Engine) -> None:
    before = made_from(used.text(ONE))
    send(used, ONE, section="lists", ignored="Rank", **{"cancelled-as-below": "1"})
    typed = {"profile": "standard", "section": "lists", "ignored": "Sprint goal", "cancelled": "Nope"}
    refused = used.post(PAGE, PAGE, **before, **typed)
    assert refused.status_code == 409
    assert "ada</bdi> changed the draft" in refused.text
    assert "Sprint goal</textarea>" in refused.text
    assert drafted(engine).profiles["standard"].rules.ignored == ("Rank",)


def test_layers_are_kept_in_their_order_and_an_empty_one_goes() -> None:
    of_type, of_project = Layer("service"), Layer("", "Jira", "ABC")
    rules = Rules(kinds={"Odd": "task"})
    profile = with_rules(with_rules(ProfileRules(), of_type, rules), of_project, rules)
    assert layers_of(profile) == (ALL, of_type, of_project)
    other = with_rules(profile, of_type, Rules(kinds={"Odd": "bug"}))
    assert layers_of(other) == (ALL, of_type, of_project)
    assert rules_in(other, of_type) == Rules(kinds={"Odd": "bug"})
    assert rules_in(other, ALL) == Rules()
    gone = with_rules(other, of_type, Rules())
    assert gone.overrides == (Override(connection="Jira", project="ABC", rules=rules),)
