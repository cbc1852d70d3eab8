"""The portfolio model, one file per subject. Importing this package registers every table on `Base.metadata`."""

from portfolio.model import access, finance, governance, landing, mapping, oversight, people, resources, structure, work
from portfolio.model.base import Base, Instant

__all__ = [
    "Base",
    "Instant",
    "access",
    "finance",
    "governance",
    "landing",
    "mapping",
    "oversight",
    "people",
    "resources",
    "structure",
    "work",
]
