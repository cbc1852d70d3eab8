"""Mapping: every record maps or says why not, and the default profile needs no configuration."""

# ruff: noqa: RUF001 - statuses of many alphabets

from __future__ import annotations

from datetime import UTC, date, datetime
from itertools import pairwise
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connector.records import (
    BoardRecord,
    Category,
    Change,
    ChangedField,
    ChangesRecord,
    FieldRecord,
    FieldRole,
    ItemRecord,
    KindRecord,
    LinkRecord,
    LinkTypeRecord,
    Membership,
    PortfolioRecord,
    StatusRecord,
)
from portfolio.facts.units import MOST_POINTS
from portfolio.model.base import FAR
from sync.errors import UnmappableError
from sync.mapping.defaults import References, default_profile, link_rule
from sync.mapping.items import map_item
from sync.mapping.profile import LinkRule, StatusRule, decode, encode
from sync.mapping.projects import LONGEST_NAME, Place, clean, code_for, map_project, named_places, place_of, places
from sync.mapping.rules import Rules
from sync.mapping.words import table
from tests.sync.builders import at, item, project

KINDS = {
    "epic", "story", "task", "subtask", "bug", "milestone", "risk", "issue", "decision", "change_request",
    "deliverable", "acceptance", "action", "heading", "other",
}  # fmt: skip
RULES = Rules(default_profile(References()))
words = st.text(max_size=12)
instants = st.integers(631_152_000, 4_102_444_800).map(lambda second: datetime.fromtimestamp(second, UTC))
days = st.dates()
changes = st.builds(
    Change,
    at=instants,
    field=st.sampled_from(ChangedField),
    old=st.none() | words | days.map(str),
    new=st.none() | words,
    old_text=st.none() | words,
    new_text=st.none() | words,
    by_id=st.none() | words,
)
items = st.builds(
    ItemRecord,
    external_id=words,
    key=words,
    url=words,
    title=words,
    memberships=st.lists(st.builds(Membership, words, words, st.none() | words), max_size=3).map(tuple),
    kind_id=words,
    kind_name=words,
    created=instants,
    updated=instants,
    completed=st.none() | st.booleans(),
    status_name=st.none() | words,
    status_category=st.none() | st.sampled_from(Category),
    resolved_at=st.none() | instants,
    completed_at=st.none() | instants,
    due=st.none() | days,
    start=st.none() | days,
    estimate_s=st.none() | st.integers(),
    spent_s=st.none() | st.integers(),
)


@settings(max_examples=300, deadline=None)
@given(items, st.none() | st.lists(changes, max_size=8))
def test_mapping_is_total(record: ItemRecord, told: list[Change] | None) -> None:
    history = (
        None
        if told is None
        else ChangesRecord(item_id=record.external_id, changes=tuple(sorted(told, key=lambda c: c.at)))
    )
    try:
        values = map_item(record, history, RULES)
    except UnmappableError as error:
        reason = str(error)
        assert reason.startswith(("the ", "an effort"))
        return
    assert values.kind in KINDS
    assert values.category in {"todo", "in_progress", "done", "cancelled"}
    versions = values.history.versions
    assert versions[0].valid_from == values.created_on
    assert versions[-1].valid_to == FAR
    assert all(a.valid_from < a.valid_to == b.valid_from for a, b in pairwise(versions))
    last = versions[-1]
    assert (last.category, last.due, last.kind) == (values.category, values.due, values.kind)
    assert (last.started_on, last.finished_on) == (values.history.started_on, values.history.finished_on)


def test_default_profile_survives_being_stored() -> None:
    profile = default_profile(References(statuses=[StatusRecord(external_id="1", name="Neu", category=Category.TODO)]))
    assert decode(encode(profile)) == profile
    assert encode(decode(encode(profile))) == encode(profile)


