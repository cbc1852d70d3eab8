"""The other resources over HTTP: sign-in, projects, people, boards, worklogs, bulk histories."""

from __future__ import annotations

from datetime import timedelta
from email.utils import parsedate_to_datetime

import pytest
import requests

from simulator.jira import edits

API = "/rest/api/2/"


def test_the_flavour_is_told_to_anyone(cloud, datacenter):
    for browser, told in ((cloud, "Cloud"), (datacenter, "Server")):
        info = requests.get(browser.address + API + "serverInfo", timeout=10).json()
        assert info["deploymentType"] == told
        assert info["versionNumbers"]
        assert info["baseUrl"] == browser.address


def test_datacenter_sends_v3_calls_to_the_login_page(datacenter):
    answer = datacenter.send("GET", "/rest/api/3/serverInfo")
    assert answer.status_code == 302
    assert "/login.jsp?os_destination=%2Frest%2Fapi%2F3%2FserverInfo" in answer.headers["Location"]


@pytest.mark.parametrize("header", [None, "Bearer wrong", "Basic bm9ib2R5", "Basic bWlyYUBzaW0uZXhhbXBsZTp3cm9uZw=="])
def test_who_is_not_signed_in_gets_401_that_is_not_json(either, header):
    headers = {"Authorization": header} if header else {}
    answer = requests.get(either.address + API + "myself", headers=headers, timeout=10)
    assert answer.status_code == 401
    with pytest.raises(requests.JSONDecodeError):
        answer.json()


def test_a_context_path_is_part_of_every_address(world, make_site):
    browser = world.serve(make_site("datacenter", context_path="/tracker"))
    assert browser.address.endswith("/tracker")
    assert browser.get(API + "myself")["key"] == "KEY-mira"
    assert browser.get("/rest/agile/1.0/board")["total"] == 2
    assert requests.get(browser.address.removesuffix("/tracker") + API + "serverInfo", timeout=10).status_code != 200


def test_the_date_header_is_the_servers_own_clock(cloud, world):
    edits.shift_clock(cloud.site, 3600)
    answer = cloud.send("GET", API + "serverInfo")
    assert parsedate_to_datetime(answer.headers["Date"]) == world.now + timedelta(hours=1)


def test_permissions(cloud):
    cloud.site.denied.add("USER_PICKER")
    held = cloud.get(API + "mypermissions", permissions="BROWSE_PROJECTS,USER_PICKER")["permissions"]
    assert {name: entry["havePermission"] for name, entry in held.items()} == {
        "BROWSE_PROJECTS": True,
        "USER_PICKER": False,
    }
    assert cloud.refused("GET", API + "users/search", 403)["errorMessages"]


def test_cloud_projects_by_state(cloud):
    def listed(**params):
        return [project["key"] for project in cloud.get("/rest/api/3/project/search", **params)["values"]]

    assert listed() == ["ONE", "TWO"]
    assert listed(status="archived") == ["OLD"]
    assert listed(status=["live", "archived"]) == ["ONE", "TWO", "OLD"]
    assert listed(keys="TWO") == ["TWO"]
    page = cloud.get("/rest/api/3/project/search", maxResults=1)
    assert (page["total"], page["isLast"]) == (2, False)
    assert "lead" not in page["values"][0]
    assert cloud.session.get(page["nextPage"], timeout=10).json()["values"][0]["key"] == "TWO"
    lead = cloud.get("/rest/api/3/project/search", expand="lead,description")["values"][0]["lead"]
    assert lead["accountId"] == "acc-mira"


def test_datacenter_projects(datacenter):
    assert [project["key"] for project in datacenter.get(API + "project")] == ["ONE", "TWO"]
    with_archived = datacenter.get(API + "project", includeArchived="true", expand="lead")
    assert [project["key"] for project in with_archived] == ["ONE", "TWO", "OLD"]
    assert with_archived[0]["lead"]["key"] == "KEY-mira"


def test_one_project_and_its_parts(either):
    assert either.get(API + "project/one")["lead"]["displayName"] == "Mira"
    assert either.get(API + "project/1/versions")[0]["name"] == "1.0"
    assert either.get(API + "project/ONE/version")["values"][0]["id"] == "30"
    assert either.get(API + "project/ONE/components")[0]["lead"]["displayName"] == "Tolo"
    kinds = either.get(API + "project/ONE/statuses")
    assert [kind["name"] for kind in kinds] == ["Task", "Epic"]
    assert [status["statusCategory"]["key"] for status in kinds[0]["statuses"]] == ["new", "indeterminate", "done"]
    refused = either.refused("GET", API + "project/NOPE", 404)
    assert refused["errorMessages"] == ["No project could be found with key 'NOPE'."]


def test_catalogues(either):
    assert [field["id"] for field in either.get(API + "field")][:1] == ["summary"]
    assert [status["name"] for status in either.get(API + "status")] == ["To Do", "In Progress", "Done"]
    assert either.get(API + "issueLinkType")["issueLinkTypes"][0]["outward"] == "blocks"
    assert either.get(API + "priority")[0]["name"] == "High"
    assert either.get(API + "resolution")[0]["name"] == "Done"


