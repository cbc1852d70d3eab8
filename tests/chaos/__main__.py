"""The long form of the chaos tests: 3,000 new histories, and 200 kills on each of SQLite and PostgreSQL.

python -m tests.chaos [--histories N] [--kills N] [--processes N]
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent


def main() -> int:
    parser = argparse.ArgumentParser(prog="tests.chaos", description=__doc__.partition("\n")[0])
    parser.add_argument("--histories", type=int, default=3000, help="how many histories are played")
    parser.add_argument("--kills", type=int, default=200, help="how many syncs are killed on each database")
    parser.add_argument("--processes", default="auto", help="how many tests run side by side")
    asked = parser.parse_args()
    os.environ |= {"CHAOS_HISTORIES": str(asked.histories), "CHAOS_KILLS": str(asked.kills)}
    return int(pytest.main([str(HERE), "-q", "-n", asked.processes, "--dist", "worksteal"]))


if __name__ == "__main__":
    sys.exit(main())
