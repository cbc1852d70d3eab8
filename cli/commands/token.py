"""sightline token: what programs reach the API with."""

from __future__ import annotations

import click

from cli.exits import CommandError
from cli.output import json_option, note, print_json, print_table
from cli.runtime import Runtime, now


@click.group("token")
def command() -> None:
    """Tokens that programs reach the API with."""


@command.command("make")
@click.argument("user")
@click.option("--name", required=True, help="What it is for.")
@click.option("--days", type=click.IntRange(1, 365), default=90, show_default=True, help="How long it lasts.")
@click.option(
    "--permit",
    multiple=True,
    required=True,
    metavar="WORD",
    help="What it permits, such as kpis.view or sync.edit; repeat it. More than the account may do is refused.",
)
@click.pass_obj
def make(config: str | None, user: str, name: str, days: int, permit: tuple[str, ...]) -> None:
    """Make a token of an account and print it: the only time it is shown."""
    from portfolio.access.viewer import Permit
    from portfolio.audit.entry import COMMAND
    from portfolio.store.engine import reading
    from webapp.access import api_permits
    from webapp.accounts.tokens import Wish, make_token
    from webapp.accounts.users import user_named

    known = sorted(map(str, api_permits()))
    for word in permit:
        if word not in known:
            raise click.UsageError(f"--permit {word!r}: the API has no use for it. There are: {', '.join(known)}.")
    engine = Runtime.load(config).engine
    with reading(engine) as store:
        account = user_named(store, user)
    if account is None:
        raise CommandError(f"there is no user {user!r}. Make one with `sightline user add NAME --service`.")
    token = make_token(engine, account.id, Wish(name, days, frozenset(map(Permit.read, permit))), now(), COMMAND)
    click.echo(token)
    note(f"Keep it where passwords are kept: it is not shown again, and expires in {days} days.")


@command.command("list")
@json_option
@click.pass_obj
def list_all(config: str | None, as_json: bool) -> None:
    """List the tokens; they themselves are not known any more."""
    from portfolio.store.engine import reading
    from webapp.accounts.tokens import list_tokens

    with reading(Runtime.load(config).engine) as store:
        found = list_tokens(store)
    if as_json:
        print_json(
            {
                "tokens": [
                    {
                        "id": it.id,
                        "user": it.user,
                        "name": it.name,
                        "permits": it.permits,
                        "state": it.state(now()),
                        "created_at": it.created_at,
                        "expires_at": it.expires_at,
                        "last_used_at": it.last_used_at,
                    }
                    for it in found
                ]
            }
        )
        return
    rows = [
        (
            it.id,
            it.user,
            it.name,
            ", ".join(it.permits),
            it.state(now()),
            f"{it.expires_at:%Y-%m-%d}",
            f"{it.last_used_at:%Y-%m-%d %H:%M}" if it.last_used_at else "never",
        )
        for it in found
    ]
    head = ("token", "account", "for", "permits", "state", "expires", "last used (UTC)")
    print_table(head, rows, empty="There are no tokens. Make one with `sightline token make`.")


@command.command("revoke")
@click.argument("token", type=int)
@click.pass_obj
def revoke(config: str | None, token: int) -> None:
    """End a token, by its number. It opens nothing any more."""
    from portfolio.audit.entry import COMMAND
    from webapp.accounts.tokens import revoke as revoke_token

    if not revoke_token(Runtime.load(config).engine, token, now(), COMMAND):
        raise CommandError(f"there is no token {token} to revoke. `sightline token list` shows those there are.")
    note(f"Token {token} is revoked.")
