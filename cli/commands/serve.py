"""sightline serve: the web pages, and the threads that sync by the schedule."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable
from contextlib import ExitStack
from ipaddress import ip_network
from typing import TYPE_CHECKING

import click

from cli.output import note
from cli.ports import require_free
from cli.runtime import Runtime, now
from cli.sign_in_settings import CLIENT_SECRET
from sync.memory import freeze_loaded

if TYPE_CHECKING:
    from webapp.settings import Provider, SigningProxy, WebSettings


@click.command("serve")
@click.option("--host", default=None, help="Address to listen on (default from the configuration).")
@click.option("--port", type=click.IntRange(0, 65535), default=None, help="Port to listen on; 0 takes a free one.")
@click.option("--no-jobs", is_flag=True, help="Only the pages: something else syncs by the schedule.")
@click.pass_obj
def command(config: str | None, host: str | None, port: int | None, no_jobs: bool) -> None:
    """Serve the web pages, and sync each connection by its schedule, until stopped with Ctrl-C."""
    runtime = Runtime.load(config)
    server = runtime.settings.server
    serve_pages(runtime, host or server.host, server.port if port is None else port, jobs=not no_jobs)


def serve_pages(runtime: Runtime, host: str, port: int, *, greeting: str = "", jobs: bool = True) -> None:
    """Serve in this thread; `greeting` is printed after the address. With `jobs`, sync too, as the settings say.

    A signal to end (SIGTERM) is taken like Ctrl-C: requests and runs under way come to an end first.
    """
    require_free(host, port)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with ExitStack() as beside:

        def listening(address: str) -> None:
            note(f"Sightline is served at {address}{greeting}")
            if jobs and runtime.settings.jobs.embedded:
                from sync.schedule.embedded import Embedded

                # Not before: a sync that begins at once would keep the pages from being there.
                beside.enter_context(Embedded(runtime.means, runtime.settings.jobs.threads))

        _serve(runtime, host, port, listening)


def _serve(runtime: Runtime, host: str, port: int, listening: Callable[[str], None]) -> None:
    from webapp.app import create_app
    from webapp.serve import serve

    server = runtime.settings.server
    app = create_app(page_settings(runtime))
    freeze_loaded()
    serve(
        app,
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
        metrics=runtime.settings.server.metrics,
        most_retired=runtime.settings.sync.most_retired,
        keys_readable=runtime.keys_readable,
        hosts=runtime.settings.server.names,
        public_url=runtime.settings.server.public_url,
        oidc=_provider(runtime),
        signing_proxy=_signing_proxy(runtime),
        outbound=runtime.outbound,
    )


def _provider(runtime: Runtime) -> Provider | None:
    from connector.settings import Secret
    from webapp.settings import Provider

    given = runtime.settings.oidc
    if not given.issuer:
        return None
    secret = runtime.environ.get(CLIENT_SECRET, "").strip()
    return Provider(**given.model_dump(), client_secret=Secret(secret) if secret else None)


def _signing_proxy(runtime: Runtime) -> SigningProxy | None:
    from webapp.settings import SigningProxy

    given = runtime.settings.proxy_sign_in
    if not given.header:
        return None
    networks = tuple(map(ip_network, given.addresses))
    return SigningProxy(header=given.header, groups_header=given.groups_header, networks=networks)
