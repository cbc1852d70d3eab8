"""Skills as of a day: what was told last counts, and a role's need is met by active persons."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import update

from portfolio.audit.entry import SYSTEM
from portfolio.capacity.skills import ask_skill, tell_skill
from portfolio.faults import EntryError
from portfolio.model.people import Person
from portfolio.resources.coverage import Coverage, by_level, coverage, skills_on
from tests.portfolio.builders import World

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
TODAY, MAY, JULY = date(2026, 3, 2), date(2026, 5, 1), date(2026, 7, 1)


def test_what_was_told_last_counts_and_who_is_gone_does_not(world: World) -> None:
    store = world.connection
    ada, ben, cy = (world.person(name) for name in ("Ada", "Ben", "Cy"))
    store.execute(update(Person).where(Person.id.in_([ada, ben])).values(role="Lead"))

    def tell(who: int, level: int, day: date) -> bool:
        return tell_skill(store, who, "Go", level, day, NOW, SYSTEM)

    assert tell(ada, 3, TODAY)
    assert not tell(ada, 3, MAY)
    assert tell(ada, 5, MAY)
    assert tell(ben, 4, MAY)
    assert tell(ben, 0, JULY)
    assert tell(cy, 5, TODAY)
    assert ask_skill(store, "Lead", "Go", 4, NOW, SYSTEM, confirmed=True)
    assert not ask_skill(store, "Lead", "Go", 4, NOW, SYSTEM, confirmed=True)
    met = {day: coverage(store, day)[0] for day in (TODAY, MAY, JULY)}
    assert {day: it.persons for day, it in met.items()} == {TODAY: 1, MAY: 3, JULY: 2}
    assert [it.covered for it in met.values()] == [False, True, True]
    assert by_level(skills_on(store, MAY)) == {"Go": {5: 2, 4: 1}}
    assert [(it.name, it.level, it.since) for it in skills_on(store, JULY, ada)] == [("Ada", 5, MAY)]
    store.execute(update(Person).where(Person.id == ada).values(active=False))
    assert coverage(store, MAY) == [Coverage("Lead", "Go", 4, 2)]
    assert ask_skill(store, "Lead", "Go", 0, NOW, SYSTEM)
    assert coverage(store, MAY) == []
    for wrong in ((ada, "", 1), (ada, "a\u202eb", 1), (ada, "Go", 6), (10**6, "Go", 1)):
        with pytest.raises(EntryError):
            tell_skill(store, *wrong, TODAY, NOW, SYSTEM)
