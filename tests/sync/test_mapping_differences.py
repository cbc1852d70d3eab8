"""What changes between two mappings, in words."""

from __future__ import annotations

import msgspec
from hypothesis import given, settings

from sync.mapping.differences import Difference, differences
from sync.mapping.document import (
    ConnectionRules,
    FieldRule,
    Grouping,
    Mapping,
    Override,
    ProfileRules,
    ProjectRule,
    Rules,
    Source,
)
from sync.mapping.profile import LinkRule, ReportedRule, StatusRule
from sync.mapping.said import said
from tests.sync.documents import MAPPINGS


def lines(before: Mapping, after: Mapping) -> list[str]:
    return [each.words for each in differences(before, after)]


def ours(**rules: object) -> Mapping:
    return Mapping(profiles={"ours": ProfileRules(rules=Rules(**rules))})  # type: ignore[arg-type]


def test_a_status_changes_is_new_and_is_said_no_more() -> None:
    before = ours(statuses={"In Review": StatusRule("todo"), "Old": StatusRule("cancelled")})
    after = ours(statuses={"In Review": StatusRule("in_progress", "wait"), "New": StatusRule("done")})
    assert differences(before, after)[0] == Difference(
        'profiles.ours.statuses."In Review"', "Profile ours: status In Review", "to do", "in progress, waiting"
    )
    assert lines(before, after) == [
        "Profile ours: status In Review: was to do, becomes in progress, waiting",
        "Profile ours: status New: becomes done",
        "Profile ours: status Old: was cancelled, is said no more",
    ]


def test_every_kind_of_rule_has_words() -> None:
    rules = Rules(
        kinds={"Bug": "change_request"},
        labels={"risk": "risk"},
        statuses_by_kind={"Bug": {"Open": StatusRule("todo", "blocked")}},
        fields={"review_due": (FieldRule(field="A", unit="days"), FieldRule(field="B", level=1, values={"x": "y"}))},
        links={"Blocks": LinkRule("FS", reverse=True)},
        reported={"At risk": ReportedRule(rag="amber", status="on_hold")},
        templates={"dor-*": "DOR"},
        cancelled=("Won't do", "Duplicate"),
        ignored=("Rank",),
    )
    overrides = (
        Override(project_type="client", rules=Rules(kinds={"Bug": "task"})),
        Override(connection="Jira", project="ABC", rules=Rules(cancelled=())),
    )
    assert lines(Mapping(), Mapping(profiles={"ours": ProfileRules(rules=rules, overrides=overrides)})) == [
        "Profile ours: new",
        "Profile ours: type Bug: becomes change request",
        "Profile ours: label risk: becomes risk",
        "Profile ours: link Blocks: becomes finish to start, the other way round",
        "Profile ours: reported word At risk: becomes amber, on hold",
        "Profile ours: label or attachment dor-*: becomes template DOR",
        "Profile ours: status Open of type Bug: becomes to do, blocked",
        "Profile ours: review due of items: becomes field A in days, else field B step 1 with x as y",
        "Profile ours: resolutions that mean cancelled: becomes Won't do, Duplicate",
        "Profile ours: fields of no interest: becomes Rank",
        "Profile ours, projects of type client: new",
        "Profile ours, projects of type client: type Bug: becomes task",
        "Profile ours, project ABC of Jira: new",
        "Profile ours, project ABC of Jira: resolutions that mean cancelled: becomes none",
    ]


def test_connections_and_projects_have_words() -> None:
    web = ProjectRule(code="WEB", name="Web", sources=(Source(connection="Jira", name="ABC"),))
    part = Source(connection="Jira", type="component", name="App", project="ABC")
    before = Mapping(connections={"Jira": ConnectionRules(profile="a")}, projects=(web,))
    moved = msgspec.structs.replace(web, sources=(*web.sources, part), program="Shop")
    grouped = ConnectionRules(
        profile="b",
        grouping=Grouping(by="field", field="Client", separator=">"),
        project_fields={"budget": FieldRule(field="Budget", unit="EUR")},
    )
    after = Mapping(connections={"Jira": grouped}, projects=(ProjectRule(sources=(part,)), moved))
    assert lines(before, after) == [
        "Connection Jira: profile: was a, becomes b",
        "Connection Jira: programs by: becomes field Client, parted at >",
        "Connection Jira: budget of projects: becomes field Budget in EUR",
        "Without a project: component App in ABC of Jira: new",
        "Without a project: component App in ABC of Jira: fed from: becomes component App in ABC of Jira",
        "Project WEB: fed from: was project ABC of Jira, becomes project ABC of Jira, component App in ABC of Jira",
        "Project WEB: program: becomes Shop",
    ]


def test_the_order_of_project_rules_is_a_difference() -> None:
    rules = tuple(ProjectRule(code=code) for code in ("A", "B", "C"))
    assert lines(Mapping(projects=rules), Mapping(projects=rules[::-1])) == [
        "Order of project rules: was Project A, Project B, Project C, becomes Project C, Project B, Project A"
    ]
    assert lines(Mapping(projects=rules), Mapping(projects=rules[1:])) == ["Project A: removed"]


@settings(max_examples=150, deadline=None)
@given(MAPPINGS, MAPPINGS)
def test_nothing_differs_from_itself_and_every_statement_that_changes_is_told(one: Mapping, other: Mapping) -> None:
    assert differences(one, one) == ()
    there, back = differences(one, other), differences(other, one)
    assert {(each.before, each.after) for each in there} == {(each.after, each.before) for each in back}
    values = [{key: each.value for key, each in said(mapping).items()} for mapping in (one, other)]
    changed = {key for key in values[0].keys() | values[1].keys() if values[0].get(key) != values[1].get(key)}
    assert len([each for each in there if each.place != "projects"]) == len(changed)
