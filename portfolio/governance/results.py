"""What rules found, as rows that hold until they change.

The newest row of a rule and a project holds until `FAR`. What is found again costs a comparison and no write; anything
else ends the row and begins another. What a row said of other days is never touched, a changed rule changes no past.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Any, NamedTuple, cast

import msgspec
from sqlalchemy import Connection, Table, bindparam, delete, select, update

from portfolio.governance.judging import Before
from portfolio.model.base import FAR
from portfolio.model.governance import RuleResult
from portfolio.store.upsert import insert_values

_TABLE = cast(Table, RuleResult.__table__)
SAID = ("outcome", "observed", "first_failed_on", "severity", "in_grace", "step", "settings_number")
"""What makes one result different from another."""
_NEW = tuple(f"new_{name}" for name in SAID)
_COLUMNS = ("rule", "project_id", "as_of", "until", *SAID, "computed_at")
AT_ONCE = 400

Place = tuple[str, int]
"""A rule by its code, and a project."""


class Result(NamedTuple):
    """A result as it is kept; the fields are `SAID`. `observed` is JSON."""

    outcome: str
    observed: str
    first_failed_on: date | None
    severity: str
    in_grace: bool
    step: int
    settings_number: int | None

    @property
    def before(self) -> Before:
        """What it says to whoever judges next."""
        return Before(self.outcome, msgspec.json.decode(self.observed), self.first_failed_on)


class Standing(NamedTuple):
    """The row that holds now."""

    id: int
    as_of: date
    result: Result


def standing(connection: Connection, project_ids: Collection[int] | None = None) -> dict[Place, Standing]:
    """The rows that hold now, of all projects or of these."""
    query = select(_TABLE.c.rule, _TABLE.c.project_id, _TABLE.c.id, _TABLE.c.as_of, *(_TABLE.c[it] for it in SAID))
    query = query.where(_TABLE.c.until == FAR)
    if project_ids is not None:
        query = query.where(_TABLE.c.project_id.in_(project_ids))
    return {
        (rule, project_id): Standing(ident, as_of, Result(*said))
        for rule, project_id, ident, as_of, *said in connection.execute(query)
    }


def keep(
    connection: Connection,
    day: date,
    there: Mapping[Place, Standing],
    found: Mapping[Place, Result],
    now: datetime,
) -> set[int]:
    """Keep what was found for a day in place of what stands; returns the projects of which something changed.

    What stands and was not found again (the rule is off, the project is fed no more) ends.
    """
    ended: list[dict[str, Any]] = []
    corrected: list[dict[str, Any]] = []
    dropped: list[int] = []
    fresh: list[tuple[Any, ...]] = []
    changed = {place[1] for place in there.keys() | found.keys() if _said(there, place) != found.get(place)}
    for place, row in there.items():
        if row.as_of < day:
            if found.get(place) != row.result:
                ended.append({"row": row.id, "day": day})
        # The day's own row is corrected: a day is not over before its end.
        elif place not in found:
            dropped.append(row.id)
        elif found[place] != row.result:
            corrected.append({"row": row.id, "at": now} | dict(zip(_NEW, found[place], strict=True)))
    for place, result in found.items():
        if place not in there or (there[place].as_of < day and there[place].result != result):
            fresh.append((*place, day, FAR, *result, now))
    for first in range(0, len(dropped), AT_ONCE):
        connection.execute(delete(_TABLE).where(_TABLE.c.id.in_(dropped[first : first + AT_ONCE])))
    if corrected:
        new: dict[str, Any] = dict(zip(SAID, map(bindparam, _NEW), strict=True))
        own = update(_TABLE).where(_TABLE.c.id == bindparam("row"))
        connection.execute(own.values(computed_at=bindparam("at"), **new), corrected)
    if ended:
        connection.execute(update(_TABLE).where(_TABLE.c.id == bindparam("row")).values(until=bindparam("day")), ended)
    insert_values(connection, _TABLE, _COLUMNS, fresh)
    return changed


def _said(there: Mapping[Place, Standing], place: Place) -> Result | None:
    return there[place].result if place in there else None
