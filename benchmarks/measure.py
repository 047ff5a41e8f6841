"""A command -> how long the whole process took, and the most memory that it held."""

from __future__ import annotations

import statistics
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

LAUNCHER = Path(__file__).with_name("launch.py")


@dataclass
class Contender:
    """One way to get the numbers, and what its runs took."""

    name: str
    command: list[str]
    seconds: list[float] = field(default_factory=list)
    processor: list[float] = field(default_factory=list)
    megabytes: list[float] = field(default_factory=list)

    def run(self) -> None:
        """Run once. A run that fails ends the benchmark: its time would mean nothing."""
        launcher = [sys.executable, "-I", "-S", str(LAUNCHER), *self.command]
        done = subprocess.run(launcher, stdout=subprocess.PIPE, text=True, check=False)
        if done.returncode:
            sys.exit(f"{self.name} failed: {' '.join(self.command)}")
        seconds, processor, megabytes = map(float, done.stdout.split())
        self.seconds.append(seconds)
        self.processor.append(processor)
        self.megabytes.append(megabytes)

    @property
    def time(self) -> float:
        """The median."""
        return statistics.median(self.seconds)

    @property
    def cpu(self) -> float:
        """The median of the seconds that processors worked: less disturbed by what else the machine does."""
        return statistics.median(self.processor)

    @property
    def memory(self) -> float:
        """The median of the peaks."""
        return statistics.median(self.megabytes)


def compete(contenders: list[Contender], runs: int) -> None:
    """Run all in turns, so that a slow minute of the machine is everybody's. The first turn only warms the caches."""
    for turn in range(runs + 1):
        for contender in contenders:
            contender.run()
            if turn == 0:
                contender.seconds.clear()
                contender.processor.clear()
                contender.megabytes.clear()
            print(".", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)


def table(header: list[str], rows: list[list[str]]) -> str:
    """A Markdown table."""
    lines = ["| " + " | ".join(header) + " |", "|" + "---|" * len(header)]
    return "\n".join([*lines, *("| " + " | ".join(row) + " |" for row in rows)])
