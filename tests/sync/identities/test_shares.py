"""Shares of teams by day: by hand from a day on, by a tracker as its syncs see them, through merges and back."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import numpy as np
import pytest
from sqlalchemy import Engine, event, insert, select

from portfolio.model.base import EVER, FAR
from portfolio.model.people import Team, TeamMember
from portfolio.resources.groups import Grouping, groups_of, groups_over
from portfolio.store.engine import reading, writing
from sync.identities.deciding import Pair, merge
from sync.identities.details import change_details, read_details
from sync.identities.shares import ShareSpan, all_shares, write_shares
from sync.identities.undoing import undo
from sync.write.members import write_members
from tests.sync.identities.test_decisions import WHO
from tests.webapp.builders import Rows

TODAY, MAY, JULY = date(2026, 3, 2), date(2026, 5, 1), date(2026, 7, 1)
SOME, MOST = Decimal("0.4"), Decimal("0.8")
Span = tuple[str, int, date, date]


@pytest.fixture
def team(engine: Engine) -> tuple[int, int, int]:
    """A team of a tracker, Ada and Ben."""
    with writing(engine) as store:
        add = Rows(store)
        blue = add.add(Team, name="Blue", connection_id=add.connection(), external_id="b")
        return blue, add.person("Ada"), add.person("Ben")


def spans(engine: Engine) -> list[Span]:
    it = TeamMember
    with reading(engine) as store:
        query = select(Team.name, it.person_id, it.valid_from, it.valid_to).join(Team, Team.id == it.team_id)
        return [tuple(row) for row in store.execute(query.order_by(Team.name, it.person_id, it.valid_from))]


def test_a_tracker_says_who_is_in_a_team_and_its_syncs_since_when(engine: Engine, team: tuple[int, int, int]) -> None:
    blue, ada, ben = team

    def sync(day: date, *members: int, known: bool = True) -> None:
        with writing(engine) as store:
            write_members(store, [blue], [blue] if known else [], [(blue, who) for who in members], day)

    sync(TODAY, ada, known=False)
    assert spans(engine) == [("Blue", ada, EVER, FAR)]
    said: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda *told: said.append(told[2].split()[0]))
    sync(MAY, ada)
    assert not set(said) & {"INSERT", "UPDATE", "DELETE"}
    sync(MAY, ben)
    assert spans(engine) == [("Blue", ada, EVER, MAY), ("Blue", ben, MAY, FAR)]
    sync(MAY, ada)
    assert spans(engine) == [("Blue", ada, EVER, MAY), ("Blue", ada, MAY, FAR)]
    sync(JULY)
    assert spans(engine) == [("Blue", ada, EVER, MAY), ("Blue", ada, MAY, JULY)]


def test_by_hand_a_share_holds_from_a_day_on_and_what_was_before_stays(
    engine: Engine, team: tuple[int, int, int]
) -> None:
    _, ada, _ = team
    with writing(engine) as store:
        write_shares(store, {ada: (("Green", SOME), ("Red", SOME))}, TODAY)
        write_shares(store, {ada: (("Green", MOST), ("Red", SOME))}, TODAY, MAY)
        write_shares(store, {ada: (("Green", MOST),)}, TODAY, JULY)
    with reading(engine) as store:
        assert all_shares(store, ada) == (
            ShareSpan("Green", EVER, MAY, SOME),
            ShareSpan("Red", EVER, JULY, SOME),
            ShareSpan("Green", MAY, FAR, MOST),
        )
        now = read_details(store, TODAY)[ada]
    assert now.teams == (("Green", SOME), ("Red", SOME))
    when = datetime(2026, 3, 2, 9, tzinfo=UTC)
    # Something else that is entered leaves the shares with their days.
    assert change_details(engine, ada, now._replace(role="Lead"), when, WHO[-1])
    with reading(engine) as store:
        assert len(all_shares(store, ada)) == 3
    assert change_details(engine, ada, now._replace(role="Lead", teams=()), when, WHO[-1], MAY)
    with reading(engine) as store:
        assert [it.until for it in all_shares(store, ada)] == [MAY, MAY]


def test_two_persons_in_one_team_who_are_one_are_in_it_once_and_come_back(
    engine: Engine, team: tuple[int, int, int]
) -> None:
    blue, ada, ben = team
    with writing(engine) as store:
        rows = [(blue, ada, EVER, MAY), (blue, ada, JULY, FAR), (blue, ben, MAY, FAR)]
        for team_id, who, first, until in rows:
            span = {"valid_from": first, "valid_to": until}
            store.execute(insert(TeamMember).values(team_id=team_id, person_id=who, **span))
        write_shares(store, {ben: (("Green", SOME),)}, TODAY)
    before = spans(engine)
    [made] = merge(engine, [Pair(ben, ada)], *WHO)
    assert spans(engine) == [("Blue", ada, EVER, MAY), ("Blue", ada, JULY, FAR), ("Green", ada, EVER, FAR)]
    undo(engine, made, *WHO)
    assert spans(engine) == before


def test_load_of_a_team_takes_the_share_of_the_first_day_of_each_column(
    engine: Engine, team: tuple[int, int, int]
) -> None:
    blue, ada, ben = team
    with writing(engine) as store:
        store.execute(insert(TeamMember).values(team_id=blue, person_id=ada, share=SOME, valid_to=MAY))
        store.execute(insert(TeamMember).values(team_id=blue, person_id=ben))
        persons = np.array([ada, ben])
        over = groups_over(store, Grouping.TEAM, persons, [TODAY, MAY, JULY])
        assert [tuple(group) for group in over] == [
            ("Blue", {0: (0.4, 0.0, 0.0), 1: 1.0}),
            (None, {0: (0.0, 1.0, 1.0)}),
        ]
        for place, day in enumerate((TODAY, MAY, JULY)):
            told = {group.name: group.members for group in groups_of(store, Grouping.TEAM, persons, day)}
            for name, members in over:
                on_day = {who: share if isinstance(share, float) else share[place] for who, share in members.items()}
                assert {who: share for who, share in on_day.items() if share} == told.get(name, {})
