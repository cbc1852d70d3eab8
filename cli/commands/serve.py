"""sightline serve: the web pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from cli.output import note
from cli.ports import require_free
from cli.runtime import Runtime, now

if TYPE_CHECKING:
    from webapp.settings import WebSettings


@click.command("serve")
@click.option("--host", default=None, help="Address to listen on (default from the configuration).")
@click.option("--port", type=click.IntRange(0, 65535), default=None, help="Port to listen on; 0 takes a free one.")
@click.pass_obj
def command(config: str | None, host: str | None, port: int | None) -> None:
    """Serve the web pages until stopped with Ctrl-C."""
    runtime = Runtime.load(config)
    serve_pages(runtime, host or runtime.settings.server.host, runtime.settings.server.port if port is None else port)


def serve_pages(runtime: Runtime, host: str, port: int, *, greeting: str = "") -> None:
    """Serve in this thread; `greeting` is printed after the address."""
    from webapp.app import create_app
    from webapp.serve import serve

    require_free(host, port)
    server = runtime.settings.server

    def listening(address: str) -> None:
        note(f"Sightline is served at {address}{greeting}")

    serve(
        create_app(page_settings(runtime)),
        host,
        port,
        threads=server.threads,
        trusted_proxy=server.trusted_proxy,
        listening=listening,
    )


def page_settings(runtime: Runtime) -> WebSettings:
    """What the pages are told of this process's settings."""
    from webapp.settings import WebSettings

    return WebSettings(
        engine=runtime.engine,
        secret_key=runtime.session_key,
        time_zone=runtime.settings.time_zone,
        clock=now,
        https=runtime.settings.server.https,
        secrets=runtime.secrets,
    )
