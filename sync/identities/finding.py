"""Everybody, by all that a table may call them: number, address, short name, or a name that only one person has."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from sqlalchemy import Connection, select

from portfolio.model.people import Erasure, Person, PersonIdentity
from sync.errors import PersonDecisionError
from sync.people import email_hash

WHO = ("number", "email", "handle", "name")
"""The columns that say who a row is about (`sync.identities.headings`), in the order in which they are asked."""


class Finder:
    """Some persons, given by number and name, by all that a table may call them."""

    def __init__(self, store: Connection, names: Mapping[int, str]) -> None:
        self._names = names
        self._by: dict[str, dict[str, set[int]]] = defaultdict(lambda: defaultdict(set))
        for who, name in names.items():
            self._by["name"][fold(name)].add(who)
        columns = (PersonIdentity.person_id, PersonIdentity.email_hash, PersonIdentity.handle)
        known = [(who, trace, handle) for who, trace, handle in store.execute(select(*columns)) if who is not None]
        known += [(who, trace, None) for who, trace in store.execute(select(Person.id, Person.email_hash))]
        for who, trace, handle in known:
            if who in names:
                if trace:
                    self._by["email"][trace].add(who)
                if handle:
                    self._by["handle"][fold(handle)].add(who)

    def find(self, row: Mapping[str, str]) -> tuple[str | None, int | None]:
        """By what the person of a row was found, and their number; None where nobody is called so.

        `row` has its cells by `WHO`. Raises `PersonDecisionError` where several are meant, or a cell names nobody.
        """
        number = row.get("number", "")
        if number:
            if not number.isascii() or not number.isdecimal() or len(number) > 18:
                raise PersonDecisionError(f"number: {number[:40]!r} is no number of a person.")
            if int(number) not in self._names:
                raise PersonDecisionError(f"number: there is no person {number}, or they were erased.")
            return "number", int(number)
        address = row.get("email", "")
        trace = email_hash(address)
        if address and trace is None:
            raise PersonDecisionError(f"email: {address[:60]!r} is no address.")
        told = (("email", trace), ("handle", fold(row.get("handle", ""))))
        for how, text in told:
            who = self._by[how].get(text, set()) if text else set()
            if who:
                return how, _only(who, how)
        if any(text for _, text in told):
            # Whoever has the name may be another human: that is for a person to decide.
            return None, None
        same = self._by["name"].get(fold(row.get("name", "")), set())
        return ("name", _only(same, "name")) if same else (None, None)

    def named(self, text: str, column: str, added: Mapping[str, set[int]] | None = None) -> int:
        """The one person that a text names: a number, an address, a whole name, else a short name.

        `added` are further persons by address (hashed) or folded name. Raises `PersonDecisionError`, which names the
        column.
        """
        if text.isascii() and text.isdecimal() and len(text) < 19 and int(text) in self._names:
            return int(text)
        trace = email_hash(text)
        key = trace or fold(text)
        who = self._by["email" if trace else "name"].get(key, set()) | (added or {}).get(key, set())
        if not trace and not who:
            who = self._by["handle"].get(key, set())
        if who:
            return _only(who, column, "Give the number.")
        raise PersonDecisionError(f"{column}: nobody is {text[:60]!r}. Give a number, an address or a whole name.")


def names(store: Connection) -> dict[int, str]:
    """The names of all who were not erased."""
    query = select(Person.id, Person.name).where(Person.id.not_in(select(Erasure.person_id)))
    return dict(store.execute(query).all())


def everybody(store: Connection) -> Finder:
    """All who were not erased."""
    return Finder(store, names(store))


def fold(text: str) -> str:
    """A name or handle as it is compared."""
    return " ".join(text.casefold().split())


def _only(who: Iterable[int], how: str, remedy: str = "Add a column number.") -> int:
    found = sorted(who)
    if len(found) > 1:
        several = ", ".join(map(str, found[:5]))
        raise PersonDecisionError(f"{how}: several persons have it ({several}). {remedy}")
    return found[0]