@pytest.mark.parametrize(
    ("given", "kind"),
    [
        ({"kind_name": "Bug"}, "bug"),
        ({"kind_name": "子任务"}, "subtask"),
        ({"kind_name": "Technical Debt"}, "task"),
        ({"kind_name": "technical-debt"}, "task"),
        ({"kind_name": "Tech Debt"}, "task"),
        ({"kind_name": "Kamień milowy"}, "milestone"),
        ({"kind_name": "Historyjka"}, "story"),
        ({"kind_name": "Épico"}, "epic"),
        ({"kind_name": "Tarea"}, "task"),
        ({"kind_name": "Sub-task", "subtask": False}, "subtask"),
        ({"kind_name": "Whatever", "subtask": True}, "subtask"),
        ({"kind_name": "Whatever", "level": 1}, "epic"),
        ({"kind_name": "Task", "labels": ("x", "PMO:Risk")}, "risk"),
        ({"kind_name": "Task", "milestone": True}, "milestone"),
        ({"kind_name": "Approval", "kind_id": "approval", "approval": "pending"}, "acceptance"),
        ({"kind_name": "Task", "fields": {"kind": "Bug "}}, "bug"),
        ({"kind_name": "Separator", "kind_id": "separator", "subtask": True}, "heading"),
        ({"kind_name": "Whatever"}, "other"),
    ],
)
def test_kinds(given: dict[str, Any], kind: str) -> None:
    options = (("1", "Bug"), ("2", "Task"))
    fields = [FieldRecord(external_id="kind", name="Type", type="enum", role=FieldRole.KIND, options=options)]
    rules = Rules(default_profile(References(fields=fields)))
    values = map_item(item("1", kind_id="77", **given) if "kind_id" not in given else item("1", **given), None, rules)
    assert values.kind == kind
    assert (("kind", "Whatever") in values.unmapped) == (kind == "other")


@pytest.mark.parametrize(
    ("given", "category", "flow"),
    [
        ({"status_id": "10"}, "done", "active"),
        ({"status_id": "99", "status_category": Category.IN_PROGRESS, "status_name": "Done"}, "in_progress", "active"),
        ({"status_id": "99", "status_name": " in  REVIEW "}, "in_progress", "wait"),
        ({"status_id": "99", "status_name": "待办"}, "todo", "active"),
        ({"status_id": "99", "status_name": "Blocked", "status_category": Category.TODO}, "todo", "blocked"),
        ({"status_id": "99", "status_name": "Rejected", "status_category": Category.DONE}, "cancelled", "active"),
        ({"status_id": "10", "resolution": "Duplicate "}, "cancelled", "active"),
        ({"status_id": "10", "resolution": "Fixed"}, "done", "active"),
        ({"status_id": "99", "status_name": "To Do", "resolution": "Duplicate"}, "todo", "active"),
        ({"status_name": "To Do", "status_id": None, "flagged": True}, "todo", "blocked"),
        ({"status_id": None, "status_name": None}, "todo", "active"),
    ],
)
def test_statuses(given: dict[str, Any], category: str, flow: str) -> None:
    known = [StatusRecord(external_id="10", name="已完成", category=Category.DONE)]
    values = map_item(item("1", **given), None, Rules(default_profile(References(statuses=known))))
    assert (values.category, values.flow) == (category, flow)
    assert values.unmapped == []


@pytest.mark.parametrize(
    ("names", "category", "flow"),
    [
        (
            "Ready for Dev, Ready for Development, A fazer, Nicht begonnen, Sin empezar, Da fare, Te doen",
            "todo",
            "active",
        ),
        ("Do zrobienia, В очереди, 待处理, 未対応, Reaberto", "todo", "active"),
        ("Fazendo, Em andamento, In Arbeit, En proceso, En cours, In lavorazione, Bezig", "in_progress", "active"),
        ("W toku, В разработке, 处理中, 作業中", "in_progress", "active"),
        ("Em revisão, In Prüfung, Por revisar, À valider, In attesa, In afwachting", "in_progress", "wait"),
        ("Do sprawdzenia, На ревью, 待测试, レビュー待ち", "in_progress", "wait"),
        ("Bloqueado, Blockiert, En pausa, Bloqué, Bloccato, Geblokkeerd", "in_progress", "blocked"),
        ("Zablokowane, На паузе, 已阻塞, 保留中", "in_progress", "blocked"),
        (
            "Concluído, Erledigt, Terminado, Terminé, Fatto, Afgerond, Gotowe, Сделано, 已上线, 対応済み",
            "done",
            "active",
        ),
        ("Rejeitado, Abgelehnt, Anulado, Annulé, Respinto, Geannuleerd", "cancelled", "active"),
        ("Anulowane, Отменён, 已作废, 却下", "cancelled", "active"),
    ],
)
def test_everyday_words_of_many_languages(names: str, category: str, flow: str) -> None:
    for name in names.split(", "):
        values = map_item(item("1", status_id=None, status_name=name), None, RULES)
        assert (name, values.category, values.flow, values.unmapped) == (name, category, flow, [])