def test_cloud_people(cloud):
    assert [user["accountId"] for user in cloud.get("/rest/api/3/users/search")] == ["acc-mira", "acc-tolo", "acc-gone"]
    assert len(cloud.get("/rest/api/3/users/search", startAt=2, maxResults=1)) == 1
    assert cloud.get("/rest/api/3/users/search", startAt=3) == []
    assert cloud.get("/rest/api/3/user", accountId="acc-tolo")["displayName"] == "Tolo"
    both = cloud.get("/rest/api/3/user/bulk", accountId=["acc-tolo", "acc-nobody"])
    assert [user["accountId"] for user in both["values"]] == ["acc-tolo"]


def test_datacenter_finds_inactive_people_only_when_asked(datacenter):
    assert [user["name"] for user in datacenter.get(API + "user/search", username=".")] == ["mira", "tolo"]
    everyone = datacenter.get(API + "user/search", username=".", includeInactive="true")
    assert [user["key"] for user in everyone] == ["KEY-mira", "KEY-tolo", "KEY-gone"]
    assert datacenter.get(API + "user", username="tolo")["key"] == "KEY-tolo"


def test_groups(either):
    members = [user for user in either.site.users if "gone" not in user]
    either.site.groups["builders"] = members
    found = either.get(API + "group/member", groupname="builders")
    assert [user["displayName"] for user in found["values"]] == ["Mira", "Tolo"]


def test_boards_and_sprints(either):
    agile = "/rest/agile/1.0/"
    assert [board["type"] for board in either.get(agile + "board", projectKeyOrId="ONE")["values"]] == [
        "scrum",
        "kanban",
    ]
    assert either.get(agile + "board", projectKeyOrId="TWO")["values"] == []
    configuration = either.get(agile + "board/1/configuration")
    assert configuration["estimation"]["field"]["fieldId"] == "customfield_2"
    assert [sprint["id"] for sprint in either.get(agile + "board/1/sprint", state="active,closed")["values"]] == [7]
    assert either.get(agile + "sprint/8")["state"] == "future"
    refused = either.refused("GET", agile + "board/2/sprint", 400)
    assert refused["errorMessages"] == ["The board does not support sprints"]
    assert either.refused("GET", agile + "board/9", 404)["errorMessages"]


def test_many_histories_at_once(cloud, world):
    for number in range(3):
        for ident in ("101", "102"):
            edits.edit(cloud.site, ident, {"summary": f"Text {number}", "duedate": f"2026-05-0{number + 1}"},
                       at=world.now, by="acc-mira")  # fmt: skip
    body = {"issueIdsOrKeys": ["101", "ONE-2", "999"], "maxResults": 4}
    path = "/rest/api/3/changelog/bulkfetch"
    first = cloud.post(path, body)
    second = cloud.post(path, {**body, "nextPageToken": first["nextPageToken"]})
    assert [(log["issueId"], len(log["changeHistories"])) for log in first["issueChangeLogs"]] == [
        ("101", 3),
        ("102", 1),
    ]
    assert [(log["issueId"], len(log["changeHistories"])) for log in second["issueChangeLogs"]] == [("102", 2)]
    assert "nextPageToken" not in second
    only = cloud.post(path, {"issueIdsOrKeys": ["101"], "fieldIds": ["duedate"]})["issueChangeLogs"][0]
    assert {item["field"] for history in only["changeHistories"] for item in history["items"]} == {"duedate"}
    assert cloud.refused("POST", path, 400, json={"issueIdsOrKeys": ["1"] * 1001})["errorMessages"]


def test_changed_worklogs_come_in_pages_and_without_the_last_minute(either, world):
    idents = []
    for number in range(1003):
        at = world.now + timedelta(milliseconds=number)
        idents.append(edits.add_worklog(either.site, "101", seconds=60, started=at, at=at, by=either.site.me))
    world.now += timedelta(seconds=59)
    assert either.get(API + "worklog/updated", since=0)["values"] == []
    world.now += timedelta(minutes=1)
    first = either.get(API + "worklog/updated", since=0)
    assert (len(first["values"]), first["lastPage"]) == (1000, False)
    second = either.session.get(first["nextPage"], timeout=10).json()
    assert (len(second["values"]), second["lastPage"]) == (3, True)
    told = [str(value["worklogId"]) for value in first["values"] + second["values"]]
    assert told == idents
    listed = either.post(API + "worklog/list", {"ids": [int(ident) for ident in idents[:2]] + [1]})
    assert [worklog["issueId"] for worklog in listed] == ["101", "101"]
    edits.delete_worklog(either.site, idents[0], at=world.now, by=either.site.me)
    world.now += timedelta(minutes=2)
    gone = either.get(API + "worklog/deleted", since=second["until"])
    assert [str(value["worklogId"]) for value in gone["values"]] == idents[:1]


def test_what_does_not_exist_is_said_in_the_flavours_words(cloud, datacenter):
    assert "No endpoint" in cloud.refused("GET", "/rest/api/3/nothing", 404)["message"]
    assert "null for uri" in datacenter.refused("GET", "/rest/api/2/search/jql", 404)["message"]
