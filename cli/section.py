"""What every table of the configuration is, and every list in it."""

from __future__ import annotations

from pydantic import BaseModel, BeforeValidator, ConfigDict
from pydantic_settings import NoDecode


class Section(BaseModel):
    """A table of the file. Unknown names are refused, so that a typing mistake is not silently ignored."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def _separated(value: object) -> object:
    """A list as the file has it; in an environment variable its parts stand between commas."""
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


LISTED = (NoDecode, BeforeValidator(_separated))
"""What the type of a list is annotated with."""
