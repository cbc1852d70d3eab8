"""What each flavour shows of the same documents."""

from __future__ import annotations

from datetime import timedelta

from simulator.jira import edits

DOCUMENT = {"type": "doc", "version": 1, "content": [{"type": "paragraph", "content": [{"type": "text", "text": "x"}]}]}


def test_rich_text_is_a_document_on_v3_and_a_text_on_v2(cloud):
    on_v3 = cloud.get("/rest/api/3/issue/ONE-1")["fields"]
    on_v2 = cloud.get("/rest/api/2/issue/ONE-1")["fields"]
    assert on_v2["description"] == "First line\n* point"
    first, second = on_v3["description"]["content"]
    assert first == {"type": "paragraph", "content": [{"type": "text", "text": "First line"}]}
    assert second["type"] == "bulletList"
    assert on_v3["customfield_3"]["type"] == "doc"
    assert on_v3["summary"] == "Summary of ONE-1"


def test_recorded_values_come_out_as_they_went_in(cloud):
    fields = cloud.site.issues["101"].fields
    fields |= {"description": DOCUMENT, "resolutiondate": "2012-01-11T10:02:14.430+1300", "assignee": {"x": 1}}
    fields["customfield_1"] = ["com.atlassian.greenhopper.service.sprint.Sprint@1[id=1]"]
    cloud.site.time_zone = "Europe/Berlin"
    shown = cloud.get("/rest/api/3/issue/101")["fields"]
    for name in ("description", "resolutiondate", "assignee", "customfield_1"):
        assert shown[name] == fields[name]


def test_an_issue_with_hardly_anything_is_served(either):
    issue = either.site.issues["101"]
    issue.fields = {"summary": "Bare"}
    issue.histories = [{"id": "1", "items": [{"field": "status"}]}]
    issue.worklogs = [{"id": "2", "timeSpentSeconds": 60}]
    issue.comments = [{"body": "hello"}]
    either.site.touch()
    found = either.get("/rest/api/2/issue/101", expand="changelog")
    assert found["fields"]["summary"] == "Bare"
    assert found["fields"]["worklog"]["worklogs"][0]["timeSpentSeconds"] == 60
    assert found["changelog"]["histories"][0]["items"] == [{"field": "status"}]
    path = "/rest/api/3/search/jql" if either.site.flavour == "cloud" else "/rest/api/2/search"
    keys = [i["key"] for i in either.get(path, jql="project = ONE AND key = ONE-1", fields="*all")["issues"]]
    assert keys == ["ONE-1"]  # the project of an issue without one is told by its key
    assert either.get(path, jql="project = ONE AND updated > -1000w", fields="summary")["issues"][0]["key"] != "ONE-1"


def test_users_have_the_identity_of_the_flavour(either):
    assignee = either.get("/rest/api/2/issue/ONE-1")["fields"]["assignee"]
    if either.site.flavour == "cloud":
        assert assignee["accountId"] == "acc-tolo"
        assert not {"key", "name"} & set(assignee)
    else:
        assert (assignee["key"], assignee["name"]) == ("KEY-tolo", "tolo")
        assert "accountId" not in assignee


def test_cloud_hides_emails_by_choice_of_the_person(cloud):
    cloud.site.hidden_emails.add("acc-tolo")
    assert "emailAddress" not in cloud.get("/rest/api/3/issue/ONE-1")["fields"]["assignee"]
    assert cloud.get("/rest/api/3/issue/ONE-1")["fields"]["reporter"]["emailAddress"] == "mira@sim.example"


def test_instants_are_shown_in_the_time_zone_of_the_account(either):
    edits.set_time_zone(either.site, "Pacific/Auckland")
    fields = either.get("/rest/api/2/issue/ONE-1")["fields"]
    assert fields["updated"] == "2026-03-01T23:01:30.250+1300"
    assert fields["duedate"] == "2026-03-20"
    assert either.get("/rest/api/2/myself")["timeZone"] == "Pacific/Auckland"


def test_datacenter_writes_sprints_as_java_objects(cloud, datacenter):
    assert cloud.get("/rest/api/3/issue/ONE-1")["fields"]["customfield_1"][0]["id"] == 7
    text = datacenter.get("/rest/api/2/issue/ONE-1")["fields"]["customfield_1"][0]
    assert text.startswith("com.atlassian.greenhopper.service.sprint.Sprint@")
    assert "[id=7,rapidViewId=1,state=ACTIVE,name=Sprint [7], first,startDate=2026-02-23T09:00:00.000Z," in text
    assert ",goal=<null>]" in text


def test_levels_are_told_on_cloud_only(cloud, datacenter):
    assert cloud.get("/rest/api/3/issuetype")[1]["hierarchyLevel"] == 1
    assert "hierarchyLevel" not in datacenter.get("/rest/api/2/issuetype")[1]
    assert "hierarchyLevel" not in datacenter.get("/rest/api/2/issue/ONE-1")["fields"]["issuetype"]


def test_embedded_histories_are_cut_on_cloud_and_whole_on_datacenter(cloud, datacenter, world):
    for browser, by in ((cloud, "acc-mira"), (datacenter, "KEY-mira")):
        for number in range(45):
            at = world.now + timedelta(minutes=number)
            edits.edit(browser.site, "101", {"summary": f"Version {number}"}, at=at, by=by)
    body = {"jql": "id = 101", "fields": ["summary"], "expand": "changelog"}
    short = cloud.post("/rest/api/3/search/jql", body)["issues"][0]["changelog"]
    assert (short["total"], len(short["histories"])) == (45, 40)
    assert short["histories"][0]["items"][0]["toString"] == "Version 44"  # newest first
    whole = cloud.get("/rest/api/3/issue/101/changelog", startAt=40, maxResults=100)
    assert [entry["items"][0]["toString"] for entry in whole["values"]] == [f"Version {n}" for n in range(40, 45)]
    assert whole["isLast"] is True
    page = datacenter.get("/rest/api/2/search", jql="id = 101", fields="summary", expand="changelog")
    histories = page["issues"][0]["changelog"]["histories"]
    assert [entry["items"][0]["toString"] for entry in histories] == [f"Version {n}" for n in range(45)]
    assert "fieldId" not in histories[0]["items"][0]
    assert short["histories"][0]["items"][0]["fieldId"] == "summary"


def test_embedded_worklogs_and_comments_are_cut(cloud, world):
    for _ in range(23):
        edits.add_worklog(cloud.site, "101", seconds=60, started=world.now, at=world.now, by="acc-tolo", comment="did")
        edits.add_comment(cloud.site, "101", body="said", at=world.now, by="acc-tolo")
    body = {"jql": "id = 101", "fields": ["worklog", "comment"]}
    fields = cloud.post("/rest/api/3/search/jql", body)["issues"][0]["fields"]
    assert (fields["worklog"]["total"], len(fields["worklog"]["worklogs"])) == (23, 20)
    assert (fields["comment"]["total"], len(fields["comment"]["comments"])) == (23, 20)
    worklogs = cloud.get("/rest/api/3/issue/ONE-1/worklog")
    assert (worklogs["total"], len(worklogs["worklogs"])) == (23, 23)
    assert worklogs["worklogs"][0]["comment"]["type"] == "doc"
    assert cloud.get("/rest/api/2/issue/ONE-1/comment", startAt=22)["comments"][0]["body"] == "said"
