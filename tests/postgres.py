"""A Postgres of the tests' own: made in a temporary folder, listening on loopback, gone afterwards.

Use it in a test module by `from postgres import server` and a parameter `server`.
"""

from __future__ import annotations

import os
import pwd
import re
import shutil
import socket
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

PROGRAMS = ("initdb", "postgres", "pg_ctl")
PASSWORD = "keep-me-secret"  # it must not be seen in any message, so it is one that can be found
_STATEMENT = re.compile(r"LOG:\s+(?:statement|execute [^:]*): (.*)")


@dataclass(frozen=True)
class Server:
    """A running server. Everybody may connect; the password is only there to be kept out of messages."""

    port: int
    log: Path

    @property
    def url(self) -> str:
        """Where it is, for `connections`."""
        return f"postgresql://tester:{PASSWORD}@127.0.0.1:{self.port}/postgres"

    def run(self, sql: str) -> None:
        """Run statements that give nothing back."""
        import adbc_driver_manager  # noqa: PLC0415 - an extra
        import adbc_driver_postgresql  # noqa: PLC0415

        with (
            adbc_driver_postgresql.connect(self.url) as database,
            adbc_driver_manager.AdbcConnection(database) as connection,
        ):
            for part in sql.split(";\n"):
                if part.strip():
                    with adbc_driver_manager.AdbcStatement(connection) as statement:
                        statement.set_sql_query(part)
                        statement.execute_update()

    def statements(self) -> list[str]:
        """All statements that were run so far, in order."""
        found: list[str] = []
        for line in self.log.read_text(encoding="utf-8").splitlines():
            if line.startswith("\t") and found:
                found[-1] += "\n" + line[1:]
            elif match := _STATEMENT.match(line):
                found.append(match[1])
        return found


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """A server for all tests of the run; they keep apart by the names of their tables."""
    missing = [program for program in PROGRAMS if shutil.which(program) is None]
    if missing:
        pytest.skip(f"no Postgres here: {', '.join(missing)} not found")
    pytest.importorskip("adbc_driver_postgresql", reason="the extra kpieval[postgres] is not installed")
    user = _user()
    folder = Path(tempfile.mkdtemp(prefix="kpieval-postgres-"))
    if user:
        shutil.chown(folder, user)
    data, log = folder / "data", folder / "log"
    port = _free_port()
    options = f"-c listen_addresses=127.0.0.1 -c port={port} -c unix_socket_directories={folder} -c fsync=off"
    options += " -c log_statement=all -c timezone=America/New_York -c log_line_prefix="
    try:
        _as(user, "initdb", "-D", str(data), "-U", "tester", "-A", "trust", "-E", "UTF8", "--no-locale", "-N")
        _as(user, "pg_ctl", "-D", str(data), "-l", str(log), "-w", "-o", options, "start")
        try:
            yield Server(port, log)
        finally:
            _as(user, "pg_ctl", "-D", str(data), "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder)


def _user() -> str | None:
    """Postgres refuses to run as root: somebody else who does."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    found = next((name for name in ("postgres", "nobody") if name in known), None)
    if found is None:
        pytest.skip("Postgres refuses to run as root, and there is no user postgres or nobody")
    return found


def _as(user: str | None, *command: str) -> None:
    done = subprocess.run(command, user=user, capture_output=True, text=True, check=False, cwd="/", env=_environment())
    if done.returncode:
        message = f"{command[0]} failed: {done.stdout}{done.stderr}"
        raise RuntimeError(message)


def _environment() -> dict[str, str]:
    return {"PATH": os.environ["PATH"], "LC_ALL": "C"}


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port
