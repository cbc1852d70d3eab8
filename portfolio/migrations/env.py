"""What Alembic loads to run the steps: the connection comes in through the config, the target is the model."""

from __future__ import annotations

from alembic import context

from portfolio.model import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,
    compare_type=True,
    # True on both: the store begins SQLite's transactions itself, so DDL rolls back there too.
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
