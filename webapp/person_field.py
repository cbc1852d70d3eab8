"""The field of a form in which a person is named, as in the table of people."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection

from portfolio.faults import EntryError, Fault
from sync.errors import PersonDecisionError
from sync.identities.finding import everybody


def person_named(store: Connection, form: Mapping[str, str]) -> int:
    """Who is meant. Raises `EntryError`."""
    try:
        return everybody(store).named(" ".join(form.get("person", "").split()), "person")
    except PersonDecisionError as error:
        raise EntryError(Fault("person", str(error).removeprefix("person: "))) from error
