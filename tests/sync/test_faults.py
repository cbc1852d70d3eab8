"""A document that makes no sense says so, at the place."""

from __future__ import annotations

import pytest

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
from sync.mapping.faults import faults
from sync.mapping.profile import LinkRule, ReportedRule, StatusRule

SOUND = Rules(
    kinds={"Wish": "story"},
    statuses={"In Review": StatusRule("in_progress", "wait")},
    statuses_by_kind={"Risk": {"Open": StatusRule("todo")}},
    fields={
        "estimate": (FieldRule(field="Hours", unit="hours"), FieldRule(field="Days", unit="days")),
        "cost": (FieldRule(field="Price", unit="EUR"),),
        "response": (FieldRule(field="Response", values={"Vermeiden": "avoid"}),),
        "severity": (FieldRule(field="Severity", values={"A": "whatever"}),),
    },
    links={"Gantt": LinkRule("SS")},
    reported={"gelb": ReportedRule("amber", "active")},
    templates={"protokoll-*": "MOM"},
    cancelled=(),
)


def of(rules: Rules) -> Mapping:
    return Mapping(profiles={"a b": ProfileRules(rules=rules)})


def overridden(*overrides: Override) -> Mapping:
    return Mapping(profiles={"p": ProfileRules(overrides=overrides)})


def fed(*sources: Source, **given: str) -> Mapping:
    return Mapping(projects=(ProjectRule(sources=sources, **given),))


WEB = Source(connection="one", type="component", name="Web", project="ONE")
TWO = Source(connection="one", name="TWO")


def test_a_sound_document_has_no_fault() -> None:
    sound = Mapping(
        profiles={
            "ours": ProfileRules(rules=SOUND, overrides=(Override(project_type="internal", rules=SOUND_NO_LINKS),))
        },
        connections={"one": ConnectionRules(profile="ours", grouping=Grouping(by="field", field="Area"))},
        projects=(ProjectRule(code="WEB", sources=(WEB,), portfolio="A", program="B"),),
    )
    assert faults(sound) == ()
    assert faults(Mapping()) == ()


SOUND_NO_LINKS = Rules(statuses={"Open": StatusRule("todo")}, fields={"due": ()})


