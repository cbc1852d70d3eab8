"""What no database takes is refused before a page asks one."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine

from tests.webapp.conftest import PASSWORD, Visitor


@pytest.mark.parametrize(
    "path", ["/quarantine?q=a%00b", "/quarantine?reason=%00", "/?view=list&q=%00", "/?%00=1&q=%00"]
)
def test_a_nul_in_a_link_is_a_request_that_cannot_be_read(ada: Visitor, path: str) -> None:
    assert "That request could not be read" in ada.text(path, 400)


def test_a_nul_in_a_form_too(ada: Visitor, engine: Engine) -> None:
    answer = ada.post("/settings/services", name="a\x00b", role="auditor")
    assert (answer.status_code, "That request could not be read" in answer.text) == (400, True)


def test_a_name_with_a_nul_is_nobody(visitor: Visitor, admin: int) -> None:
    assert visitor.sign_in("a\x00da").status_code == 400
    assert visitor.sign_in().status_code == 302


def test_half_a_character_is_taken_for_an_unknown_one(ada: Visitor) -> None:
    assert "Quarantine" in ada.text("/quarantine?q=%ED%A0%80")


def test_a_body_that_is_no_form_is_left_to_who_reads_it(ada: Visitor) -> None:
    answer = ada.client.post("/hooks/unknown", data=b"\x00", content_type="application/json")
    assert answer.status_code == 404
    assert PASSWORD not in answer.text
