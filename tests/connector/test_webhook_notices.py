"""What every tracker's notices have in common: nothing that comes in is trusted before it is proved."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.errors import FeatureAbsentError
from connector.registry import TRACKERS, WEBHOOKS, open_hooks, open_notices
from connector.settings import ConnectionSettings, Secret, SignIn
from connector.webhooks import Notice

SECRET = Secret("known to two")
HEADERS = st.dictionaries(
    st.sampled_from(["x-hub-signature", "x-hook-signature", "x-atlassian-webhook-identifier", "content-type"]),
    st.text(max_size=80),
)


def test_only_trackers_have_webhooks() -> None:
    assert set(WEBHOOKS) <= set(TRACKERS)


@pytest.mark.parametrize("tracker", sorted(WEBHOOKS))
@given(headers=HEADERS, body=st.binary(max_size=200))
def test_whatever_comes_in_is_no_proof_and_breaks_nothing(tracker: str, headers: dict[str, str], body: bytes) -> None:
    notices = open_notices(tracker)
    assert not notices.verify(headers, body, SECRET)
    assert notices.handshake(headers) is None
    assert notices.delivery_id(headers, body)
    assert isinstance(notices.notice(body), Notice)


def test_a_notice_of_an_issue_whose_title_was_cut_is_read() -> None:
    body = rb'{"webhookEvent": "jira:issue_updated", "issue": {"id": "10001", "fields": {"summary": "cut \ud83d"}}}'
    assert open_notices("jira").notice(body).items == ("10001",)


def test_a_tracker_without_webhooks_says_so() -> None:
    settings = ConnectionSettings(tracker="planner", address="https://planner.invalid", sign_in=SignIn.PERSONAL_TOKEN)
    with pytest.raises(FeatureAbsentError, match="'planner' knows no webhooks"):
        open_hooks(settings, SECRET)
    with pytest.raises(FeatureAbsentError, match="It is polled all the same"):
        open_notices("planner")
