"""What is too large is refused, in our own words as far as a browser can hear them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import requests

from tests.webapp.conftest import TOKEN, Visitor
from webapp.app import LARGEST_BODY, LARGEST_FIELD, MOST_FIELDS
from webapp.serve import LARGEST_BODY as LARGEST_TAKEN
from webapp.serve import LARGEST_HEAD

FORM = "application/x-www-form-urlencoded"


def pieces(body: bytes) -> Iterator[bytes]:
    yield from (body[at : at + 100_000] for at in range(0, len(body), 100_000))


@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_that_is_too_large_gets_the_page_for_it(address: str, chunked: bool) -> None:
    body = b"name=" + b"x" * LARGEST_BODY
    answer = requests.post(
        f"{address}/sign-in", data=pieces(body) if chunked else body, headers={"Content-Type": FORM}, timeout=30
    )
    assert answer.status_code == 413
    assert "That was too much at once" in answer.text
    assert "xxx" not in answer.text


def test_somebody_signed_in_is_told_the_same(ada: Visitor) -> None:
    answer = ada.client.post("/password", data={"old": "x" * LARGEST_BODY})
    assert answer.status_code == 413
    assert "That was too much at once" in answer.text
    assert "ada" in answer.text


@pytest.mark.parametrize("chunked", [False, True])
def test_more_than_that_is_not_even_taken(address: str, chunked: bool) -> None:
    body = b"x" * (LARGEST_TAKEN + 1)
    try:
        answer = requests.post(f"{address}/sign-in", data=pieces(body) if chunked else body, timeout=30)
    except requests.ConnectionError:
        return  # cut off while it was still sending
    assert answer.status_code == 413


@pytest.mark.parametrize(
    "fields", [{f"field{number}": "x" for number in range(MOST_FIELDS + 1)}, {"field": "x" * (LARGEST_FIELD + 1)}]
)
def test_a_form_of_many_fields_or_a_large_one_is_refused(ada: Visitor, fields: dict[str, str]) -> None:
    answer = ada.client.post("/password", data=fields, content_type="multipart/form-data")
    assert answer.status_code == 413
    assert "That was too much at once" in answer.text


def test_a_head_that_is_too_large_is_refused(address: str) -> None:
    headers = {f"X-Filler-{number}": "x" * 4000 for number in range(LARGEST_HEAD // 4000 + 1)}
    assert requests.get(f"{address}/sign-in", headers=headers, timeout=30).status_code == 431


def test_a_form_as_people_send_it_is_taken(address: str) -> None:
    with requests.Session() as session:
        found = TOKEN.search(session.get(f"{address}/sign-in", timeout=30).text)
        assert found is not None
        form = {"name": "ada", "password": "x" * 1000, "csrf_token": found[1]}
        assert session.post(f"{address}/sign-in", data=form, timeout=30).status_code == 401
