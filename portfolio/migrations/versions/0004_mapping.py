"""The mapping in versions, overlay fields, and who is who."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy import ColumnElement
from sqlalchemy.types import TypeEngine

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)

# In order of creation.
TABLES = (
    "mapping_version",
    "mapping_preview",
    "field_sample",
    "item_attribute",
    "item_template",
    "item_claim",
    "project_field",
    "person_decision",
    "person_apart",
)
Column = tuple[str, TypeEngine[Any]]
ADDED: dict[str, tuple[Column, ...]] = {
    "connection": (("setup", sa.String()), ("mapping_number", sa.Integer())),
    "mapping_profile": (("mapping_number", sa.Integer()),),
    "work_item": (("mapped_hash", sa.LargeBinary(16)), ("home", sa.String()), ("source", sa.String())),
    "project_ref": (("within", sa.String()), ("own_project_id", BIG)),
    "kpi_value": (("mapping_number", sa.Integer()),),
    "person": (("manager_id", BIG), ("segment", sa.String()), ("seniority", sa.String()), ("location", sa.String())),
    "person_identity": (("handle", sa.String()),),
    "project": (("benefits_owner_id", BIG),),
}
# With what the rows that are there already get.
FILLED: dict[str, tuple[tuple[str, TypeEngine[Any], str | ColumnElement[bool]], ...]] = {
    "person": (("origin", sa.String(), "tracker"),),
    "project": (("fed", sa.Boolean(), sa.true()),),
    "project_ref": (("source", sa.String(), "project"), ("is_primary", sa.Boolean(), sa.true())),
}
REFERENCES = {
    "person": ("manager_id", "person"),
    "project": ("benefits_owner_id", "person"),
    "project_ref": ("own_project_id", "project"),
}
# Up to now a source was a tracker's project, and an item counted to the one it is in.
HOMES = """
    UPDATE work_item SET home = (
        SELECT min(project_ref.external_id) FROM project_ref
        WHERE project_ref.project_id = work_item.project_id AND project_ref.connection_id = work_item.connection_id
    )