def test_words_of_two_meanings_are_left_to_people() -> None:
    for name in ("Pronto", "Design"):
        assert map_item(item("1", status_id=None, status_name=name), None, RULES).unmapped == [("status", name)]
    with pytest.raises(ValueError, match="pronto"):
        table([("todo", "Aperto, Pronto"), ("done", "Feito,  PRONTO ")])


def test_a_category_that_contradicts_the_name_wins() -> None:
    rule = default_profile(References(statuses=[StatusRecord(external_id="1", name="Done", category=Category.TODO)]))
    assert rule.statuses_by_id["1"] == StatusRule("todo")


def test_an_unmapped_status_is_todo_and_reported() -> None:
    values = map_item(item("1", status_id=None, status_name="Pre-event (1 month to go)"), None, RULES)
    assert (values.category, values.status) == ("todo", "Pre-event (1 month to go)")
    assert values.unmapped == [("status", "Pre-event (1 month to go)")]


def test_the_section_is_the_status_where_nothing_else_is() -> None:
    shown = (Membership("P1", "s1", "Doing"),)
    values = map_item(item("1", status_id=None, status_name=None, memberships=shown), None, RULES)
    assert (values.status, values.category) == ("Doing", "in_progress")


def test_points_come_from_the_boards_field_first() -> None:
    fields = [
        FieldRecord(external_id="f1", name="Story Points", type="number", role=FieldRole.POINTS),
        FieldRecord(external_id="f2", name="Grösse", type="number"),
    ]
    boards = [BoardRecord(external_id="b", name="B", type="scrum", project_id="P1", points_field_id="f2")]
    profile = default_profile(References(fields=fields, boards=boards))
    assert set(profile.bindings.wanted()) == {"f1", "f2"}
    rules = Rules(profile)
    both = {"f1": 1, "f2": "8"}
    assert map_item(item("1", fields=both), None, rules).points == 8.0
    assert map_item(item("1", fields=both, memberships=(Membership("P2"),)), None, rules).points == 1.0
    assert map_item(item("1", fields={"f1": True, "f2": None}), None, rules).points is None


@pytest.mark.parametrize("name", ["End date", "target end", "Planned end", "Due date"])
def test_an_end_date_stands_in_where_the_item_has_no_due_date(name: str) -> None:
    fields = [
        FieldRecord(external_id="due", name="Due date", type="date", custom=False),
        FieldRecord(external_id="f7", name=name, type="date"),
        FieldRecord(external_id="f8", name="Contract end date", type="date"),
        FieldRecord(external_id="f9", name="Target end", type="date", role=FieldRole.END),
    ]
    profile = default_profile(References(fields=fields))
    assert profile.bindings.due == ("f9", "f7")
    rules = Rules(profile)
    told = {"f7": "2026-03-09", "f8": "2026-03-01"}
    assert map_item(item("1", fields=told), None, rules).due == date(2026, 3, 9)
    assert map_item(item("1", fields=told | {"f9": "2026-03-10"}), None, rules).due == date(2026, 3, 10)
    own = map_item(item("1", fields=told, due=date(2026, 3, 2)), None, rules)
    assert own.due == own.history.versions[-1].due == date(2026, 3, 2)
    unsaid = map_item(item("1", fields=told | {"f7": "as soon as we can"}), None, rules)
    assert unsaid.due is None


def test_remaining_is_what_the_tracker_says_and_nothing_that_is_reckoned_of_the_present() -> None:
    silent = map_item(item("1", estimate_s=3600, spent_s=600), None, RULES)
    assert silent.remaining_s is None
    assert silent.history.versions[-1].remaining_s is None
    assert map_item(item("1", estimate_s=3600, spent_s=600, remaining_s=3600), None, RULES).remaining_s == 3600