@pytest.mark.parametrize(
    ("mapping", "place", "message"),
    [
        (of(Rules(kinds={"X": "saga"})), 'profiles."a b".kinds.X', "“saga” is no kind: choose one of epic, story"),
        (of(Rules(labels={"": "risk"})), 'profiles."a b".labels', "A rule is for no name."),
        (
            of(Rules(statuses={"In Review": StatusRule("waiting")})),
            'profiles."a b".statuses."In Review"',
            "“waiting” is no category: choose one of todo, in_progress, done, cancelled.",
        ),
        (
            of(Rules(statuses={"Open": StatusRule("todo"), " OPEN": StatusRule("done")})),
            'profiles."a b".statuses." OPEN"',
            "“Open” and “ OPEN” are one name, and have two meanings.",
        ),
        (
            of(Rules(statuses_by_kind={"Risk": {"Open": StatusRule("todo", "late")}})),
            'profiles."a b".statuses_by_kind.Risk.Open',
            "“late” is no flow",
        ),
        (of(Rules(links={"Gantt": LinkRule("XY")})), 'profiles."a b".links.Gantt', "“XY” is no type of dependency"),
        (of(Rules(reported={"gelb": ReportedRule("yellow")})), 'profiles."a b".reported.gelb', "“yellow” is no colour"),
        (of(Rules(templates={"x": "m-o-m"})), 'profiles."a b".templates.x', "“m-o-m” is no code of a template"),
        (of(Rules(fields={"mood": ()})), 'profiles."a b".fields.mood', "“mood” is no attribute: choose one of start"),
        (
            of(Rules(fields={"estimate": (FieldRule(field="E", unit="moons"),)})),
            'profiles."a b".fields.estimate',
            "“moons” is no unit: choose one of seconds, minutes, hours, days, weeks.",
        ),
        (
            of(Rules(fields={"cost": (FieldRule(field="A", unit="EUR"), FieldRule(field="B", unit="Taler"))})),
            'profiles."a b".fields.cost[1]',
            "“Taler” is no currency",
        ),
        (
            of(Rules(fields={"due": (FieldRule(field="A", unit="days"),)})),
            'profiles."a b".fields.due',
            "This attribute is not counted in anything: leave “days” out.",
        ),
        (
            of(Rules(fields={"due": (FieldRule(field="A"), FieldRule(field="a "))})),
            'profiles."a b".fields.due[1]',
            "The field “a ” is named twice.",
        ),
        (
            of(Rules(fields={"response": (FieldRule(field="A", values={"X": "hope"}),)})),
            'profiles."a b".fields.response.values.X',
            "“hope” is no value of response: choose one of avoid",
        ),
        (
            of(Rules(fields={"kind": (FieldRule(field="A", values={"X": "saga"}),)})),
            'profiles."a b".fields.kind.values.X',
            "“saga” is no value of kind",
        ),
        (of(Rules(fields={"due": (FieldRule(field=" "),)})), 'profiles."a b".fields.due', "No field is named."),
        (of(Rules(fields={"due": (FieldRule(field="A", level=-1),)})), 'profiles."a b".fields.due', "The level of a"),
        (overridden(Override()), "profiles.p.overrides[0]", "An override is either for a type of project or for one"),
        (overridden(Override(project="ONE")), "profiles.p.overrides[0]", "One project is named by its connection and"),
        (
            overridden(Override(project_type="a"), Override(project_type="a")),
            "profiles.p.overrides[1]",
            "There are two overrides for the same projects: put their rules into one.",
        ),
        (
            overridden(Override(project_type="a", rules=Rules(links={"x": LinkRule("FS")}))),
            "profiles.p.overrides[0].links",
            "A link may join two projects",
        ),
        (
            Mapping(connections={"one": ConnectionRules(profile="x")}),
            "connections.one.profile",
            "There is no profile “x”.",
        ),
        (
            Mapping(connections={"one": ConnectionRules(grouping=Grouping(by="field"))}),
            "connections.one.grouping",
            "Grouping by a field needs the field's name.",
        ),
        (fed(code="A"), "projects[0]", "Nothing feeds this project: name a source."),
        (
            fed(WEB, WEB, code="A"),
            "projects[0].sources[1]",
            "The source “Web” feeds two projects: projects[0] (A) has it, too.",
        ),
        (
            fed(Source(connection="one", type="query", name="project = ((")),
            "projects[0].sources[0]",
            "The brackets of the query do not match. Try it in Jira's own search",
        ),
        (fed(Source(connection="one", type="section", name="S")), "projects[0].sources[0]", "A section is one of a"),
        (fed(Source(connection="one", name="x" * 2001)), "projects[0].sources[0]", "This is too long: 2001 characters"),
        (fed(Source(connection="one", type="epic", name="A\x00")), "projects[0].sources[0]", "The source's name holds"),
        (fed(WEB, program="B"), "projects[0].program", "A program is in a portfolio: name that, too."),
        (
            Mapping(projects=(ProjectRule(code="A", sources=(WEB,)), ProjectRule(code="a", sources=(TWO,)))),
            "projects[1].code",
            "There are two rules for the project a: put their sources into one.",
        ),
        (
            Mapping(projects=(ProjectRule(code="A B", sources=(WEB,)), ProjectRule(code="a-b", sources=(TWO,)))),
            "projects[1].code",
            "There are two rules for the project a-b: put their sources into one.",
        ),
    ],
)  # fmt: skip
def test_each_fault_has_its_place(mapping: Mapping, place: str, message: str) -> None:
    [found] = faults(mapping)
    assert found.place == place
    assert found.message.startswith(message)
