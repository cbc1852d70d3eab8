"""What sections say of an item's status, where the item stands in several projects."""

from __future__ import annotations

from collections.abc import Container

from connector.records import Change, ChangedField, ChangesRecord, ItemRecord, Membership
from sync.mapping.defaults import References, default_profile
from sync.mapping.items import ItemValues, map_item
from sync.mapping.rules import Rules
from tests.sync.builders import at, item

RULES = Rules(default_profile(References()))
FIRST, SECOND = Membership("A", "a1", "On Hold"), Membership("B", "b1", "Doing")


def placed(*memberships: Membership) -> ItemRecord:
    return item("1", status_id=None, status_name=None, memberships=memberships)


def mapped(record: ItemRecord, *changes: Change, followed: Container[str] | None = None) -> ItemValues:
    return map_item(record, ChangesRecord(item_id="1", changes=changes), RULES, followed)


def moved(when: str, project: str | None, old: str, new: str) -> Change:
    field, text = ChangedField.STATUS, {"old_text": old, "new_text": new}
    return Change(at=at(when), field=field, field_id="section", project_id=project, **text)


def joined(when: str, old: str | None, new: str | None) -> Change:
    return Change(at=at(when), field=ChangedField.PROJECT, old=old, new=new)


def words(values: ItemValues) -> list[tuple[str, str]]:
    return [(one.from_status, one.to_status) for one in values.history.transitions]


def test_the_status_is_the_section_of_the_first_followed_project() -> None:
    assert mapped(placed(FIRST, SECOND)).status == "On Hold"
    values = mapped(placed(FIRST, SECOND), followed={"B"})
    assert (values.status, values.category, values.memberships) == ("Doing", "in_progress", (SECOND,))


def test_sections_of_projects_nobody_follows_say_nothing() -> None:
    values = mapped(placed(FIRST), followed={"B"})
    assert (values.status, values.category) == ("", "todo")


def test_moves_in_other_projects_are_no_changes_of_status() -> None:
    changes = (
        moved("2026-01-06", "B", "To do", "Doing"),
        moved("2026-01-07", "A", "To do", "Done"),
        moved("2026-01-08", None, "Doing", "Done"),
    )
    done = Membership("B", "b2", "Done")
    assert words(mapped(placed(FIRST, done), *changes, followed={"B"})) == [("To do", "Doing"), ("Doing", "Done")]


def test_moves_of_the_former_project_stay_where_the_item_counted_to_it() -> None:
    changes = (
        moved("2026-01-06", "A", "To do", "Doing"),
        joined("2026-01-07", "A", "B"),
        moved("2026-01-08", "A", "Doing", "To do"),
        moved("2026-01-09", "B", "Doing", "Done"),
    )
    done = Membership("B", "b2", "Done")
    assert words(mapped(placed(done), *changes)) == [("To do", "Doing"), ("Doing", "Done")]
    assert words(mapped(placed(done), *changes, followed={"B"})) == [("Doing", "Done")]
