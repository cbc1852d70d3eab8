"""sightline worker: syncs by the schedule, beside any number of others like it."""

from __future__ import annotations

import click

from cli.exits import CommandError
from cli.output import note
from cli.runtime import Runtime
from sync.memory import freeze_loaded


@click.command("worker")
@click.pass_obj
def command(config: str | None) -> None:
    """Sync each connection by its schedule until stopped with Ctrl-C; needs PostgreSQL.

    Start as many as you like, on any machines that reach the database and the trackers: they share the work. Servers
    beside them take `jobs.embedded = false`.
    """
    runtime = Runtime.load(config)
    engine, jobs = runtime.engine, runtime.settings.jobs
    if engine.dialect.name != "postgresql":
        raise CommandError(
            "workers share their work in a PostgreSQL database, and database_url names another. With SQLite, "
            "`sightline serve` syncs by itself."
        )
    try:
        from sync.queue.schema import require_queue
        from sync.queue.worker import run_worker
    except ImportError as error:
        raise CommandError(
            "workers need the package procrastinate, which is not installed. Install sightline-pmo[postgres]."
        ) from error
    require_queue(engine)
    freeze_loaded()
    run_worker(
        runtime.means,
        threads=jobs.threads,
        helpers=jobs.helpers,
        ready=lambda: note("This worker is at work. Stop it with Ctrl-C: runs end between two batches."),
    )
    note("This worker has stopped.")
