"""`python -m kpieval` is the `kpieval` command."""

import sys

from kpieval.cli import run
from kpieval.sources import process


def main() -> None:
    """Run the command line and leave with its exit code."""
    process.OWN.set()
    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
