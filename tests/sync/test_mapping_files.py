"""The mapping as a TOML file: out and in again, and what is said of a file that is none."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from sync.errors import FileError
from sync.mapping.document import FORMAT, ConnectionRules, FieldRule, Mapping, ProfileRules, ProjectRule, Rules, Source
from sync.mapping.faults import faults
from sync.mapping.files import from_toml, line_of_place, to_toml
from sync.mapping.place import at, steps
from sync.mapping.profile import StatusRule
from sync.toml_files import LONGEST
from tests.sync.documents import MAPPINGS

OURS = Mapping(
    profiles={
        "standard": ProfileRules(
            rules=Rules(
                statuses={"In Review": StatusRule("in_progress", "wait"), "Done": StatusRule("done")},
                fields={"estimate": (FieldRule(field="Effort", unit="days"),)},
            )
        )
    },
    connections={"Jira": ConnectionRules(profile="standard")},
    projects=(
        ProjectRule(code="WEB", sources=(Source(connection="Jira", name="WEB"),)),
        ProjectRule(code="APP", sources=(Source(connection="Jira", name="APP"),)),
    ),
)
WRITTEN = """\
format = 1

[profiles.standard.rules.statuses.Done]
category = "done"

[profiles.standard.rules.statuses."In Review"]
category = "in_progress"
flow = "wait"

[profiles.standard.rules.fields]
estimate = [
    { field = "Effort", unit = "days" },
]

[connections.Jira]
profile = "standard"

[[projects]]
code = "WEB"
sources = [
    { connection = "Jira", name = "WEB" },
]

[[projects]]
code = "APP"
sources = [
    { connection = "Jira", name = "APP" },
]
"""


def test_it_is_written_sorted_and_read_as_it_was() -> None:
    assert to_toml(OURS) == WRITTEN
    assert from_toml(WRITTEN) == OURS


@settings(max_examples=150, deadline=None)
@given(MAPPINGS)
def test_whatever_can_be_said_comes_back_from_a_file(mapping: Mapping) -> None:
    text = to_toml(mapping)
    assert from_toml(text) == mapping
    assert to_toml(from_toml(text)) == text


def test_a_file_without_a_format_is_of_this_one() -> None:
    assert from_toml(WRITTEN.removeprefix("format = 1\n")) == OURS


@pytest.mark.parametrize(
    ("instead", "of", "told"),
    [
        ("format = 2", "format = 1", "line 1, format: the file is of format 2, which a newer Sightline wrote"),
        ('format = "1"', "format = 1", "line 1, format: a whole number is expected, not a text"),
        (
            'flwo = "wait"',
            'flow = "wait"',
            'line 8, profiles.standard.rules.statuses."In Review".flwo: there is no such',
        ),
        ("category = 1", 'category = "in_progress"', "line 7, .*In Review.*category: a text is expected"),
        ('flow = "wait"', 'category = "in_progress"\nflow = "wait"', "line 6, .*: `category` is missing"),
        ("unit = 8", 'unit = "days"', r"line 11, .*fields.estimate\[0\].unit: a text is expected"),
        ('type = "x", name = "APP"', 'name = "APP"', r"line 26, projects\[1\].sources\[0\].type: 'x' is none of the"),
        ("[profile.", "[profiles.", "line 3, profile: there is no such word here"),
        ("[profiles", "[profiles.standard.rules.fields]", "line 10: this is no TOML"),
        ('profile = "x"\nprofile = "y"', 'profile = "standard"', "line 17: this is no TOML"),
        ("x = " + "[" * 5000, "format = 1", "nested deeper than any such file"),
        ("format = " + "1" * 5000, "format = 1", "a number with more digits than any such file has"),
        ("x = '''\n\"\\q\" = 1\n[\"\\q\"]\n'''", "format = 1", "line 1, x: there is no such word here"),
    ],
)
def test_what_is_wrong_is_told_at_its_place(instead: str, of: str, told: str) -> None:
    text = WRITTEN.replace(of, instead, 1)
    assert text != WRITTEN
    with pytest.raises(FileError, match=told):
        from_toml(text)


def test_a_newer_format_says_what_to_do_and_an_endless_file_is_not_read() -> None:
    with pytest.raises(FileError, match=r"Update Sightline here, or export"):
        from_toml(f"format = {FORMAT + 1}\nsomething_new = true\n")
    with pytest.raises(FileError, match="longer than"):
        from_toml("#" * (LONGEST + 1))


def test_faults_are_found_in_the_file() -> None:
    text = WRITTEN.replace('"standard"', '"other"', 1).replace('"done"', '"finished"')
    found = {fault.place: line_of_place(text, fault.place) for fault in faults(from_toml(text))}
    assert found == {"connections.Jira.profile": 16, "profiles.standard.statuses.Done": 3}


def test_places_are_read_as_they_are_written() -> None:
    place = ("profiles", 'a "b".c[0]', "overrides", 3, "statuses", "", "Größe")
    assert steps(at(*place)) == place
