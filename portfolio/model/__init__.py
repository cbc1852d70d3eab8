"""The portfolio model, one file per subject. Importing this package registers every table on `Base.metadata`."""

from portfolio.model import landing, oversight, people, structure, work
from portfolio.model.base import Base, Instant

__all__ = ["Base", "Instant", "landing", "oversight", "people", "structure", "work"]
