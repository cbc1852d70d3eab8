"""Who is suggested to be one human, and who is not."""

from __future__ import annotations

from random import Random
from time import perf_counter
from typing import Any

from sync.identities.candidates import CROWD, Known, candidates, compare
from sync.identities.names import read_name


def known(ident: int, *names: str, **fields: Any) -> Known:
    given = {key: frozenset(value) for key, value in fields.items()}
    return Known(ident, tuple(map(read_name, names)), **given)


def test_they_come_with_reasons_the_likeliest_first() -> None:
    persons = [
        known(1, "Mia Example", connections={1}, zones={"Europe/Oslo"}),
        known(2, "Example, Mia", connections={2}, zones={"Europe/Oslo"}),
        known(3, "Ned Other", connections={1}, handles={"nother"}),
        known(4, "Nobody", connections={2}, handles={"nother"}),
        known(5, "Mia Example Long", connections={3}),
        known(6, "Иван Петров", connections={1}),
        known(7, "Ivan Petrov", connections={2}),
    ]
    found = candidates(persons)
    assert [(it.one, it.other) for it in found] == [(1, 2), (6, 7), (1, 5), (2, 5), (3, 4)]
    assert found[0].reasons == ("the same name, its parts in another order or spelling", "the same time zone")
    assert all("mia" not in why.casefold() for it in found for why in it.reasons)
    assert [(it.one, it.other) for it in candidates(persons, {(1, 2), (6, 7)})] == [(1, 5), (2, 5), (3, 4)]


def test_what_speaks_against_it_lowers_the_score() -> None:
    one, other = known(1, "Mia Example", connections={1}), known(2, "Mia Example", connections={1})
    same = compare(one, other)
    apart = compare(one, other._replace(connections=frozenset({2})))
    assert same is not None
    assert apart is not None
    assert same.score < apart.score
    assert "but both have an account on the same connection" in same.reasons
    many = candidates([known(ident, "Mia Example", connections={ident}) for ident in range(3)])
    assert [it.score for it in many] == [0.75] * 3
    assert compare(known(1, "Mia"), known(2, "Mia", connections={2})) is not None
    assert compare(known(1, "Mia", connections={2}), known(2, "Mia", connections={2})) is None


def test_a_word_that_everybody_has_suggests_nobody() -> None:
    crowd = [known(ident, "Service Desk", connections={ident}) for ident in range(CROWD + 1)]
    assert candidates(crowd) == []


def test_thousands_of_persons_are_looked_through_in_seconds() -> None:
    random = Random(7)
    sounds = ["ba", "ke", "li", "mo", "nu", "ra", "so", "te", "vi", "zo", "dan", "ler", "mar", "nik"]
    word = lambda: "".join(random.choices(sounds, k=random.randint(2, 3))).title()  # noqa: E731
    first, last = [word() for _ in range(600)], [word() for _ in range(3000)]
    persons = [
        known(ident, f"{random.choice(first)} {random.choice(last)}", connections={ident % 3}) for ident in range(5_000)
    ]
    begun = perf_counter()
    found = candidates(persons)
    assert perf_counter() - begun < 10
    assert found
