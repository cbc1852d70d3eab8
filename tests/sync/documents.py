"""Made-up mappings: any that can be written down, whether it makes sense or not."""

from __future__ import annotations

from hypothesis import strategies as st

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

NAMES = st.one_of(
    st.sampled_from(["In Review", "rules", "overrides", "a.b", 'say "so"', "Größe", "", "ABC-1", "[x]", "= 1", "#"]),
    st.text(st.characters(exclude_categories=("Cs",)), max_size=5),
)
STATUSES = st.builds(StatusRule, NAMES, st.sampled_from(["active", "wait", "blocked"]))
LINKS = st.builds(LinkRule, st.sampled_from(["FS", "relates"]), st.booleans())
REPORTED = st.builds(ReportedRule, st.none() | NAMES, st.none() | NAMES)
FIELDS = st.builds(
    FieldRule,
    field=NAMES,
    unit=NAMES,
    values=st.dictionaries(NAMES, NAMES, max_size=2),
    level=st.integers(0, 3),
)
LISTS = st.lists(NAMES, max_size=2).map(tuple)


def table(values: st.SearchStrategy[object]) -> st.SearchStrategy[dict[str, object]]:
    return st.dictionaries(NAMES, values, max_size=2)


RULES = st.builds(
    Rules,
    kinds=table(NAMES),
    labels=table(NAMES),
    statuses=table(STATUSES),
    statuses_by_kind=table(table(STATUSES)),
    fields=table(st.lists(FIELDS, max_size=2).map(tuple)),
    links=table(LINKS),
    reported=table(REPORTED),
    templates=table(NAMES),
    cancelled=st.none() | LISTS,
    ignored=LISTS,
)
OVERRIDES = st.builds(Override, project_type=NAMES, connection=NAMES, project=NAMES, rules=RULES)
SOURCES = st.builds(
    Source, connection=NAMES, type=st.sampled_from(["project", "epic", "label"]), name=NAMES, project=NAMES
)
PROJECTS = st.builds(
    ProjectRule,
    code=NAMES,
    name=NAMES,
    sources=st.lists(SOURCES, max_size=2).map(tuple),
    portfolio=NAMES,
    program=NAMES,
)
CONNECTIONS = st.builds(
    ConnectionRules,
    profile=NAMES,
    grouping=st.builds(Grouping, by=st.sampled_from(["tracker", "field", "none"]), field=NAMES, separator=NAMES),
    project_fields=table(FIELDS),
)
MAPPINGS = st.builds(
    Mapping,
    profiles=table(st.builds(ProfileRules, rules=RULES, overrides=st.lists(OVERRIDES, max_size=2).map(tuple))),
    connections=table(CONNECTIONS),
    projects=st.lists(PROJECTS, max_size=3).map(tuple),
)
