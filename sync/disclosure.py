"""What is kept of one person, for that person: what they may ask for, and what may be handed to them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Engine, or_, select, true

from portfolio.audit.append import append
from portfolio.audit.entry import Actor, Subject
from portfolio.audit.seen import Look, looks_at
from portfolio.model.access import User
from portfolio.model.landing import Connection
from portfolio.model.mapping import ItemAttribute, PersonDecision, ProjectField
from portfolio.model.people import Allocation, Calendar, Person, PersonIdentity, Team, TeamMember, TimeOff
from portfolio.model.resources import PersonSkill, PersonTerms, PlannedLoad, RequestStep, ResourceRequest
from portfolio.model.structure import Project
from portfolio.model.work import WorkItem, Worklog
from portfolio.scenario.kept import kept
from portfolio.scenario.naming import read_merged
from portfolio.scenario.settle import whom_of
from portfolio.store.engine import writing
from sync.errors import UnknownPersonError

Rows = Sequence[dict[str, Any]]


class Disclosure(msgspec.Struct, frozen=True, kw_only=True):
    """All that is kept of a person beside the landed payloads, which hold the same as their trackers sent it.

    `email_known` tells that a hash of an address is kept, by which accounts are recognised as one human's. `planned`
    is how full their coming weeks are, for each project that asks for them; `projects` are those they stand for, and as
    what; `attributes` the items of which a field names them; `decisions` what was decided about who they are;
    `scenarios` which operations of scenarios name them, `requests` the steps of requests for people that do.
    """

    person: dict[str, Any]
    identities: Rows
    accounts: Rows
    teams: Rows
    items: Rows
    worklogs: Rows
    terms: Rows
    skills: Rows
    allocations: Rows
    requests: Rows
    time_off: Rows
    planned: Rows
    projects: Rows
    attributes: Rows
    decisions: Rows
    scenarios: Rows
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
        ids = {person_id, *(gone for gone, left in read_merged(store).items() if left == person_id)}
        named: set[int | str] = {*ids}
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
                TeamMember.valid_from,
                TeamMember.valid_to,
                joined=((TeamMember, TeamMember.team_id == Team.id),),
                where=TeamMember.person_id == person_id,
                order=(Team.id, TeamMember.valid_from),
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
            terms=rows(
                PersonTerms.valid_from,
                PersonTerms.valid_to,
                PersonTerms.fte,
                PersonTerms.hours,
                Calendar.name.label("calendar"),
                joined=((Calendar, Calendar.id == PersonTerms.calendar_id),),
                where=PersonTerms.person_id == person_id,
                order=(PersonTerms.valid_from,),
            ),
            skills=rows(
                PersonSkill.skill,
                PersonSkill.level,
                PersonSkill.valid_from,
                where=PersonSkill.person_id == person_id,
                order=(PersonSkill.skill, PersonSkill.valid_from),
            ),
            allocations=rows(
                Allocation.start,
                Allocation.end,
                Allocation.hours_per_day,
                Allocation.percent,
                Allocation.total_hours,
                Allocation.kind,
                Project.name.label("project"),
                joined=((Project, Project.id == Allocation.project_id),),
                where=Allocation.person_id == person_id,
                order=(Allocation.id,),
            ),
            requests=rows(
                RequestStep.at,
                RequestStep.state,
                RequestStep.note,
                RequestStep.over_hours,
                ResourceRequest.role,
                ResourceRequest.start,
                ResourceRequest.end,
                Project.name.label("project"),
                joined=(
                    (ResourceRequest, ResourceRequest.id == RequestStep.request_id),
                    (Project, Project.id == ResourceRequest.project_id),
                ),
                where=RequestStep.person_id == person_id,
                order=(RequestStep.id,),
            ),
            time_off=rows(
                TimeOff.start,
                TimeOff.end,
                TimeOff.fraction,
                TimeOff.origin,
                where=TimeOff.person_id == person_id,
                order=(TimeOff.id,),
            ),
            planned=rows(
                PlannedLoad.week,
                PlannedLoad.load,
                PlannedLoad.over_days,
                Project.name.label("project"),
                joined=((Project, Project.id == PlannedLoad.project_id),),
                where=PlannedLoad.person_id == person_id,
                order=(PlannedLoad.week, PlannedLoad.project_id),
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
            scenarios=[
                # What it is called, and whom else it names, is its owner's to tell.
                {"scenario": it.id, "operation": type(operation).__struct_config__.tag}
                for it in kept(store, true())
                for operation in it.operations
                if named & set(whom_of(operation))
            ],
            looked_at=looks_at(store, ids),
        )
        append(store, now, by, "person.exported", Subject("person", person_id))
    return found
