"""sightline mapping export, import and diff: the mapping as a TOML file."""

from __future__ import annotations

from pathlib import Path

import click

from cli.exits import DONE, FAILED
from cli.mappings import FILE, listed, open_draft, put_into_draft, read_mapping
from cli.output import count_of, json_option, note, print_json, print_toml, printable
from cli.runtime import Runtime

NUMBER = click.IntRange(0)


@click.command("export")
@click.argument("file", type=click.Path(dir_okay=False, allow_dash=True), default="-")
@click.option("--number", type=NUMBER, help="An earlier version; usually what is in force.")
@click.option("--draft", is_flag=True, help="The open draft instead.")
@click.pass_obj
def export(config: str | None, file: str, number: int | None, draft: bool) -> None:
    """Write the mapping to FILE as TOML, or print it. It can be imported here or elsewhere."""
    from portfolio.store.engine import reading
    from sync import versions
    from sync.mapping.files import to_toml

    if draft and number is not None:
        raise click.UsageError("--draft and --number name two different things.")
    with reading(Runtime.load(config).engine) as store:
        mapping = open_draft(store).mapping if draft else versions.document(store, number)
    text = to_toml(mapping)
    if file == "-":
        print_toml(text)
    else:
        Path(file).write_text(text, encoding="utf-8")
        note(f"Written to {file}.")


@click.command("import")
@click.argument("file", type=FILE)
@click.option("--replace", is_flag=True, help="Put it in place of a draft that somebody has made.")
@json_option
@click.pass_obj
def import_(config: str | None, file: str, replace: bool, as_json: bool) -> None:
    """Make FILE the draft. Nothing comes in force before it is approved; faults may be mended until then."""
    from portfolio.store.engine import writing
    from sync import versions
    from sync.mapping.differences import differences

    mapping, faults = read_mapping(file)
    with writing(Runtime.load(config).engine) as store:
        draft = put_into_draft(store, mapping, replace=replace)
        found = differences(versions.document(store), mapping)
    if as_json:
        print_json({"revision": draft.revision, "changes": [each.words for each in found], "faults": listed(faults)})
    else:
        note(f"The draft is {file} now, with {count_of(len(found), 'difference')} from what is in force.")


@click.command("diff")
@click.argument("file", type=FILE, required=False)
@click.option("--from", "before", type=NUMBER, help="Compare with this version; usually what is in force.")
@click.option("--to", "after", type=NUMBER, help="Compare this version; usually the draft, or FILE.")
@json_option
@click.pass_obj
def diff(config: str | None, file: str | None, before: int | None, after: int | None, as_json: bool) -> int:
    """Say in words what changes: from what is in force to the draft, or to FILE. Version 0 are the defaults.

    Exit code 1 when FILE has faults.
    """
    from portfolio.store.engine import reading
    from sync import versions
    from sync.mapping.differences import differences

    if file is not None and after is not None:
        raise click.UsageError("FILE and --to name two different things.")
    mapping, faults = read_mapping(file) if file is not None else (None, ())
    with reading(Runtime.load(config).engine) as store:
        earlier = versions.document(store, before)
        if mapping is None:
            mapping = versions.document(store, after) if after is not None else open_draft(store).mapping
    found = differences(earlier, mapping)
    if as_json:
        changes = [{**each._asdict(), "words": each.words} for each in found]
        print_json({"changes": changes, "faults": listed(faults)})
    else:
        for each in found:
            click.echo(printable(each.words))
        if not found:
            click.echo("Nothing changes.")
    return FAILED if faults else DONE


FILES = (export, import_, diff)
