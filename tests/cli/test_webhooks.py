"""sightline connection webhooks, against a simulated site over HTTP."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from simulator.company.build import Company, build_company
from simulator.serve import Simulator
from tests.cli.conftest import TODAY, Outcome, Sightline

HERE = "https://sightline.example.com"
Add = Callable[..., Outcome]


@pytest.fixture
def company() -> Company:
    return build_company(seed=3, today=TODAY, scale=0.01)


@pytest.fixture
def simulator(company: Company) -> Iterator[Simulator]:
    with Simulator(company.cloud) as simulator:
        yield simulator


def test_webhooks_are_made_looked_at_and_removed(prepared: Sightline, add_cloud: Add, company: Company) -> None:
    assert add_cloud().code == 0
    made = prepared("connection", "webhooks", "enable", "Cloud", "--public-url", HERE + "/", "--json")
    assert made.code == 0, made.err
    assert [(each["resource"], each["state"]) for each in made.document["webhooks"]] == [("", "active")]
    assert made.document["by_hand"] == []
    (there,) = company.cloud.webhooks.values()
    assert there["url"].startswith(f"{HERE}/hooks/")
    assert there["secret"]
    assert there["secret"] not in made.out + made.err

    company.cloud.webhooks.clear()
    dropped = prepared("connection", "webhooks", "status", "Cloud")
    assert dropped.code == 3
    assert "gone" in dropped.out
    assert "run `enable` again" in dropped.out
    assert prepared("connection", "webhooks", "enable", "Cloud", "--public-url", HERE).code == 0
    assert prepared("connection", "webhooks", "status", "Cloud").code == 0

    ended = prepared("connection", "webhooks", "disable", "Cloud", "--json")
    assert (ended.code, ended.document) == (0, {"left_at_tracker": []})
    assert company.cloud.webhooks == {}
    assert "No webhooks" in prepared("connection", "webhooks", "status", "Cloud").out


def test_who_may_not_is_told_what_to_enter_once(prepared: Sightline, add_cloud: Add, company: Company) -> None:
    assert add_cloud().code == 0
    company.cloud.denied.add("ADMINISTER")
    told = prepared("connection", "webhooks", "enable", "Cloud", "--public-url", HERE, "--json")
    assert told.code == 3
    (entry,) = told.document["by_hand"]
    assert entry["address"].startswith(f"{HERE}/hooks/")
    assert len(entry["secret"]) == 43
    assert "jira:issue_updated" in entry["events"]

    again = prepared("connection", "webhooks", "enable", "Cloud", "--public-url", HERE)
    assert again.code == 3
    assert entry["secret"] not in again.out + again.err
    assert "may not ask" in again.err
    left = prepared("connection", "webhooks", "disable", "Cloud")
    assert left.code == 3
    assert "by hand" in left.err
    assert entry["address"].rpartition("/")[2] in left.out.replace("\n", "")


def test_what_to_enter_stands_in_a_table_for_people(prepared: Sightline, add_cloud: Add, company: Company) -> None:
    assert add_cloud().code == 0
    company.cloud.denied.add("ADMINISTER")
    told = prepared("connection", "webhooks", "enable", "Cloud", "--public-url", HERE, "--unsigned")
    assert f"{HERE}/hooks/" in told.out
    assert "jira:issue_deleted" in told.out
    assert "secret" not in told.out
    assert "shown only now" in told.err


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (("--public-url", "sightline.example.com"), "is not a URL"),
        (("--public-url", "https://me:pass@sightline.example.com"), "without a user, a password"),
        (("--public-url", "https://sightline.example.com:many"), "Port"),
        (("--public-url", "ftp://me:pass@sightline.example.com"), "without a user, a password"),
        ((), "Give --public-url"),
    ],
)
def test_trackers_are_told_an_address_they_can_use(
    prepared: Sightline, add_cloud: Add, given: tuple[str, ...], said: str
) -> None:
    assert add_cloud().code == 0
    refused = prepared("connection", "webhooks", "enable", "Cloud", *given)
    assert refused.code in (1, 2)
    assert said in refused.err
    assert "pass" not in refused.err.replace("password", "")


def test_the_address_comes_from_the_settings(
    prepared: Sightline, add_cloud: Add, company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert add_cloud().code == 0
    monkeypatch.setenv("SIGHTLINE_SERVER__PUBLIC_URL", HERE)
    assert prepared("connection", "webhooks", "enable", "Cloud").code == 0
    assert next(iter(company.cloud.webhooks.values()))["url"].startswith(HERE)
    monkeypatch.setenv("SIGHTLINE_SERVER__PUBLIC_URL", "nowhere")
    refused = prepared("connection", "webhooks", "enable", "Cloud")
    assert refused.code == 1
    assert "is not a URL" in refused.err
