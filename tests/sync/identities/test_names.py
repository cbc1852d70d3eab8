"""How alike names are: in any order and script, and honestly no further."""

from __future__ import annotations

import pytest

from sync.identities.names import handle_likeness, likeness, read_name


@pytest.mark.parametrize(
    ("one", "other", "least"),
    [
        ("Mia Example", "mia  example", 0.9),
        ("Mia Example", "Example, Mia", 0.88),
        ("José Núñez", "Jose Nunez", 0.85),
        ("Jürgen Müller", "Juergen Mueller", 0.75),
        ("Dr. Mia Example (ext.)", "Example Mia", 0.85),
        ("Иван Петров", "Ivan Petrov", 0.8),
        ("Петров Иван Сергеевич", "Ivan Petrov", 0.6),
        ("Александр Щукин", "Alexander Shchukin", 0.6),
        ("Юрий Гагарин", "Yuri Gagarin", 0.6),
        ("Νίκος Παπαδόπουλος", "Nikos Papadopoulos", 0.6),
        ("王小明", "Xiaoming Wang", 0.8),
        ("Mia Anna Example", "Mia Example", 0.7),
        ("M. Example", "Mia Example", 0.6),
        ("Cristina Alvarez", "Christina Alvarez", 0.6),
        ("Mia Exampel", "Mia Example", 0.6),
    ],
)
def test_one_human(one: str, other: str, least: float) -> None:
    for pair in ((one, other), (other, one)):
        found = likeness(*map(read_name, pair))
        assert found is not None
        assert found.score >= least


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Mia Example", "Ned Example"),
        ("Maria Garcia", "Mario Lopez"),
        ("M. Example", "N. Example"),
        ("M. E.", "Mia Example"),
        ("Anna", "Anna Example"),
        ("Ivan Petrov", "Ivan Sidorov"),
        ("Jan Li", "Jan Lu"),
        ("", "Mia Example"),
        ("!!!", "???"),
        ("Anna Schmidt", "Hanna Schmitz"),
    ],
)
def test_two_humans(one: str, other: str) -> None:
    assert likeness(read_name(one), read_name(other)) is None


def test_a_short_name_may_be_made_of_a_name() -> None:
    name = read_name("Mia Example")
    for handle in ("mexample", "mia.example", "example-mia", "miae", "MiaExample", "example.m"):
        assert handle_likeness(handle, name) is not None, handle
    for handle in ("mia", "nexample", "admin", "", "7", "me"):
        assert handle_likeness(handle, name) is None, handle
