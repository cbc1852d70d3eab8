"""What is kept of one person, for that person: what they may ask for, and what may be handed to them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Engine, or_, select

from portfolio.audit.append import append
from portfolio.audit.entry import Actor, Subject
from portfolio.audit.seen import Look, looks_at
from portfolio.model.access import User
from portfolio.model.landing import Connection
from portfolio.model.mapping import ItemAttribute, PersonDecision, ProjectField
from portfolio.model.people import Allocation, Person, PersonIdentity, Team, TeamMember, TimeOff
from portfolio.model.structure import Project
from portfolio.model.work import WorkItem, Worklog
from portfolio.store.engine import writing
from sync.errors import UnknownPersonError

Rows = Sequence[dict[str, Any]]


class Disclosure(msgspec.Struct, frozen=True, kw_only=True):
    """All that is kept of a person beside the landed payloads, which hold the same as their trackers sent it.

    `email_known` tells that a hash of an address is kept, by which accounts are recognised as one human's. `projects`
    are those they stand for, and as what; `attributes` the items of which a field names them; `decisions` what was
    decided about who they are.
    """

    person: dict[str, Any]
    identities: Rows
    accounts: Rows
    teams: Rows
    items: Rows
    worklogs: Rows
    allocations: Rows
    time_off: Rows
    projects: Rows
    attributes: Rows
    decisions: Rows
    looked_at: Sequence[Look]


def disclose(engine: Engine, person_id: int, now: datetime, by: Actor) -> Disclosure:
    """Gather it, and note that it was. Raises `UnknownPersonError`."""
    with writing(engine) as store:

        def rows(*columns: Any, **others: Any) -> Rows:
            query = select(*columns)
            for table, on in others.get("joined", ()):
                query = query.outerjoin(table, on)
            found = store.execute(query.where(others["where"]).order_by(*others["order"]))
            return [dict(row) for row in found.mappings()]

        person = rows(
            Person.id,
            Person.name,
            Person.active,
            Person.role,
            Person.fte,
            Person.manager_id,
            Person.segment,
            Person.seniority,
            Person.location,
            Person.email_hash.is_not(None).label("email_known"),
            where=Person.id == person_id,
            order=(Person.id,),
        )
        if not person:
            raise UnknownPersonError(person_id)
        found = Disclosure(
            person=person[0],
            identities=rows(
                Connection.name.label("connection"),
                PersonIdentity.external_id,
                PersonIdentity.name,
                PersonIdentity.active,
                PersonIdentity.time_zone,
                PersonIdentity.handle,
                joined=((Connection, Connection.id == PersonIdentity.connection_id),),
                where=PersonIdentity.person_id == person_id,
                order=(PersonIdentity.id,),
            ),
            accounts=rows(
                User.id,
                User.name,
                User.origin,
                User.active,
                User.created_at,
                User.last_sign_in_at,
                where=User.person_id == person_id,
                order=(User.id,),
            ),
            teams=rows(
                Team.name,
                TeamMember.share,
                joined=((TeamMember, TeamMember.team_id == Team.id),),
                where=TeamMember.person_id == person_id,
                order=(Team.id,),
            ),
            items=rows(
                WorkItem.key,
                WorkItem.title,
                WorkItem.status,
                WorkItem.due,
                WorkItem.url,
                Project.name.label("project"),
                joined=((Project, Project.id == WorkItem.project_id),),
                where=WorkItem.assignee_id == person_id,
                order=(WorkItem.id,),
            ),
            worklogs=rows(
                Worklog.work_date,
                Worklog.seconds,
                WorkItem.key.label("item"),
                joined=((WorkItem, WorkItem.id == Worklog.item_id),),
                where=Worklog.person_id == person_id,
                order=(Worklog.id,),
            ),
            allocations=rows(
                Allocation.start,
                Allocation.end,
                Allocation.hours_per_day,
                Allocation.percent,
                Allocation.total_hours,
                Project.name.label("project"),
                joined=((Project, Project.id == Allocation.project_id),),
                where=Allocation.person_id == person_id,
                order=(Allocation.id,),
            ),
            time_off=rows(
                TimeOff.start, TimeOff.end, TimeOff.fraction, where=TimeOff.person_id == person_id, order=(TimeOff.id,)
            ),
            projects=rows(
                Project.name.label("project"),
                ProjectField.field,
                (ProjectField.entered_person_id == person_id).label("entered"),
                joined=((Project, Project.id == ProjectField.project_id),),
                where=or_(ProjectField.told_person_id == person_id, ProjectField.entered_person_id == person_id),
                order=(ProjectField.project_id, ProjectField.field),
            ),
            attributes=rows(
                WorkItem.key.label("item"),
                ItemAttribute.name,
                joined=((WorkItem, WorkItem.id == ItemAttribute.item_id),),
                where=ItemAttribute.person_id == person_id,
                order=(ItemAttribute.item_id, ItemAttribute.name),
            ),
            decisions=rows(
                PersonDecision.kind,
                PersonDecision.reasons,
                PersonDecision.score,
                PersonDecision.decided_at,
                PersonDecision.undone_at,
                where=or_(PersonDecision.person_id == person_id, PersonDecision.other_id == person_id),
                order=(PersonDecision.id,),
            ),
            looked_at=looks_at(store, person_id),
        )
        append(store, now, by, "person.exported", Subject("person", person_id))
    return found