def test_an_effort_beyond_what_can_be_added_up_is_refused() -> None:
    assert map_item(item("1", estimate_s=2**40, remaining_s=2**40), None, RULES).estimate_s == 2**40
    for name in ("estimate_s", "remaining_s", "spent_s"):
        with pytest.raises(UnmappableError, match="beyond reason"):
            map_item(item("1", **{name: 2**40 + 1}), None, RULES)


@pytest.mark.parametrize("points", [MOST_POINTS + 1.0, -1e300])
def test_points_beyond_what_can_be_added_up_are_refused(points: float) -> None:
    field = FieldRecord(external_id="f1", name="Story Points", type="number", role=FieldRole.POINTS)
    pointed = Rules(default_profile(References(fields=[field])))
    with pytest.raises(UnmappableError, match="points are beyond reason"):
        map_item(item("1", fields={"f1": points}), None, pointed)
    assert map_item(item("1", fields={"f1": MOST_POINTS}), None, pointed).points == MOST_POINTS


@pytest.mark.parametrize(
    ("name", "outward", "inward", "rule"),
    [
        ("Blocks", "blocks", "is blocked by", LinkRule("FS")),
        ("Depends", "depends on", "is dependent of", LinkRule("FS", reverse=True)),
        ("Gantt End to Start", "has to be done before", "has to be done after", LinkRule("FS")),
        ("Gantt End to End", "has to be finished together with", "has to be finished together with", LinkRule("FF")),
        ("Gantt: start-finish", "is triggering", "is triggered by", LinkRule("SF")),
        ("Gantt: start-start", "x", "y", LinkRule("SS")),
        ("Dependent", "Dependent", "Dependent", LinkRule("relates")),
        ("Relates", "relates to", "relates to", LinkRule("relates")),
        ("Cloners", "clones", "is cloned by", LinkRule("relates")),
    ],
)
def test_link_types(name: str, outward: str, inward: str, rule: LinkRule) -> None:
    assert link_rule(LinkTypeRecord(external_id="1", name=name, outward=outward, inward=inward)) == rule


def test_both_ends_tell_the_same_link() -> None:
    kinds = [LinkTypeRecord(external_id="1", name="Blocks", outward="blocks", inward="is blocked by")]
    rules = Rules(default_profile(References(link_types=kinds)))
    out = LinkRecord(external_id="5", type_name="Blocks", phrase="blocks", outward=True, other_id="2")
    back = LinkRecord(external_id="5", type_name="Blocks", phrase="is blocked by", outward=False, other_id="1")
    [one] = map_item(item("1", links=(out,)), None, rules).links
    [two] = map_item(item("2", links=(back,)), None, rules).links
    assert one == two
    assert (one.type, one.from_external_id, one.to_external_id) == ("FS", "1", "2")


def test_a_dependency_without_a_known_type_goes_by_its_phrase() -> None:
    link = LinkRecord(external_id="5", type_name="dependency", phrase="is blocked by", outward=False, other_id="2")
    [found] = map_item(item("1", links=(link,)), None, RULES).links
    assert (found.type, found.from_external_id, found.to_external_id) == ("FS", "2", "1")


@pytest.mark.parametrize(
    ("name", "phrase", "outward", "kind", "ends"),
    [
        ("Gantt: start-finish", "is triggering", True, "SF", ("1", "2")),
        ("Gantt: finish-start", "has to be done after", False, "FS", ("2", "1")),
        ("Relates", "relates to", False, "relates", ("2", "1")),
    ],
)
def test_links_whose_type_the_site_does_not_list(
    name: str, phrase: str, outward: bool, kind: str, ends: tuple[str, str]
) -> None:
    link = LinkRecord(external_id="5", type_name=name, phrase=phrase, outward=outward, other_id="2")
    [found] = map_item(item("1", links=(link,)), None, RULES).links
    assert (found.type, found.from_external_id, found.to_external_id) == (kind, *ends)


def test_an_added_status_leaves_what_was_mapped_alone() -> None:
    one = default_profile(References(kinds=[KindRecord(external_id="1", name="Bug")]))
    two = default_profile(
        References(kinds=[KindRecord(external_id="1", name="Bug"), KindRecord(external_id="2", name="Epic")])
    )
    three = default_profile(References(kinds=[KindRecord(external_id="1", name="Risk")]))
    assert two.only_adds_to(one)
    assert not three.only_adds_to(one)
    assert not one.only_adds_to(two)
    assert not msgspec.structs.replace(one, grouping_separator=">").only_adds_to(one)


