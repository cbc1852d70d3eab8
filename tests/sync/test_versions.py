"""Versions of the mapping: drafts, two people at one, approving, taking back, and what the audit log says."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import TypeVar

import pytest
from sqlalchemy import Connection, Engine

from portfolio.audit.entry import COMMAND
from portfolio.audit.read import Wish, list_entries
from portfolio.organisation import Separation, change_settings
from portfolio.store.engine import reading, writing
from sync import versions
from sync.errors import FaultyMappingError, SecondPersonError, StaleDraftError, UnknownVersionError
from sync.mapping.document import ConnectionRules, Mapping, ProfileRules, Rules
from sync.mapping.profile import StatusRule
from sync.versions import Version
from tests.sync.builders import NOW

T = TypeVar("T")
LATER = NOW + timedelta(hours=1)


def status(category: str) -> Mapping:
    """A mapping that says one thing."""
    return Mapping(profiles={"standard": ProfileRules(rules=Rules(statuses={"In Review": StatusRule(category)}))})


def do(engine: Engine, act: Callable[[Connection], T]) -> T:
    with writing(engine) as store:
        return act(store)


def drafted(engine: Engine, mapping: Mapping, name: str = "ada") -> Version:
    def act(store: Connection) -> Version:
        draft = versions.begin(store, NOW, name, COMMAND)
        return versions.change(store, draft.id, draft.revision, mapping, NOW, name, COMMAND)

    return do(engine, act)


def approved(engine: Engine, mapping: Mapping, name: str = "ada") -> Version:
    draft = drafted(engine, mapping, name)
    return do(engine, lambda store: versions.approve(store, draft.id, draft.revision, NOW, name, COMMAND))


def large(engine: Engine) -> None:
    do(engine, lambda store: change_settings(store, Separation(small=False), NOW, COMMAND))


def told(engine: Engine) -> list[str]:
    with reading(engine) as store:
        entries = list_entries(store, Wish(action="mapping"), limit=50)
    return [f"{each.action} {each.new}" for each in reversed(entries)]


def test_a_draft_is_one_and_counts_for_nothing_until_it_is_approved(engine: Engine) -> None:
    first = do(engine, lambda store: versions.begin(store, NOW, "ada", COMMAND))
    assert (first.state, first.number, first.mapping, first.based_on) == ("draft", None, Mapping(), None)
    assert do(engine, lambda store: versions.begin(store, LATER, "bea", COMMAND)) == first
    changed = do(engine, lambda s: versions.change(s, first.id, 1, status("done"), LATER, "bea", COMMAND))
    assert (changed.revision, changed.edited_by, changed.edited_at) == (2, "bea", LATER)
    with reading(engine) as store:
        assert versions.in_force(store) is None
        assert versions.draft(store) == changed
    done = do(engine, lambda store: versions.approve(store, first.id, 2, LATER, "ada", COMMAND, note="first rules"))
    assert (done.number, done.approved_by, done.note, done.self_approved) == (1, "ada", "first rules", False)
    with reading(engine) as store:
        assert versions.in_force(store) == done == versions.numbered(store, 1)
        assert versions.draft(store) is None
        assert versions.number_in_force(store) == 1
    second = do(engine, lambda store: versions.begin(store, LATER, "ada", COMMAND))
    assert (second.mapping, second.based_on) == (status("done"), 1)


def test_of_two_people_at_one_draft_the_second_learns_who_was_first_and_loses_nothing(engine: Engine) -> None:
    draft = drafted(engine, status("done"))
    do(engine, lambda store: versions.change(store, draft.id, 2, status("todo"), LATER, "bea", COMMAND))
    with pytest.raises(StaleDraftError, match="changed by bea on 2026-03-02 10:00") as stale:
        do(engine, lambda store: versions.change(store, draft.id, 2, status("cancelled"), LATER, "ada", COMMAND))
    assert (stale.value.who, stale.value.when) == ("bea", LATER)
    for act in (versions.approve, versions.discard):
        with pytest.raises(StaleDraftError):
            do(engine, lambda store, act=act: act(store, draft.id, 2, LATER, "ada", COMMAND))
    with reading(engine) as store:
        left = versions.draft(store)
    assert left is not None
    assert left.mapping == status("todo")


@pytest.mark.parametrize(("act", "what"), [(versions.approve, "approved"), (versions.discard, "discarded")])
def test_a_draft_that_is_over_is_changed_no_more(engine: Engine, act: Callable[..., Version], what: str) -> None:
    draft = drafted(engine, status("done"))
    do(engine, lambda store: act(store, draft.id, 2, LATER, "bea", COMMAND))
    with pytest.raises(StaleDraftError, match=f"{what} by bea"):
        do(engine, lambda store: versions.change(store, draft.id, 2, status("todo"), LATER, "ada", COMMAND))
    with reading(engine) as store:
        assert versions.draft(store) is None
        assert len(versions.history(store)) == (what == "approved")


def test_a_mapping_with_faults_may_be_a_draft_but_comes_not_in_force(engine: Engine) -> None:
    draft = drafted(engine, Mapping(connections={"Jira": ConnectionRules(profile="nobody's")}))
    with pytest.raises(FaultyMappingError, match=r"connections\.Jira\.profile") as faulty:
        do(engine, lambda store: versions.approve(store, draft.id, 2, NOW, "ada", COMMAND))
    assert len(faulty.value.faults) == 1
    with reading(engine) as store:
        assert versions.draft(store) == draft


def test_where_the_organisation_is_not_small_a_second_person_approves(engine: Engine) -> None:
    assert approved(engine, status("done")).self_approved
    large(engine)
    draft = drafted(engine, status("todo"))
    with pytest.raises(SecondPersonError, match="ada had a hand in this mapping"):
        do(engine, lambda store: versions.approve(store, draft.id, draft.revision, NOW, "ada", COMMAND))
    done = do(engine, lambda store: versions.approve(store, draft.id, draft.revision, NOW, "bea", COMMAND))
    assert (done.number, done.self_approved) == (2, False)
    # What nobody but ada ever saw is not brought back by her; what a second person approved is, at once.
    with pytest.raises(SecondPersonError):
        do(engine, lambda store: versions.rollback(store, 1, NOW, "ada", COMMAND))
    assert do(engine, lambda store: versions.rollback(store, 2, NOW, "ada", COMMAND)).number == 3
    assert do(engine, lambda store: versions.rollback(store, 1, NOW, "bea", COMMAND)).number == 4


def test_who_edited_before_the_last_editor_does_not_approve_either(engine: Engine) -> None:
    large(engine)
    draft = drafted(engine, status("todo"))
    by_bea = do(
        engine,
        lambda store: versions.change(store, draft.id, draft.revision, status("done"), NOW, "bea", COMMAND),
    )
    for name in ("ada", "bea"):
        with pytest.raises(SecondPersonError):
            do(engine, lambda store, name=name: versions.approve(store, draft.id, by_bea.revision, NOW, name, COMMAND))
    assert (
        do(engine, lambda store: versions.approve(store, draft.id, by_bea.revision, NOW, "cleo", COMMAND)).number == 1
    )


def test_rolling_back_makes_a_new_version_of_the_old_and_leaves_an_open_draft(engine: Engine) -> None:
    approved(engine, status("done"))
    approved(engine, status("todo"))
    draft = drafted(engine, status("cancelled"))
    back = do(engine, lambda store: versions.rollback(store, 1, LATER, "bea", COMMAND))
    assert (back.number, back.restores, back.based_on, back.mapping) == (3, 1, 2, status("done"))
    with reading(engine) as store:
        assert versions.in_force(store) == back
        assert versions.draft(store) == draft
        assert [each.number for each in versions.history(store)] == [3, 2, 1]
    defaults = do(engine, lambda store: versions.rollback(store, versions.DEFAULTS, LATER, "bea", COMMAND))
    assert (defaults.number, defaults.restores, defaults.mapping) == (4, 0, Mapping())
    with pytest.raises(UnknownVersionError):
        do(engine, lambda store: versions.rollback(store, 9, LATER, "bea", COMMAND))


def test_the_audit_log_says_in_words_what_changed(engine: Engine) -> None:
    approved(engine, status("done"))
    approved(engine, status("in_progress"))
    do(engine, lambda store: versions.rollback(store, 1, LATER, "bea", COMMAND))
    lines = told(engine)
    assert [line.split()[0] for line in lines] == [
        *("mapping.begun", "mapping.changed", "mapping.approved") * 2,
        "mapping.rolled_back",
    ]
    assert "status In Review: was done, becomes in progress" in lines[5]
    assert "status In Review: was in progress, becomes done" in lines[6]
