"""Histories rebuilt by walking back from the present: each case is a life that trackers really tell."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from connector.records import Category, Change, ChangedField, ChangesRecord, ItemRecord, StatusRecord
from portfolio.model.base import FAR
from sync.mapping.defaults import References, default_profile
from sync.mapping.items import map_item
from sync.mapping.past import History
from sync.mapping.rules import Rules
from tests.sync.builders import at, item

RULES = Rules(default_profile(References()))


def day(text: str) -> date:
    return date.fromisoformat(text)


def change(when: str, field: ChangedField, old: str | None, new: str | None, **more: Any) -> Change:
    return Change(at=at(when), field=field, old=old, new=new, **more)


def status(when: str, old: str, new: str) -> Change:
    return change(when, ChangedField.STATUS, None, None, old_text=old, new_text=new, by_id="u1")


def told(record: ItemRecord, *changes: Change, complete: bool = True, rules: Rules = RULES) -> History:
    return map_item(record, ChangesRecord(item_id="1", changes=changes, complete=complete), rules).history


def spans(history: History, *names: str) -> list[tuple[Any, ...]]:
    return [
        tuple(getattr(version, name) for name in ("valid_from", "valid_to", *names)) for version in history.versions
    ]


def test_a_reopened_item_is_finished_when_it_was_last_done() -> None:
    record = item("1", status_id=None, status_name="Done")
    history = told(
        record,
        status("2026-01-07", "To Do", "In Progress"),
        status("2026-01-09", "In Progress", "Done"),
        status("2026-01-12", "Done", "In Progress"),
        status("2026-01-20", "In Progress", "Closed"),
        status("2026-01-21", "Closed", "Done"),
    )
    assert (history.started_on, history.finished_on) == (day("2026-01-07"), day("2026-01-20"))
    assert spans(history, "category", "finished_on") == [
        (day("2026-01-05"), day("2026-01-07"), "todo", None),
        (day("2026-01-07"), day("2026-01-09"), "in_progress", None),
        (day("2026-01-09"), day("2026-01-12"), "done", day("2026-01-09")),
        (day("2026-01-12"), day("2026-01-20"), "in_progress", None),
        (day("2026-01-20"), FAR, "done", day("2026-01-20")),
    ]
    assert [(t.from_category, t.to_category, t.by) for t in history.transitions][2] == ("done", "in_progress", "u1")
    assert not history.synthetic


def test_a_reopened_item_that_is_open_has_no_finish() -> None:
    record = item("1", status_id=None, status_name="In Progress")
    history = told(record, status("2026-01-09", "To Do", "Done"), status("2026-01-12", "Done", "In Progress"))
    assert (history.started_on, history.finished_on) == (day("2026-01-12"), None)


def test_a_due_date_moved_twice_is_known_at_every_day() -> None:
    record = item("1", due=day("2026-03-31"))
    history = told(
        record,
        change("2026-01-06", ChangedField.DUE, None, "2026-02-15"),
        change("2026-01-20", ChangedField.DUE, "2026-02-15", "2026-02-28"),
        change("2026-02-10", ChangedField.DUE, "2026-02-28", "2026-03-31"),
    )
    assert spans(history, "due") == [
        (day("2026-01-05"), day("2026-01-06"), None),
        (day("2026-01-06"), day("2026-01-20"), day("2026-02-15")),
        (day("2026-01-20"), day("2026-02-10"), day("2026-02-28")),
        (day("2026-02-10"), FAR, day("2026-03-31")),
    ]
    assert history.first_due == day("2026-02-15")
    assert [(c.field, c.old, c.new) for c in history.field_changes] == [
        ("due", None, "2026-02-15"),
        ("due", "2026-02-15", "2026-02-28"),
        ("due", "2026-02-28", "2026-03-31"),
    ]


def test_first_due_is_the_one_set_at_creation() -> None:
    history = told(item("1", due=None), change("2026-01-20", ChangedField.DUE, "2026-02-15", None))
    assert history.first_due == day("2026-02-15")


def test_only_the_last_state_of_a_day_is_a_version() -> None:
    record = item("1", status_id=None, status_name="In Progress")
    history = told(
        record,
        status("2026-01-07T08:00", "To Do", "In Progress"),
        status("2026-01-07T09:00", "In Progress", "Done"),
        status("2026-01-07T18:00", "Done", "In Progress"),
    )
    assert spans(history, "category") == [
        (day("2026-01-05"), day("2026-01-07"), "todo"),
        (day("2026-01-07"), FAR, "in_progress"),
    ]
    assert len(history.transitions) == 3


def test_an_item_created_done() -> None:
    history = told(item("1", status_id=None, status_name="Done"))
    assert (history.started_on, history.finished_on, history.synthetic) == (None, day("2026-01-05"), False)


def test_an_item_created_in_progress_starts_at_creation() -> None:
    assert told(item("1", status_id=None, status_name="In Progress")).started_on == day("2026-01-05")


def test_an_old_status_nobody_knows_is_todo_and_reported() -> None:
    record = item("1", status_id=None, status_name="Done")
    history = told(record, status("2026-01-07", "Gärung", "Done"))
    assert history.transitions[0].from_category == "todo"
    assert history.transitions[0].from_status == "Gärung"
    assert history.unmapped == [("status", "Gärung")]


def test_done_without_history_is_told_by_its_dates_and_marked() -> None:
    record = item("1", status_id=None, status_name="Done", resolved_at=at("2026-01-30"))
    history = map_item(record, None, RULES).history
    assert spans(history, "category") == [
        (day("2026-01-05"), day("2026-01-30"), "todo"),
        (day("2026-01-30"), FAR, "done"),
    ]
    assert (history.finished_on, history.synthetic) == (day("2026-01-30"), True)


def test_open_without_history_is_marked_too() -> None:
    history = map_item(item("1"), None, RULES).history
    assert (history.synthetic, spans(history, "category")) == (True, [(day("2026-01-05"), FAR, "todo")])


class TestCompletedFlag:
    def test_completion_decides_whatever_the_section_says(self) -> None:
        record = item("1", status_id="s2", status_name="Doing", status_category=Category.DONE, completed=True)
        history = told(
            record,
            status("2026-01-07", "To do", "Doing"),
            change("2026-01-09", ChangedField.COMPLETED, "false", "true"),
        )
        assert (history.started_on, history.finished_on) == (day("2026-01-07"), day("2026-01-09"))
        last = history.transitions[-1]
        assert (last.from_status, last.to_status, last.from_category, last.to_category) == (
            "Doing",
            "Doing",
            "in_progress",
            "done",
        )

    def test_a_completion_the_stories_do_not_tell_is_taken_from_its_date(self) -> None:
        record = item("1", status_name="To do", completed=True, completed_at=at("2026-01-15"))
        history = told(record)
        assert (history.finished_on, history.synthetic) == (day("2026-01-15"), False)
        assert [t.to_category for t in history.transitions] == ["done"]

    def test_a_done_section_without_completion_is_work_in_progress(self) -> None:
        assert (
            map_item(item("1", status_id=None, status_name="Done", completed=False), None, RULES).category
            == "in_progress"
        )


def test_resolution_set_in_the_same_moment_makes_it_cancelled() -> None:
    record = item("1", status_id=None, status_name="Closed", resolution="Won't Do")
    history = told(
        record,
        status("2026-01-09", "In Progress", "Closed"),
        change("2026-01-09", ChangedField.RESOLUTION, None, None, new_text="Won't Do"),
    )
    assert [(t.from_category, t.to_category) for t in history.transitions] == [("in_progress", "cancelled")]
    assert history.finished_on is None


def test_flag_estimate_remaining_points_assignee_and_project_are_walked_back() -> None:
    rules = Rules(default_profile(References()))
    record = item("1", flagged=True, estimate_s=7200, remaining_s=0, assignee_id="b")
    history = told(
        record,
        change("2026-01-10", ChangedField.ESTIMATE, None, "7200"),
        change("2026-01-11", ChangedField.REMAINING, "7200", "0"),
        change("2026-01-12", ChangedField.ASSIGNEE, "a", "b"),
        change("2026-01-13", ChangedField.FLAGGED, None, None, new_text="Impediment"),
        change("2026-01-14", ChangedField.PROJECT, "P0", "P1"),
        rules=rules,
    )
    first, last = history.versions[0], history.versions[-1]
    assert (first.flow, first.estimate_s, first.remaining_s, first.assignee, first.project) == (
        "active",
        None,
        7200,
        "a",
        "P0",
    )
    assert (last.flow, last.estimate_s, last.remaining_s, last.assignee, last.project) == (
        "blocked",
        7200,
        0,
        "b",
        "P1",
    )


def test_points_of_another_field_are_left_alone() -> None:
    from connector.records import FieldRecord, FieldRole

    fields = [FieldRecord(external_id="f1", name="Story Points", type="number", role=FieldRole.POINTS)]
    rules = Rules(default_profile(References(fields=fields)))
    record = item("1", fields={"f1": 5})
    history = told(
        record,
        change("2026-01-10", ChangedField.POINTS, "3", "5", field_id="f1"),
        change("2026-01-11", ChangedField.POINTS, "1", "2", field_id="f9"),
        rules=rules,
    )
    assert [v.points for v in history.versions] == [3.0, 5.0]


def test_changes_before_creation_count_to_the_day_of_creation() -> None:
    record = item("1", status_id=None, status_name="In Progress")
    history = told(record, status("2025-12-01", "To Do", "In Progress"))
    assert (history.started_on, spans(history, "category")) == (
        day("2026-01-05"),
        [(day("2026-01-05"), FAR, "in_progress")],
    )


def test_days_are_those_of_the_time_zone() -> None:
    rules = Rules(default_profile(References()), "Pacific/Auckland")
    record = item("1", status_id=None, status_name="Done", created=at("2026-01-05T13:00"))
    history = told(record, status("2026-01-09T12:30", "To Do", "Done"), rules=rules)
    assert (history.versions[0].valid_from, history.finished_on) == (day("2026-01-06"), day("2026-01-10"))


@pytest.mark.parametrize(
    ("zone", "before", "after"),
    [
        ("Pacific/Auckland", "2026-01-09T10:59:59", "2026-01-09T11:00"),
        ("Pacific/Honolulu", "2026-01-10T09:59:59", "2026-01-10T10:00"),
        ("Pacific/Kiritimati", "2026-01-09T09:59:59", "2026-01-09T10:00"),
    ],
)
def test_a_day_ends_at_midnight_on_either_side_of_the_date_line(zone: str, before: str, after: str) -> None:
    rules = Rules(default_profile(References()), zone)
    record = item("1", status_id=None, status_name="Done", created=at("2026-01-05T10:00"))
    for instant, on in ((before, day("2026-01-09")), (after, day("2026-01-10"))):
        history = told(record, status(instant, "In Progress", "Done"), rules=rules)
        assert history.finished_on == on
        assert [version.valid_from for version in history.versions] == [rules.day(record.created), on]
    both = told(record, status(before, "To Do", "In Progress"), status(after, "In Progress", "Done"), rules=rules)
    assert (both.started_on, both.finished_on) == (day("2026-01-09"), day("2026-01-10"))
    assert both.versions[-1].active_s in (1, 2)


def test_a_resolution_date_belongs_to_the_day_of_the_portfolio_too() -> None:
    record = item("1", status_id=None, status_name="Done", resolved_at=at("2026-01-09T11:00"))
    for zone, on in (("Pacific/Auckland", "2026-01-10"), ("Pacific/Honolulu", "2026-01-09")):
        history = map_item(record, None, Rules(default_profile(References()), zone)).history
        assert history.finished_on == day(on)


def test_a_history_that_was_cut_off_is_marked_and_still_reaches_back_to_the_creation() -> None:
    record = item("1", status_id=None, status_name="Done", due=day("2026-02-01"))
    changes = status("2026-01-20", "In Progress", "Done"), change("2026-01-21", ChangedField.DUE, None, "2026-02-01")
    cut, whole = told(record, *changes, complete=False), told(record, *changes)
    assert (cut.synthetic, whole.synthetic) == (True, False)
    # What the tracker did tell is believed; the oldest of it holds since the creation.
    assert cut.versions == whole.versions
    assert spans(cut, "category")[0] == (day("2026-01-05"), day("2026-01-20"), "in_progress")
    assert cut.started_on == day("2026-01-05")


def test_a_status_that_took_over_the_name_of_another_is_told_apart_by_its_id() -> None:
    # The status 5 was "Done" and is "Delivered"; then 3, which was "Review", was given the name that had become free.
    statuses = [
        StatusRecord(external_id="1", name="To Do", category=Category.TODO),
        StatusRecord(external_id="3", name="Done", category=Category.IN_PROGRESS),
        StatusRecord(external_id="5", name="Delivered", category=Category.DONE),
    ]
    moved = (
        change("2026-01-07", ChangedField.STATUS, "1", "5", old_text="To Do", new_text="Done"),
        change("2026-01-09", ChangedField.STATUS, "5", "3", old_text="Done", new_text="Review"),
        change("2026-01-12", ChangedField.STATUS, "3", "5", old_text="Done", new_text="Delivered"),
    )
    record = item("1", status_id="5", status_name="Delivered", status_category=Category.DONE)
    history = told(record, *moved, rules=Rules(default_profile(References(statuses=statuses))))
    assert spans(history, "category", "finished_on") == [
        (day("2026-01-05"), day("2026-01-07"), "todo", None),
        (day("2026-01-07"), day("2026-01-09"), "done", day("2026-01-07")),
        (day("2026-01-09"), day("2026-01-12"), "in_progress", None),
        (day("2026-01-12"), FAR, "done", day("2026-01-12")),
    ]
    assert history.unmapped == []


def test_ten_million_hours_are_an_effort_and_what_is_beyond_reason_is_reported() -> None:
    most = 10_000_000 * 3600
    record = item("1", estimate_s=3600, remaining_s=most)
    history = told(
        record,
        change("2026-01-09", ChangedField.ESTIMATE, str(most), "0"),
        change("2026-01-10", ChangedField.REMAINING, str(2**53), "3600"),
        change("2026-01-11", ChangedField.REMAINING, str(2**40), str(most)),
        change("2026-01-12", ChangedField.ESTIMATE, "-1e300", "3600"),
    )
    assert [(version.estimate_s, version.remaining_s) for version in history.versions] == [
        (most, None),
        (None, None),
        (None, 2**40),
        (None, most),
        (3600, most),
    ]
    assert history.unmapped == [("history of estimate", "-1e300"), ("history of remaining", str(2**53))]


def test_points_beyond_reason_are_reported_and_none() -> None:
    from connector.records import FieldRecord, FieldRole

    field = FieldRecord(external_id="f1", name="Story Points", type="number", role=FieldRole.POINTS)
    history = told(
        item("1", fields={"f1": 5}),
        change("2026-01-09", ChangedField.POINTS, "1e300", "3", field_id="f1"),
        change("2026-01-10", ChangedField.POINTS, "3", "5", field_id="f1"),
        rules=Rules(default_profile(References(fields=[field]))),
    )
    assert [version.points for version in history.versions] == [None, 3, 5]
    assert history.unmapped == [("history of points", "1e300")]


def test_an_unreadable_old_date_is_reported_and_nothing_is_lost() -> None:
    history = told(item("1", due=day("2026-02-01")), change("2026-01-09", ChangedField.DUE, "someday", "2026-02-01"))
    assert history.unmapped == [("history of due", "someday")]
    assert spans(history, "due")[-1][-1] == day("2026-02-01")


def test_what_is_done_tells_how_long_it_took_and_was_worked_on() -> None:
    record = item("1", status_id=None, status_name="Done")
    history = told(
        record,
        status("2026-01-09T09:00", "To Do", "In Progress"),
        change("2026-01-10T09:00", ChangedField.FLAGGED, "", "Impediment"),
        change("2026-01-11T21:00", ChangedField.FLAGGED, "Impediment", ""),
        status("2026-01-12T09:00", "In Progress", "Done"),
        status("2026-01-13T09:00", "Done", "To Do"),
        status("2026-01-13T19:00", "To Do", "In Progress"),
        status("2026-01-13T20:00", "In Progress", "Done"),
    )
    hours = [None if v.flow_s is None else (v.active_s // 3600, v.flow_s // 3600) for v in history.versions]
    assert hours == [None, None, None, None, (36, 72), (37, 83)]
    assert spans(history, "reopened_on")[-2:] == [
        (day("2026-01-12"), day("2026-01-13"), None),
        (day("2026-01-13"), FAR, day("2026-01-13")),
    ]
    assert history.versions[-1].lead_s == (at("2026-01-13T20:00") - record.created).total_seconds()


def test_a_finish_before_the_creation_takes_no_time() -> None:
    record = item("1", status_id=None, status_name="Done")
    last = told(record, status("2025-12-01", "To Do", "In Progress"), status("2025-12-20", "In Progress", "Done"))
    assert (last.versions[-1].lead_s, last.versions[-1].started_on) == (0, day("2026-01-05"))


def test_the_sprint_of_a_day_is_the_one_it_was_in_then_and_the_first_due_date_stays() -> None:
    record = item("1", sprint_ids=("7", "8"), due=day("2026-02-02"))
    history = told(
        record,
        change("2026-01-07", ChangedField.SPRINT, None, "7"),
        change("2026-01-08", ChangedField.DUE, "2026-02-01", "2026-02-02"),
        change("2026-01-21", ChangedField.SPRINT, "7", "7,8"),
    )
    assert spans(history, "sprint", "first_due") == [
        (day("2026-01-05"), day("2026-01-07"), None, day("2026-02-01")),
        (day("2026-01-07"), day("2026-01-08"), "7", day("2026-02-01")),
        (day("2026-01-08"), day("2026-01-21"), "7", day("2026-02-01")),
        (day("2026-01-21"), FAR, "8", day("2026-02-01")),
    ]
