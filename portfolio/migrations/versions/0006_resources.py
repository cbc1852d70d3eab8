"""How persons work, from which day on."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
SHARE = sa.Numeric(5, 3)
EVER, FAR = "0001-01-01", "9999-12-31"

# What was told of a person held for all time.
MOVED = """
    INSERT INTO person_terms (person_id, valid_from, valid_to, calendar_id, fte)
    SELECT id, '0001-01-01', '9999-12-31', calendar_id, fte FROM person WHERE fte <> 1 OR calendar_id IS NOT NULL"""
# Going back: what holds last.
MOVED_BACK = """
    UPDATE person SET
      fte = (SELECT fte FROM person_terms WHERE person_id = person.id ORDER BY valid_from DESC LIMIT 1),
      calendar_id = (SELECT calendar_id FROM person_terms WHERE person_id = person.id ORDER BY valid_from DESC LIMIT 1)
    WHERE id IN (SELECT person_id FROM person_terms)"""

Body = dict[str, Any]


def upgrade() -> None:
    op.create_table(
        "person_terms",
        sa.Column("person_id", BIG, nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=False),
        sa.Column("calendar_id", BIG, nullable=True),
        sa.Column("fte", SHARE, nullable=False),
        sa.PrimaryKeyConstraint("person_id", "valid_from", name="pk_person_terms"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_person_terms_person_id_person"),
        sa.ForeignKeyConstraint(["calendar_id"], ["calendar.id"], name="fk_person_terms_calendar_id_calendar"),
    )
    op.execute(sa.text(MOVED))
    with op.batch_alter_table("person") as batch:
        batch.drop_constraint("fk_person_calendar_id_calendar", type_="foreignkey")
        batch.drop_column("calendar_id")
        batch.drop_column("fte")
    _rewrite_decisions(_forth)


def downgrade() -> None:
    with op.batch_alter_table("person") as batch:
        batch.add_column(sa.Column("fte", SHARE, nullable=False, server_default="1"))
        batch.add_column(sa.Column("calendar_id", BIG, nullable=True))
        batch.create_foreign_key("fk_person_calendar_id_calendar", "calendar", ["calendar_id"], ["id"])
    with op.batch_alter_table("person") as batch:
        batch.alter_column("fte", server_default=None)
    op.execute(sa.text(MOVED_BACK))
    _rewrite_decisions(_back)
    op.drop_table("person_terms")


def _rewrite_decisions(change: Callable[[Body], None]) -> None:
    """Decisions about who is who keep rows, so that they can be undone: those have to fit the tables."""
    decision = sa.table("person_decision", sa.column("id"), sa.column("body"))
    connection = op.get_bind()
    for ident, text in connection.execute(sa.select(decision.c.id, decision.c.body).where(decision.c.body != "")).all():
        body: Body = json.loads(text)
        change(body)
        connection.execute(sa.update(decision).where(decision.c.id == ident).values(body=json.dumps(body)))


def _forth(body: Body) -> None:
    trace = body.get("trace")
    for name in ("fte", "calendar_id"):
        body.get("changed", {}).pop(name, None)
    if not trace or not trace.get("person"):
        return
    fte, calendar_id = trace["person"].pop("fte", "1"), trace["person"].pop("calendar_id", None)
    if Decimal(str(fte)) != 1 or calendar_id is not None:
        row = {"person_id": trace["person"]["id"], "valid_from": EVER, "valid_to": FAR}
        trace.setdefault("dropped", {})["person_terms"] = [row | {"fte": fte, "calendar_id": calendar_id}]


def _back(body: Body) -> None:
    trace = body.get("trace")
    if not trace or not trace.get("person"):
        return
    told = [trace.get(part, {}).pop("person_terms", []) for part in ("whole", "dropped")]
    rows = told[0] or told[1] or [{"fte": "1", "calendar_id": None}]
    trace["person"] |= {name: rows[-1][name] for name in ("fte", "calendar_id")}