@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("Growth / Shops", Place("Growth", "Shops")),
        ("Shops", Place(None, "Shops")),
        ("Growth /", Place(None, "Growth")),
        ("A / B / C", Place("A", "B / C")),
        ("  ", None),
        (None, None),
    ],
)
def test_grouping_names(name: str | None, place: Place | None) -> None:
    assert place_of(name, "/") == place
    assert named_places([project(grouping=name)], "/") == ({"P1": place} if place else {})


def test_nested_groupings_even_when_they_hold_each_other() -> None:
    records = [
        PortfolioRecord(external_id="g", name="Growth", portfolio_ids=("s",), project_ids=("P1", "P2")),
        PortfolioRecord(external_id="s", name="Shops ", portfolio_ids=("d", "g"), project_ids=("P2",)),
        PortfolioRecord(external_id="d", name="Deep", project_ids=("P3",)),
        PortfolioRecord(external_id="o", name="Own", portfolio_ids=("o",), project_ids=("P4",)),
    ]
    found = places([msgspec.structs.replace(records[1], portfolio_ids=("d",)), *records[::2], records[3]])
    assert found == {
        "P1": Place("Growth", None),
        "P2": Place("Growth", "Shops"),
        "P3": Place("Growth", "Shops"),
        "P4": Place("Own", None),
    }
    places(records)  # a ring has no outermost, and must not be walked for ever


@pytest.mark.parametrize(
    ("reported", "flags", "status", "rag"),
    [
        ("on_track", {}, "active", "green"),
        ("at_risk", {}, "active", "amber"),
        ("off_track", {}, "active", "red"),
        ("on_hold", {}, "on_hold", None),
        ("complete", {}, "closed", None),
        ("dropped", {"completed": True}, "cancelled", None),
        (None, {"archived": True}, "closed", None),
        ("On Track", {}, "active", "green"),
        ("marvellous", {}, "active", None),
    ],
)
def test_what_projects_report(reported: str | None, flags: dict[str, Any], status: str, rag: str | None) -> None:
    values = map_project(project(reported=reported, reported_at=at("2026-01-01"), **flags), RULES)
    assert (values.status, values.reported_rag, values.reported) == (status, rag, reported)
    assert values.unmapped == (("reported", "marvellous") if reported == "marvellous" else None)


def test_a_project_ends_on_the_day_it_is_where_the_portfolio_stands() -> None:
    ended = project(completed=True, completed_at=at("2026-03-01T23:30"))
    assert map_project(ended, RULES).actual_finish == date(2026, 3, 1)
    assert map_project(ended, Rules(RULES.profile, "Europe/Oslo")).actual_finish == date(2026, 3, 2)


def test_codes_are_short_plain_and_unlike() -> None:
    assert code_for("ONE", set()) == "ONE"
    assert code_for("ONE", {"ONE", "ONE-2"}) == "ONE-3"
    assert code_for("Café & Läden: Eröffnungen im ganzen Land", set()) == "CAFE-LADEN-EROFFNUNGEN-I"
    assert code_for("已完成", {"X"}) == "X-2"


def test_dates_beyond_any_plan_are_refused() -> None:
    with pytest.raises(UnmappableError, match="due date 9999-12-31"):
        map_item(item("1", due=date(9999, 12, 31)), None, RULES)


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        (" Rollout\u00a0", "Rollout"),
        ("\u200b\u2060", ""),
        ("\x01\u202e", ""),
        ("\u3000\ufffe", ""),
        ("\u2600", "\u2600"),
        ("\U0001f3f4\U000e0067\U000e007f", "\U0001f3f4\U000e0067\U000e007f"),
        ("\u202eabc", "\u202eabc"),
        ("x" * LONGEST_NAME, "x" * LONGEST_NAME),
        ("x" * 1_000_000, "x" * LONGEST_NAME + "\u2026"),
    ],
)
def test_a_name_is_kept_where_there_is_something_to_see_and_no_longer_than_anybody_reads(name: str, kept: str) -> None:
    assert clean(name) == kept


def test_a_project_whose_name_shows_nothing_goes_by_its_key() -> None:
    assert map_project(project(name="\u200b\u2060"), RULES).name == project().key
