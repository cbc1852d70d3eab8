"""Webhooks as an administrator registers them, and many issues by id."""

from __future__ import annotations

import pytest

from simulator.jira import edits
from simulator.jira.outbox import Delivery, Outbox

ROOT = "/rest/webhooks/1.0/webhook"
HOOK = {"name": "PMO", "url": "http://127.0.0.1:9/door", "events": ["jira:issue_updated"], "secret": "hush"}


def made(browser, **changed):
    answer = browser.send("POST", ROOT, json=HOOK | changed)
    assert answer.status_code == 201, answer.text
    return answer.json()


def test_a_webhook_is_made_shown_changed_and_removed(either):
    hook = made(either)
    path = hook["self"].removeprefix(either.address)
    assert path.startswith(ROOT)
    assert either.get(ROOT) == [hook]
    assert "secret" not in hook
    assert hook["enabled"] is hook["isSigned"] is True
    assert either.send("PUT", path, json={"enabled": False}).json() == hook | {"enabled": False}
    assert either.get(path)["enabled"] is False
    assert either.send("DELETE", path).status_code == 204
    assert either.refused("DELETE", path, 404)["errorMessages"]
    assert either.get(ROOT) == []


@pytest.mark.parametrize("wrong", [{"url": "nowhere"}, {"name": ""}, {"events": "all"}])
def test_a_webhook_without_a_name_an_address_or_events_is_refused(either, wrong):
    assert either.refused("POST", ROOT, 400, json=HOOK | wrong)["errorMessages"]
    assert either.get(ROOT) == []


def test_only_an_administrator_sees_webhooks(either):
    either.site.denied.add("ADMINISTER")
    for method in ("GET", "POST"):
        either.refused(method, ROOT, 403, json=HOOK)


def test_only_webhooks_that_listen_are_told(either, world):
    made(either)
    made(either, events=["sprint_updated"])
    made(either, enabled=False)
    told = []
    either.site.outbox.put = told.append
    edits.edit(either.site, "101", {"summary": "New"}, at=world.now, by=either.site.me)
    [delivery] = told
    assert delivery.url == HOOK["url"]
    assert delivery.headers(0)["X-Hub-Signature"].startswith("sha256=")
    assert delivery.headers(1)["X-Atlassian-Webhook-Retry"] == "1"


def test_deliveries_can_be_lost_or_doubled():
    outbox = Outbox()
    outbox.lost, outbox.doubled = 1, 1
    for name in ("first", "second", "third"):
        outbox.put(Delivery(name, "", "", b""))
    sent = []

    def send(delivery):
        sent.append(delivery.identifier)
        if len(sent) == 3:
            outbox.end()

    assert outbox.settle(0) is False
    outbox.run(send)
    assert sent == ["second", "second", "third"]
    assert outbox.settle(0) is True


def test_many_issues_by_id_or_key(cloud):
    edits.hide_issue(cloud.site, "103")
    asked = {"issueIdsOrKeys": ["102", "ONE-1", "103", "999"], "fields": ["summary"], "expand": ["changelog"]}
    answer = cloud.post("/rest/api/3/issue/bulkfetch", asked)
    assert [issue["id"] for issue in answer["issues"]] == ["101", "102"]
    assert set(answer["issues"][0]["fields"]) == {"summary"}
    assert answer["issues"][0]["changelog"]["total"] == 0
    assert answer["issueErrors"] == []


@pytest.mark.parametrize("wrong", [{"issueIdsOrKeys": ["1"] * 101}, {"issueIdsOrKeys": []}, {"expand": "changelog"}])
def test_too_many_issues_or_a_body_of_another_shape_is_refused(cloud, wrong):
    body = {"issueIdsOrKeys": ["101"]} | wrong
    assert cloud.refused("POST", "/rest/api/3/issue/bulkfetch", 400, json=body)["errorMessages"]


def test_data_center_has_no_such_call(datacenter):
    datacenter.refused("POST", "/rest/api/2/issue/bulkfetch", 404, json={"issueIdsOrKeys": ["101"]})
