"""A tracker whose words are not all understood, synced: what the pages of the mapping are looked at with."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Engine

from connector.protocol import Stream
from connector.records import Category, FieldRecord, LinkRecord, LinkTypeRecord, Membership, StatusUpdateRecord
from tests.sync.builders import Tracker, at, item, project

DOING = Category.IN_PROGRESS
ODD = ("Pondering", "Brooding", "Vendor Revew", "Wartet auf Kunde")


def fill_studio(engine: Engine, now: datetime, name: str = "Jira EU") -> Tracker:
    """Two projects; statuses, a type, a link, a label, a field and a reported word that wait for a meaning."""
    tracker = Tracker(engine, name)
    tracker.now = now
    link = LinkRecord(external_id="l1", type_name="Feeds", phrase="feeds", outward=True, other_id="2")
    free = {"status_id": None}
    doing = {"status_category": DOING, **free}
    tracker.put(Stream.PROJECTS, project(name="Customer portal"), project("P2", name="Warehouse control"))
    tracker.put(Stream.LINK_TYPES, LinkTypeRecord(external_id="9", name="Feeds", outward="feeds", inward="is fed by"))
    tracker.put(
        Stream.FIELDS,
        FieldRecord(external_id="f1", name="Effort in days", type="number"),
        FieldRecord(external_id="f2", name="Severity", type="option"),
        FieldRecord(external_id="f3", name="Cost centre <b>", type="string"),
    )
    fields = {"f1": 3.0, "f2": "Major", "f3": "4711"}
    tracker.put(
        Stream.ITEMS,
        item("1", status_name="Pondering", links=(link,), labels=("tmpl:Risk-Register",), fields=fields, **free),
        item("2", status_name="Pondering", memberships=(Membership("P2"),), fields=fields, **free),
        item("3", status_name="Brooding", **free),
        item("4", status_name="Vendor Revew", fields=fields, **doing),
        item("5", status_name="Wartet auf Kunde", **doing),
        item("6", kind_id="77", kind_name="Anforderungen"),
        item("7", kind_id="78", kind_name="<script>alert(1)</script>"),
        item("8", memberships=()),
        item("9", status_name="Done", status_category=Category.DONE, resolved_at=at("2026-02-20"), **free),
    )
    said = StatusUpdateRecord(
        external_id="u1", project_id="P1", status="on trak", title="Week 9", created=at("2026-02-27")
    )
    tracker.put(Stream.STATUS_UPDATES, said).sync()
    return tracker
