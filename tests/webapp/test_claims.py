"""What a provider or a proxy says of somebody, read: whatever it is, nothing but usable text comes out."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from webapp.accounts.claims import ClaimError, of_provider, of_proxy
from webapp.accounts.users import LONGEST_NAME, Known
from webapp.settings import Provider

PROVIDER = Provider(issuer="https://login.example.invalid", client_id="sightline")
BEA = {"sub": "7", "preferred_username": "bea", "email": "b@example.invalid", "email_verified": True, "groups": ["x"]}


def test_all_that_is_of_use_is_read() -> None:
    claimed = of_provider(BEA, PROVIDER)
    assert claimed.known == Known("oidc", "https://login.example.invalid|7")
    assert claimed.names == ("bea", "b@example.invalid", "7")
    assert claimed.email == "b@example.invalid"
    assert claimed.groups == {"x"}


@pytest.mark.parametrize("verified", [False, None, "false", "yes", "", 0, [], {}])
def test_an_address_that_nobody_verified_is_not_read(verified: Any) -> None:
    assert of_provider(BEA | {"email_verified": verified}, PROVIDER).email is None


@pytest.mark.parametrize(
    ("groups", "read"), [("one", {"one"}), (None, set()), ({"a": 1}, set()), (["a", 3, " b ", ""], {"a", "b"})]
)
def test_groups_are_names_one_or_several(groups: Any, read: set[str]) -> None:
    assert of_provider(BEA | {"groups": groups}, PROVIDER).groups == read


@pytest.mark.parametrize("subject", [None, "", 7, "x" * 256, "a\nb", "\ud800", ["7"]])
def test_without_a_subject_nobody_is_named(subject: Any) -> None:
    with pytest.raises(ClaimError):
        of_provider(BEA | {"sub": subject}, PROVIDER)


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(), max_size=300), st.lists, max_leaves=5
)


@given(st.dictionaries(st.sampled_from([*BEA, "name"]), ANYTHING))
@example({"email": "", "email_verified": True})
def test_whatever_is_said_only_what_can_be_kept_is_read(said: dict[str, Any]) -> None:
    claimed = of_provider(said | {"sub": "7"}, PROVIDER)
    assert claimed.names
    assert all(name.isprintable() and 0 < len(name) < LONGEST_NAME for name in claimed.names)
    assert claimed.email is None or claimed.email.encode()


@given(st.text(max_size=250), st.text(max_size=50))
def test_whatever_a_proxy_says_is_one_name_or_nobody(name: str, groups: str) -> None:
    try:
        claimed = of_proxy(name, groups)
    except ClaimError:
        return
    assert claimed.names == (name.strip(),)
    assert claimed.known.subject == f"proxy|{name.strip()}"
    assert claimed.email is None