"""


def upgrade() -> None:
    for table, columns in ADDED.items():
        with op.batch_alter_table(table) as batch:
            for name, kind in columns:
                batch.add_column(sa.Column(name, kind, nullable=True))
            if table in REFERENCES:
                own, other = REFERENCES[table]
                batch.create_foreign_key(f"fk_{table}_{own}_{other}", other, [own], ["id"])
    for table, filled in FILLED.items():
        with op.batch_alter_table(table) as batch:
            for name, kind, value in filled:
                batch.add_column(sa.Column(name, kind, nullable=False, server_default=value))
        with op.batch_alter_table(table) as batch:
            for name, _, _ in filled:
                batch.alter_column(name, server_default=None)
    with op.batch_alter_table("project_ref") as batch:
        batch.alter_column("project_id", existing_type=BIG, nullable=True)
    for statement in (
        "UPDATE project_ref SET own_project_id = project_id",
        HOMES,
        "UPDATE work_item SET source = home",
    ):
        op.execute(sa.text(statement))
    _versions()
    _values()


def _versions() -> None:
    op.create_table(
        "mapping_version",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("based_on", sa.Integer(), nullable=True),
        sa.Column("restores", sa.Integer(), nullable=True),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("edited_by", sa.String(), nullable=False),
        sa.Column("edited_at", INSTANT, nullable=False),
        sa.Column("editors", sa.String(), nullable=False),
        sa.Column("approved_by", sa.String(), nullable=True),
        sa.Column("approved_at", INSTANT, nullable=True),
        sa.Column("self_approved", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_mapping_version"),
        sa.UniqueConstraint("number", name="uq_mapping_version_number"),
    )
    op.create_table(
        "mapping_preview",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("version_id", BIG, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("done", BIG, nullable=False),
        sa.Column("total", BIG, nullable=False),
        sa.Column("asked_by", sa.String(), nullable=False),
        sa.Column("asked_at", INSTANT, nullable=False),
        sa.Column("beat_at", INSTANT, nullable=True),
        sa.Column("finished_at", INSTANT, nullable=True),
        sa.Column("cancel_by", sa.String(), nullable=True),
        sa.Column("error", sa.String(), nullable=True),
        sa.Column("result", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_mapping_preview"),
        sa.ForeignKeyConstraint(
            ["version_id"], ["mapping_version.id"], name="fk_mapping_preview_version_id_mapping_version"
        ),
    )
    op.create_index("ix_mapping_preview_version_id_revision", "mapping_preview", ["version_id", "revision"])
    op.create_table(
        "person_decision",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("person_id", BIG, nullable=False),
        sa.Column("other_id", BIG, nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("score", sa.Double(), nullable=True),
        sa.Column("reasons", sa.String(), nullable=False),
        sa.Column("decided_by", sa.String(), nullable=False),
        sa.Column("decided_at", INSTANT, nullable=False),
        sa.Column("undone_by", sa.String(), nullable=True),
        sa.Column("undone_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_person_decision"),
    )
    op.create_index("ix_person_decision_person_id", "person_decision", ["person_id"])
    op.create_index("ix_person_decision_other_id", "person_decision", ["other_id"])
    op.create_table(
        "person_apart",
        sa.Column("decision_id", BIG, nullable=False),
        sa.Column("person_id", BIG, nullable=False),
        sa.Column("other_id", BIG, nullable=False),
        sa.PrimaryKeyConstraint("decision_id", "person_id", name="pk_person_apart"),
        sa.ForeignKeyConstraint(
            ["decision_id"], ["person_decision.id"], name="fk_person_apart_decision_id_person_decision"
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_person_apart_person_id_person"),
        sa.ForeignKeyConstraint(["other_id"], ["person.id"], name="fk_person_apart_other_id_person"),
    )
    op.create_index("ix_person_apart_other_id", "person_apart", ["other_id"])


def _values() -> None:
    op.create_table(
        "field_sample",
        sa.Column("connection_id", BIG, nullable=False),
        sa.Column("field_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("filled", sa.Integer(), nullable=False),
        sa.Column("sampled", sa.Integer(), nullable=False),
        sa.Column("examples", sa.String(), nullable=False),
        sa.Column("first_seen_at", INSTANT, nullable=False),
        sa.Column("sampled_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("connection_id", "field_id", name="pk_field_sample"),
        sa.ForeignKeyConstraint(["connection_id"], ["connection.id"], name="fk_field_sample_connection_id_connection"),
    )
    op.create_table(
        "item_attribute",
        sa.Column("item_id", BIG, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("number", sa.Numeric(24, 6), nullable=True),
        sa.Column("currency", sa.String(), nullable=True),
        sa.Column("text", sa.String(), nullable=True),
        sa.Column("day", sa.Date(), nullable=True),
        sa.Column("person_id", BIG, nullable=True),
        sa.PrimaryKeyConstraint("item_id", "name", name="pk_item_attribute"),
        sa.ForeignKeyConstraint(["item_id"], ["work_item.id"], name="fk_item_attribute_item_id_work_item"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_item_attribute_person_id_person"),
    )
    op.create_table(
        "item_template",
        sa.Column("item_id", BIG, nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("evidence", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("item_id", "code", name="pk_item_template"),
        sa.ForeignKeyConstraint(["item_id"], ["work_item.id"], name="fk_item_template_item_id_work_item"),
    )
    op.create_table(
        "item_claim",
        sa.Column("connection_id", BIG, nullable=False),
        sa.Column("external_id", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("connection_id", "external_id", "source", name="pk_item_claim"),
        sa.ForeignKeyConstraint(["connection_id"], ["connection.id"], name="fk_item_claim_connection_id_connection"),
    )
    op.create_table(
        "project_field",
        sa.Column("project_id", BIG, nullable=False),
        sa.Column("field", sa.String(), nullable=False),
        sa.Column("told", sa.String(), nullable=True),
        sa.Column("told_person_id", BIG, nullable=True),
        sa.Column("told_by", BIG, nullable=True),
        sa.Column("told_at", INSTANT, nullable=True),
        sa.Column("entered", sa.String(), nullable=True),
        sa.Column("entered_person_id", BIG, nullable=True),
        sa.Column("entered_by", sa.String(), nullable=True),
        sa.Column("entered_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("project_id", "field", name="pk_project_field"),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name="fk_project_field_project_id_project"),
        sa.ForeignKeyConstraint(["told_by"], ["connection.id"], name="fk_project_field_told_by_connection"),
        sa.ForeignKeyConstraint(["told_person_id"], ["person.id"], name="fk_project_field_told_person_id_person"),
        sa.ForeignKeyConstraint(["entered_person_id"], ["person.id"], name="fk_project_field_entered_person_id_person"),
    )
    _told_so_far()


def _told_so_far() -> None:
    """What projects have of the overlay fields came from a tracker: a sync that finds it unchanged does not say it
    again."""
    project = sa.table("project", *map(sa.column, ("id", "manager_id", "start", "due")))
    ref = sa.table("project_ref", *map(sa.column, ("project_id", "connection_id")))
    kept = sa.table(
        "project_field", *map(sa.column, ("project_id", "field", "told", "told_person_id", "told_by", "told_at"))
    )
    nothing = sa.null()
    for field, column in (("manager", project.c.manager_id), ("start", project.c.start), ("due", project.c.due)):
        text = nothing if field == "manager" else sa.cast(column, sa.String())
        person = column if field == "manager" else nothing
        first = sa.func.min(ref.c.connection_id)
        told = sa.select(project.c.id, sa.literal(field), text, person, first, sa.func.current_timestamp())
        told = told.join_from(project, ref, ref.c.project_id == project.c.id).where(column.is_not(None))
        op.execute(sa.insert(kept).from_select(kept.c.keys(), told.group_by(project.c.id, column)))


def downgrade() -> None:
    for name in reversed(TABLES):
        op.drop_table(name)
    op.execute(sa.text("UPDATE project_ref SET project_id = own_project_id WHERE project_id IS NULL"))
    op.execute(sa.text("DELETE FROM project_ref WHERE project_id IS NULL"))
    with op.batch_alter_table("project_ref") as batch:
        batch.alter_column("project_id", existing_type=BIG, nullable=False)
    for table, filled in FILLED.items():
        with op.batch_alter_table(table) as batch:
            for name, _, _ in filled:
                batch.drop_column(name)
    for table, columns in ADDED.items():
        with op.batch_alter_table(table) as batch:
            if table in REFERENCES:
                own, other = REFERENCES[table]
                batch.drop_constraint(f"fk_{table}_{own}_{other}", type_="foreignkey")
            for name, _ in columns:
                batch.drop_column(name)
