"""What people say of a connection's values goes before its defaults: kinds, statuses, fields, links, templates."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from connector.records import (
    Category,
    Change,
    ChangedField,
    ChangesRecord,
    FieldRecord,
    FieldRole,
    KindRecord,
    LinkRecord,
    LinkTypeRecord,
    Membership,
    StatusRecord,
)
from sync.mapping.compile import TrackerProject, compile_profile
from sync.mapping.defaults import References, default_profile
from sync.mapping.document import ConnectionRules, FieldRule, Mapping, Override, ProfileRules
from sync.mapping.document import Rules as Say
from sync.mapping.items import ItemValues, map_item
from sync.mapping.profile import LinkRule, Profile, ReportedRule, StatusRule, decode, encode
from sync.mapping.projects import map_project
from sync.mapping.rules import Rules
from tests.sync.builders import at, item, project

KNOWN = References(
    statuses=[
        StatusRecord(external_id="1", name="To Do", category=Category.TODO),
        StatusRecord(external_id="5", name="Peer review", category=Category.IN_PROGRESS),
    ],
    kinds=[
        KindRecord(external_id="3", name="Task"),
        KindRecord(external_id="4", name="Sub-task", subtask=True),
        KindRecord(external_id="8", name="Gefahr"),
    ],
    fields=[
        FieldRecord(external_id="duedate", name="Due date", type="date", custom=False),
        FieldRecord(external_id="f1", name="Committed", type="date"),
        FieldRecord(external_id="f2", name="Size", type="option"),
        FieldRecord(external_id="f3", name="Size", type="number"),
        FieldRecord(external_id="f4", name="Impact", type="string"),
        FieldRecord(external_id="f5", name="Stage", type="option"),
        FieldRecord(external_id="f6", name="End date", type="date"),
    ],
    link_types=[LinkTypeRecord(external_id="1", name="Blocks", outward="blocks", inward="is blocked by")],
)
PROJECTS = [TrackerProject("P1", "ONE", "One", "internal"), TrackerProject("P2", "TWO", "Two")]


def compiled(say: Say, *overrides: Override, known: References = KNOWN) -> Profile:
    mapping = Mapping(
        profiles={"ours": ProfileRules(rules=say, overrides=overrides)},
        connections={"one": ConnectionRules(profile="ours")},
    )
    profile = compile_profile(default_profile(known), mapping, "one", PROJECTS, known)
    assert decode(encode(profile)) == profile
    return profile


def mapped(profile: Profile, changes: tuple[Change, ...] | None = None, **fields: Any) -> ItemValues:
    told = None if changes is None else ChangesRecord(item_id="1", changes=changes)
    return map_item(item("1", **fields), told, Rules(profile))


def standing(profile: Profile, **fields: Any) -> tuple[str, str]:
    values = mapped(profile, **fields)
    return values.category, values.flow


def test_a_mapping_that_says_nothing_of_a_connection_leaves_the_defaults() -> None:
    defaults = default_profile(KNOWN)
    other = Mapping(connections={"two": ConnectionRules(profile="x")}, profiles={"x": ProfileRules()})
    for mapping in (Mapping(), other):
        assert compile_profile(defaults, mapping, "one", PROJECTS, KNOWN) == defaults


class TestStatuses:
    SAYS = compiled(
        Say(statuses={" peer  REVIEW": StatusRule("in_progress", "wait"), "To Do": StatusRule("cancelled")})
    )

    def test_a_name_goes_before_ids_and_categories(self) -> None:
        assert standing(self.SAYS) == ("cancelled", "active")
        assert standing(self.SAYS, status_id="99", status_name="to do", status_category=Category.DONE)[0] == "cancelled"
        assert standing(self.SAYS, status_id="7", status_name="Done", status_category=Category.DONE)[0] == "done"

    def test_a_past_under_another_name_is_understood_by_the_present_name_of_its_id(self) -> None:
        moved = (
            Change(
                at=at("2026-01-08"), field=ChangedField.STATUS, old="1", old_text="Open", new="5", new_text="Review"
            ),
            Change(
                at=at("2026-01-09"), field=ChangedField.STATUS, old="5", old_text="Review", new="9", new_text="Done"
            ),
        )
        said = mapped(self.SAYS, moved, status_id="9", status_name="Done", status_category=Category.DONE)
        assert [each.category for each in said.history.versions] == ["cancelled", "in_progress", "done"]
        assert said.history.versions[1].flow == "wait"

    def test_a_status_may_mean_something_else_for_a_type(self) -> None:
        profile = compiled(
            Say(statuses={"Open": StatusRule("in_progress")}, statuses_by_kind={"gefahr": {"open": StatusRule("todo")}})
        )
        turned = (Change(at=at("2026-01-08"), field=ChangedField.KIND, old="3", old_text="Task", new_text="Gefahr"),)
        said = mapped(profile, turned, status_id=None, status_name="Open", kind_id="8", kind_name="Gefahr")
        assert said.category == "todo"
        assert [each.category for each in said.history.versions] == ["in_progress", "todo"]
        assert said.history.started_on == date(2026, 1, 5)

    def test_resolutions_that_mean_cancelled_are_all_that_are_said(self) -> None:
        done = {"status_id": "7", "status_name": "Done", "status_category": Category.DONE}
        none, odd = compiled(Say(cancelled=())), compiled(Say(cancelled=("Parked",)))
        assert standing(none, resolution="Won't Do", **done)[0] == "done"
        assert standing(odd, resolution="Won't Do", **done)[0] == "done"
        assert standing(odd, resolution="parked ", **done)[0] == "cancelled"
        assert standing(compiled(Say()), resolution="Won't Do", **done)[0] == "cancelled"


CHANCE = FieldRule(field="Stage", values={"Chance": "risk"})


class TestKinds:
    @pytest.mark.parametrize(
        ("say", "fields", "kind"),
        [
            (Say(kinds={"GEFAHR": "risk"}), {"kind_id": "8", "kind_name": "Gefahr"}, "risk"),
            (Say(kinds={"Task": "deliverable"}), {"subtask": True}, "deliverable"),
            (Say(kinds={"Task": "story"}), {"subtask": True}, "subtask"),
            (Say(kinds={"Sub-task": "task"}), {"kind_id": "4", "kind_name": "Sub-task", "subtask": True}, "task"),
            (Say(labels={"Gate": "milestone"}, kinds={"Task": "story"}), {"labels": ("x", "gate")}, "milestone"),
            (Say(labels={"gate": "milestone"}), {"labels": ("pmo:risk", "gate")}, "milestone"),
            (Say(fields={"kind": (CHANCE,)}), {"fields": {"f5": "chance"}}, "risk"),
            (Say(fields={"kind": (FieldRule(field="Stage"),)}, kinds={"x": "bug"}), {"fields": {"f5": "X"}}, "bug"),
        ],
    )  # fmt: skip
    def test_what_is_said_of_a_type_or_label(self, say: Say, fields: dict[str, Any], kind: str) -> None:
        assert mapped(compiled(say), **fields).kind == kind

    def test_a_type_is_followed_through_its_past(self) -> None:
        turned = (Change(at=at("2026-01-08"), field=ChangedField.KIND, old="8", old_text="Hazard", new_text="Task"),)
        said = mapped(compiled(Say(kinds={"Gefahr": "risk"})), turned)
        assert [each.kind for each in said.history.versions] == ["risk", "task"]


class TestOverrides:
    OF_TYPE = Override(project_type="internal", rules=Say(statuses={"To Do": StatusRule("in_progress")}))
    OF_PROJECT = Override(connection="one", project="ONE", rules=Say(statuses={"To Do": StatusRule("done")}))
    BASE = Say(statuses={"To Do": StatusRule("cancelled"), "Done": StatusRule("todo")})

    @pytest.mark.parametrize(
        ("overrides", "project", "category"),
        [
            ((), "P1", "cancelled"),
            ((OF_TYPE,), "P1", "in_progress"),
            ((OF_PROJECT, OF_TYPE), "P1", "done"),
            ((OF_PROJECT, OF_TYPE), "P2", "cancelled"),
            ((Override(connection="two", project="ONE", rules=OF_PROJECT.rules),), "P1", "cancelled"),
        ],
    )
    def test_the_narrowest_counts(self, overrides: tuple[Override, ...], project: str, category: str) -> None:
        profile = compiled(self.BASE, *overrides)
        assert standing(profile, memberships=(Membership(project),))[0] == category
        assert standing(profile, memberships=(Membership(project),), status_id="9", status_name="Done")[0] == "todo"

    def test_rules_of_projects_with_the_same_overrides_are_one(self) -> None:
        rules = Rules(compiled(self.BASE, self.OF_TYPE))
        assert rules.of("P2") is rules.of(None) is rules
        assert rules.of("component:P1:Web", "P1") is rules
        assert rules.of("P1") is rules.of("P1", "P9") is not rules


class TestFields:
    def test_a_named_field_goes_before_the_trackers_own_and_what_stands_in_for_it(self) -> None:
        profile = compiled(Say(fields={"due": (FieldRule(field="committed "),)}))
        assert set(profile.bindings.wanted()) >= {"f1"}
        told = {"f1": "2026-02-10", "f6": "2026-02-20"}
        own = {"due": date(2026, 2, 1)}
        moved = (Change(at=at("2026-01-10"), field=ChangedField.DUE, old="2026-01-20", new="2026-02-01"),)
        said = mapped(profile, moved, fields=told, **own)
        assert said.due == date(2026, 2, 10)
        assert {each.due for each in said.history.versions} == {date(2026, 2, 10)}
        assert said.history.field_changes == []
        left = mapped(profile, moved, fields={"f6": "2026-02-20"}, **own)
        assert left.due == date(2026, 2, 1)
        assert [each.due for each in left.history.versions] == [date(2026, 1, 20), date(2026, 2, 1)]
        assert mapped(profile, fields={"f6": "2026-02-20"}).due is None

    def test_no_field_at_all_leaves_only_the_trackers_own(self) -> None:
        assert mapped(compiled(Say()), fields={"f6": "2026-02-20"}).due == date(2026, 2, 20)
        assert mapped(compiled(Say(fields={"due": ()})), fields={"f6": "2026-02-20"}).due is None

    def test_a_name_of_two_fields_or_none_is_not_guessed(self) -> None:
        profile = compiled(Say(fields={"due": (FieldRule(field="Size"),), "cost": (FieldRule(field="Preis"),)}))
        assert profile.unclear == (
            "2 fields are called “Size”: name the one that carries due by its id (f2, f3)",
            "there is no field “Preis” to carry cost",
        )
        assert mapped(profile, fields={"f2": "2026-01-01", "f6": "2026-02-20"}).due == date(2026, 2, 20)

    def test_choices_efforts_and_further_values(self) -> None:
        rules = {
            "points": (FieldRule(field="f2", values={"XL": "13"}),),
            "estimate": (FieldRule(field="f3", unit="days"),),
            "impact_cost": (FieldRule(field="Impact", unit="EUR"),),
            "status": (FieldRule(field="Stage"),),
        }
        told = {"f2": "xl", "f3": 1.5, "f4": "1.200,50 €", "f5": "Blocked"}
        said = mapped(compiled(Say(fields=rules)), fields=told, status_category=Category.TODO)
        assert (said.points, said.estimate_s, said.status, said.flow) == (13.0, 12 * 3600, "Blocked", "blocked")
        assert said.category == "in_progress"
        assert said.attributes["impact_cost"][:1] == (Decimal("1200.5"),)
        assert list(said.attributes) == ["impact_cost"]

    def test_the_role_that_has_to_do_it_is_what_a_field_says_and_nothing_by_default(self) -> None:
        fields = [*KNOWN.fields, FieldRecord(external_id="r1", name="Role", type="option")]
        assert mapped(compiled(Say(), known=References(fields=fields)), fields={"r1": "QA"}).role is None
        rules = {"role": (FieldRule(field="role", values={"Tester": "QA"}),)}
        profile = compiled(Say(fields=rules), known=References(fields=fields))
        given = ("tester", " Dev ", "\u200b", "", ["UX", "QA"], "<b>x</b>", "x" * 3000)
        told = [mapped(profile, fields={"r1": value}).role for value in given]
        assert told[:6] == ["QA", "Dev", None, None, "UX", "<b>x</b>"]
        assert 0 < len(told[6] or "") < 2100

    def test_what_cannot_be_read_is_reported_and_not_taken_from_elsewhere(self) -> None:
        rules = {"cost": (FieldRule(field="Impact"), FieldRule(field="f3", unit="EUR"))}
        said = mapped(compiled(Say(fields=rules)), fields={"f4": "viel", "f3": 5})
        assert said.attributes == {}
        assert said.unmapped == [("field cost", "viel: no amount, or one that can be read in two ways")]
        assert mapped(compiled(Say(fields=rules)), fields={"f3": 5}).attributes["cost"].currency == "EUR"

    def test_a_boards_own_points_stand_back(self) -> None:
        fields = [
            *KNOWN.fields,
            FieldRecord(external_id="sp", name="Story Points", type="number", role=FieldRole.POINTS),
        ]
        profile = compiled(Say(fields={"points": (FieldRule(field="f3"),)}), known=References(fields=fields))
        told = {"sp": 3, "f3": 8}
        moved = (
            Change(at=at("2026-01-08"), field=ChangedField.POINTS, field_id="f3", old="5", new="8"),
            Change(at=at("2026-01-09"), field=ChangedField.POINTS, field_id="sp", old="1", new="3"),
        )
        said = mapped(profile, moved, fields=told)
        assert [each.points for each in said.history.versions] == [5.0, 8.0]


def test_a_link_type_means_what_is_said_from_both_ends_and_in_every_project() -> None:
    override = Override(project_type="internal", rules=Say(statuses={"To Do": StatusRule("done")}))
    profile = compiled(Say(links={"BLOCKS": LinkRule("SS", reverse=True)}), override)
    out = LinkRecord(external_id="5", type_name="Blocks", phrase="blocks", outward=True, other_id="2")
    back = LinkRecord(external_id="5", type_name="Blocks", phrase="is blocked by", outward=False, other_id="1")
    [one] = mapped(profile, links=(out,)).links
    [two] = map_item(item("2", links=(back,), memberships=(Membership("P2"),)), None, Rules(profile)).links
    assert one == two
    assert (one.type, one.from_external_id, one.to_external_id) == ("SS", "2", "1")


def test_what_a_project_reports_of_itself_may_mean_something_else_for_a_type() -> None:
    override = Override(project_type="internal", rules=Say(reported={"Gelb ": ReportedRule("red")}))
    profile = compiled(Say(reported={"gelb": ReportedRule("amber"), "on track": ReportedRule("amber")}), override)
    told = {ident: map_project(project(ident, reported="GELB"), Rules(profile)).reported_rag for ident in ("P1", "P2")}
    assert told == {"P1": "red", "P2": "amber"}
    assert map_project(project("P2", reported="on_track"), Rules(profile)).reported_rag == "amber"


def test_templates_are_known_by_the_name_of_an_attachment_too() -> None:
    profile = compiled(Say(templates={"*charter*.pdf": "CHA"}))
    named = ("Signed Charter v2.PDF", "tmpl:sow", "notes.txt")
    assert mapped(profile, attachment_names=named).templates == {"CHA": "Signed Charter v2.PDF", "SOW": "tmpl:sow"}
    assert mapped(compiled(Say()), attachment_names=named).templates == {}


def test_templates_are_known_by_their_label() -> None:
    profile = compiled(Say(templates={"protokoll-*": "MOM", "Charter": "CHA"}))
    labels = ("Protokoll-12", "protokoll-13", "charter", "tmpl:sow", "tmpl:???", "Protokoll")
    assert mapped(profile, labels=labels).templates == {"MOM": "Protokoll-12", "CHA": "charter", "SOW": "tmpl:sow"}


def test_what_is_new_in_the_catalogue_only_adds_and_a_new_name_does_not() -> None:
    say = Say(statuses={"Peer review": StatusRule("done")})
    grown = References(statuses=[*KNOWN.statuses, StatusRecord(external_id="6", name="New")], fields=KNOWN.fields)
    renamed = References(statuses=[KNOWN.statuses[0], StatusRecord(external_id="5", name="Elsewhere")])
    base = compiled(say, known=References(statuses=KNOWN.statuses, fields=KNOWN.fields))
    assert compiled(say, known=grown).only_adds_to(base)
    assert not compiled(say, known=renamed).only_adds_to(base)
    assert not compiled(Say()).only_adds_to(base)


def test_an_override_for_a_project_that_is_not_there_is_told() -> None:
    say = Say(statuses={"Open": StatusRule("done")})
    overrides = [Override(connection="one", project=name, rules=say) for name in ("two ", "THREE")]
    profile = compiled(Say(), *overrides, Override(connection="other", project="FOUR", rules=say))
    assert list(profile.said_of_project) == ["P2"]
    assert profile.unclear == ("there is no project “THREE”, for which there is an override",)
