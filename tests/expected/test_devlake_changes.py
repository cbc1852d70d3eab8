"""Changelogs as DevLake's tool and domain layers have them, against changes read and histories rebuilt here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

import pytest

from connector.records import Change, ChangedField, ChangesRecord
from sync.mapping.items import ItemValues
from tests.expected.comparison import ROW, Column, Comparison, Difference, Explanation, check
from tests.expected.devlake import FIELDS, DevLake, Row, last, moment, words

# Their name or id of a field, and the change it is here.
READ = {
    "assignee": ChangedField.ASSIGNEE,
    "customfield_10014": ChangedField.PARENT,
    "customfield_10015": ChangedField.START,
    "customfield_10020": ChangedField.SPRINT,
    "IssueParentAssociation": ChangedField.PARENT,
    "issuetype": ChangedField.KIND,
    "Parent": ChangedField.PARENT,
    "resolution": ChangedField.RESOLUTION,
    "status": ChangedField.STATUS,
    "timeestimate": ChangedField.REMAINING,
    "timeoriginalestimate": ChangedField.ESTIMATE,
}
UNREAD = {
    "description",
    "Fix Version",
    "Link",
    "priority",
    "Rank",
    "RemoteIssueLink",
    "timespent",
    "Workflow",
    "WorklogId",
}
KEPT = {ChangedField.ASSIGNEE, ChangedField.START, ChangedField.REMAINING, ChangedField.ESTIMATE}


class Told(NamedTuple):
    """One change as it is told here: by a change record, a transition or a change of a kept field."""

    by: str | None
    old: str | None
    new: str | None
    old_text: str | None = None
    new_text: str | None = None


Key = tuple[str, datetime, str]


def numbered(pairs: Iterable[tuple[Key, Any]]) -> dict[tuple[Any, ...], Any]:
    """By issue, instant and field; changes of one field at one instant are counted in their order."""
    seen: Counter[Key] = Counter()
    found = {}
    for key, value in pairs:
        found[(*key, seen[key])] = value
        seen[key] += 1
    return found


def field_of(row: Row, name: str) -> str:
    return READ.get(row["field_id"]) or READ.get(row[name]) or row[name]


def tool_rows(devlake: DevLake, items: str, logs: str) -> list[Row]:
    """Changelog items with what their changelogs say, in time."""
    heads = devlake.expected(logs, lambda row: row["changelog_id"])
    rows = devlake.expected(items, lambda row: (row["changelog_id"], row["field"])).values()
    return sorted(
        ({**heads[row["changelog_id"]], **row} for row in rows), key=lambda row: (row["created"], row["changelog_id"])
    )


def tool_key(row: Row) -> Key:
    return row["issue_id"], _at(row["created"]), field_of(row, "field")


def domain_key(row: Row) -> Key:
    return last(row["issue_id"]) or "", _at(row["created_date"]), field_of(row, "field_name")


def _at(text: str) -> datetime:
    found = moment(text)
    assert found is not None
    return found


def told(changes: Iterable[ChangesRecord]) -> dict[tuple[Any, ...], Told]:
    def one(change: Change) -> Told:
        return Told(change.by_id, change.old, change.new, change.old_text, change.new_text)

    return numbered(
        ((record.item_id, change.at, change.field), one(change)) for record in changes for change in record.changes
    )


TOOL = (
    Column("by", lambda row: words(row["author_account_id"]), lambda change: change.by),
    Column("old", lambda row: words(row["from_value"]), lambda change: change.old),
    Column("new", lambda row: words(row["to_value"]), lambda change: change.new),
    Column("old text", lambda row: words(row["from_string"]), lambda change: change.old_text),
    Column("new text", lambda row: words(row["to_string"]), lambda change: change.new_text),
)

UNREAD_FIELD = Explanation(
    "A field that no figure needs: it stays in the landed payload, and is not read as a change",
    lambda d: d.column == ROW and d.record is None and d.key[2] in UNREAD,
)
END_DATE = Explanation(
    "A field called End date: it stands in for a missing due date as it is now, but its changes are not read",
    lambda d: d.column == ROW and d.record is None and d.key[2] == "End date",
)
SPACED = Explanation(
    "They keep the blanks Jira writes between sprint ids; here there are none",
    lambda d: d.key[2] is ChangedField.SPRINT and d.theirs is not None and d.theirs.replace(", ", ",") == d.ours,
)


def test_the_fields_are_called_so_in_the_changelogs(devlake: DevLake) -> None:
    names = dict(ident_name[:2] for ident_name in FIELDS)
    seen = {
        (item["fieldId"], item["field"])
        for line in devlake.raw("api_issues", None)
        for history in line["data"]["changelog"]["histories"]
        for item in history["items"]
        if item.get("fieldId", "").startswith("customfield_")
    }
    assert seen == {(ident, names[ident]) for ident, _ in seen}
    # The points are named by DevLake's configuration alone: nobody changed them.
    assert set(names) - {ident for ident, _ in seen} == {"customfield_10024"}


def test_tool_changelogs(devlake: DevLake) -> None:
    rows = tool_rows(devlake, "_tool_jira_issue_changelog_items", "_tool_jira_issue_changelogs")
    embedded = [item.record.changes for item in devlake.items().values()]
    assert all(record is not None and record.complete for record in embedded)
    found = Comparison("DevLake tool changelogs", {"field not read": UNREAD_FIELD, "end date": END_DATE})
    found.add(numbered((tool_key(row), row) for row in rows), told(r for r in embedded if r), TOOL)
    check(found, 350, {"field not read": 317, "end date": 22})


def test_tool_changelogs_fetched_apart(devlake: DevLake) -> None:
    rows = tool_rows(devlake, "_tool_jira_issue_changelog_items_extractor", "_tool_jira_issue_changelogs_extractor")
    found = Comparison("DevLake tool changelogs, apart", {"field not read": UNREAD_FIELD, "blanks in a list": SPACED})
    found.add(numbered((tool_key(row), row) for row in rows), told(devlake.histories()), TOOL)
    check(found, 26, {"field not read": 255, "blanks in a list": 19})


def history(items: Mapping[str, ItemValues]) -> dict[tuple[Any, ...], Told]:
    """The history rebuilt here: status as transitions with categories, kept fields, and all others as read."""

    def pairs() -> Iterable[tuple[Key, Told]]:
        for ident, item in items.items():
            for turn in item.history.transitions:
                yield (
                    (ident, turn.at, ChangedField.STATUS),
                    Told(turn.by, turn.from_status, turn.to_status, turn.from_category, turn.to_category),
                )
            for kept in item.history.field_changes:
                yield (ident, kept.at, kept.field), Told(kept.by, kept.old, kept.new)
            assert item.record.changes is not None
            for change in item.record.changes.changes:
                if change.field is ChangedField.SPRINT:
                    yield (ident, change.at, change.field), Told(change.by_id, change.old, change.new)
                elif change.field not in KEPT | {ChangedField.STATUS}:
                    yield (ident, change.at, change.field), Told(change.by_id, change.old_text, change.new_text)

    return numbered(pairs())


DOMAIN = (
    Column("by", lambda row: last(row["author_id"]), lambda change: change.by),
    Column("old", lambda row: last(row["original_from_value"]), lambda change: change.old),
    Column("new", lambda row: last(row["original_to_value"]), lambda change: change.new),
    Column("old category", lambda row: words(row["from_value"].lower()), lambda change: change.old_text),
    Column("new category", lambda row: words(row["to_value"].lower()), lambda change: change.new_text),
)


@pytest.fixture
def side(devlake: DevLake) -> Callable[[Difference], tuple[str, str]]:
    """The status id and text that Jira recorded on the side of a change a difference is about."""
    rows = devlake.expected("_tool_jira_issue_changelog_items", lambda row: (row["changelog_id"], row["field"]))

    def recorded(difference: Difference) -> tuple[str, str]:
        _, _, _, changelog, field = difference.row["id"].split(":", 4)
        row, end = rows[changelog, field], "from" if difference.column.startswith("old") else "to"
        return row[f"{end}_value"], row[f"{end}_string"]

    return recorded


def test_domain_changelogs(devlake: DevLake, side: Callable[[Difference], tuple[str, str]]) -> None:
    listed = devlake.expected("_tool_jira_statuses_for_changelog", lambda row: (row["connection_id"], row["id"]))

    def renamed(difference: Difference) -> bool:
        if difference.key[2] is not ChangedField.STATUS or difference.column not in ("old", "new"):
            return False
        ident, text = side(difference)
        return (listed["2", ident]["name"], text) == (difference.theirs, difference.ours)

    def unlisted(difference: Difference) -> bool:
        if not difference.column.endswith("category") or difference.theirs is not None:
            return False
        ident, _ = side(difference)
        return ("2", ident) not in listed and devlake.statuses[ident].category == "done"

    def by_resolution(difference: Difference) -> bool:
        category = difference.column.endswith("category")
        return category and (difference.theirs, difference.ours) == ("done", "cancelled")

    def localised(difference: Difference) -> bool:
        if difference.key[2] is not ChangedField.START or difference.theirs is None:
            return False
        written = datetime.strptime(difference.theirs, "%d/%b/%y")  # noqa: DTZ007 - a date without a time
        return bool(written.date().isoformat() == difference.ours)

    explained = {
        "field not read": UNREAD_FIELD,
        "end date": END_DATE,
        "status renamed": Explanation(
            "They replace the status by the name their list has for its id today; here it is the recorded one", renamed
        ),
        "status not listed": Explanation(
            "Their test lists the status for another connection and leaves the category empty; here the site's list "
            "tells it",
            unlisted,
        ),
        "cancelled": Explanation("Resolved as Won't Do: done for them, cancelled here", by_resolution),
        "date in words": Explanation(
            "They keep the localised text of a date (12/Jun/20); here it is the date", localised
        ),
    }
    rows = devlake.expected("issue_changelogs", lambda row: row["id"]).values()
    found = Comparison("DevLake domain changelogs", explained)
    ordered = sorted(rows, key=lambda row: row["created_date"])
    found.add(numbered((domain_key(row), row) for row in ordered), history(devlake.items()), DOMAIN)
    classes = {
        "field not read": 317,
        "end date": 22,
        "status renamed": 85,
        "status not listed": 30,
        "date in words": 22,
        "cancelled": 10,
    }
    check(found, 350, classes)
    said = Comparison("by a profile", explained)
    said.add(numbered((domain_key(row), row) for row in ordered), history(devlake.items_under("devlake")), DOMAIN)
    assert said.classes() == {name: count for name, count in classes.items() if name != "cancelled"}


def test_words_of_old_histories_without_a_rule_are_reported(devlake: DevLake) -> None:
    unmapped = {pair for item in devlake.items().values() for pair in item.unmapped}
    assert unmapped <= {("status", "Ready for Dev"), ("kind", "Technical-Debt")}
