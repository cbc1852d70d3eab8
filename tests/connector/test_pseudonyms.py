"""Accounts under other names inside payloads: all of what names them, nothing else, in the shape of each tracker."""

from __future__ import annotations

import json

import pytest

from connector.pseudonyms import UNREADABLE, Shape, rename
from connector.registry import account_shape

JIRA, ASANA = account_shape("jira"), account_shape("asana")
ADA = {
    "accountId": "a1",
    "displayName": "Ada Example",
    "emailAddress": "ada@example.invalid",
    "avatarUrls": {"48x48": "https://avatar.invalid/ada"},
    "timeZone": "Europe/Oslo",
    "active": True,
    "accountType": "atlassian",
}
BEA = {"accountId": "b2", "displayName": "Bea Other", "active": True}
HIDDEN = {"accountId": "a1", "displayName": "Person 7", "active": False, "accountType": "atlassian"}


def renamed(document: object, shape: Shape, names: dict[str, str]) -> object:
    return json.loads(rename(json.dumps(document).encode(), names, shape))


def test_an_account_of_jira_is_covered_wherever_it_stands() -> None:
    step = {"field": "assignee", "from": "a1", "fromString": "Ada Example", "to": "b2", "toString": "Bea Other"}
    issue = {"fields": {"assignee": ADA, "watchers": [BEA, ADA]}, "histories": [{"author": ADA, "items": [step]}]}
    assert renamed(issue, JIRA, {"a1": "Person 7"}) == {
        "fields": {"assignee": HIDDEN, "watchers": [BEA, HIDDEN]},
        "histories": [{"author": HIDDEN, "items": [{**step, "fromString": "Person 7"}]}],
    }


def test_what_somebody_wrote_beside_their_time_goes_with_them() -> None:
    logs = [{"author": ADA, "comment": "with Bob"}, {"author": BEA, "comment": "alone"}]
    found = renamed(logs, JIRA, {"a1": "Person 7"})
    assert found == [{"author": HIDDEN}, {"author": BEA, "comment": "alone"}]


def test_on_a_server_the_login_goes_and_the_key_stays() -> None:
    user = {"key": "JIRAUSER1", "name": "ada", "displayName": "Ada Example"}
    hidden = {"key": "JIRAUSER1", "name": "Person 7", "displayName": "Person 7"}
    assert renamed(user, JIRA, {"JIRAUSER1": "Person 7"}) == hidden
    # Where there is no key the login is what the account is found by.
    assert renamed({"name": "ada", "displayName": "Ada"}, JIRA, {"ada": "Person 7"}) == {
        "name": "ada",
        "displayName": "Person 7",
    }


def test_what_is_no_account_stays_although_it_has_the_same_id() -> None:
    project = {"id": "1", "key": "a1", "name": "Project A1"}
    assert renamed(project, JIRA, {"a1": "Person 7"}) == project


def test_an_account_of_asana_is_covered_wherever_it_stands() -> None:
    ada, hidden = {"gid": "11", "resource_type": "user", "name": "Ada", "email": "a@x.invalid"}, {"gid": "11"}
    people = {"gid": "9", "name": "Team", "people_value": [{"gid": "11", "name": "Ada"}], "display_value": "Ada, Bea"}
    task = {"gid": "1", "name": "Call Ada", "assignee": ada, "custom_fields": [people]}
    assert renamed(task, ASANA, {"11": "Person 7"}) == {
        "gid": "1",
        "name": "Call Ada",  # what people typed is not looked at
        "assignee": {**hidden, "resource_type": "user", "name": "Person 7"},
        "custom_fields": [{"gid": "9", "name": "Team", "people_value": [{**hidden, "name": "Person 7"}]}],
    }


def test_other_bytes_stay_as_they_came() -> None:
    payload = b'{"n": 1.10, "accountId":"zz" , "displayName":"Zoe"}'
    assert rename(payload, {"a1": "Person 7"}, JIRA) is payload
    mentioned = b'{"n": 1.10, "text": "about a1"}'
    assert rename(mentioned, {"a1": "Person 7"}, JIRA) is mentioned


def test_numbers_are_written_as_they_came() -> None:
    payload = b'{"n":1.10,"big":123456789012345678901234567890,"by":{"accountId":"a1","displayName":"Ada"}}'
    assert rename(payload, {"a1": "P"}, JIRA) == payload.replace(b'"Ada"', b'"P"')


@pytest.mark.parametrize("payload", [b'{"accountId": "a1", "displayName": "Ada"', b"Ada a1 \xff"])
def test_what_cannot_be_read_and_mentions_somebody_is_given_up(payload: bytes) -> None:
    assert rename(payload, {"a1": "Person 7"}, JIRA) == UNREADABLE


def test_doing_it_again_changes_nothing() -> None:
    once = rename(json.dumps({"assignee": ADA}).encode(), {"a1": "Person 7"}, JIRA)
    assert rename(once, {"a1": "Person 7"}, JIRA) is once


def test_a_tracker_that_tells_of_no_accounts_has_none_to_cover() -> None:
    payload = b'{"accountId":"a1","displayName":"Ada"}'
    assert rename(payload, {"a1": "Person 7"}, account_shape("fake")) is payload
