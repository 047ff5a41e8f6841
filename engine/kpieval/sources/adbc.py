"""A Postgres behind a URL, opened read-only through ADBC: statements in, tables of the local DuckDB out."""

from __future__ import annotations

import ctypes
import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, Self
from urllib.parse import parse_qs, quote, urlencode, urlsplit, urlunsplit

import duckdb

from kpieval.problems import DataError, Problem
from kpieval.sources.failures import first_line, overdue
from kpieval.sources.quoting import name

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import adbc_driver_manager

    from kpieval.model import Connection

_TIMEOUT = "57014"
_CONNECT_SECONDS = "10"
_TYPE_KEY = b"ADBC:postgresql:typname"


class Database:
    """An open connection. `secrets` never leave it in a message."""

    def __init__(self, connection: Connection, seconds: int, zone: str, secrets: tuple[str, ...]) -> None:
        try:
            import adbc_driver_manager as manager  # noqa: PLC0415 - an extra
            import adbc_driver_postgresql as driver  # noqa: PLC0415 - as above
        except ImportError:
            hint = "Run `pip install kpieval[postgres]`."
            message = "Reading Postgres needs the package adbc-driver-postgresql."
            raise DataError(Problem("error", "missing-extra", message, connection.place, hint)) from None
        self._place = connection.place
        self._seconds = seconds
        self._manager = manager
        self._secrets = tuple(sorted({*secrets, *_secrets(connection.url)}, key=len, reverse=True))
        settings = {
            "default_transaction_read_only": "on",
            "statement_timeout": str(seconds * 1000),
            "standard_conforming_strings": "on",
            "DateStyle": "ISO",
            "TimeZone": zone,
        }
        try:
            self._database = driver.connect(_with_options(connection.url, settings))
        except manager.Error as error:
            raise self._cannot_connect(error) from None
        try:
            self._connection = manager.AdbcConnection(self._database)
        except manager.Error as error:
            self._database.close()
            raise self._cannot_connect(error) from None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()
        self._database.close()

    def into(self, local: duckdb.DuckDBPyConnection, sql: str, table: str) -> Mapping[str, str]:
        """Run a query into a temporary table of the local DuckDB. Gives the Postgres type of each column."""
        with self._statement(sql) as statement:
            types = _types(statement.execute_schema())
            stream, _ = statement.execute_query()
            # the capsule itself: an object would be asked for its stream twice, and there is only one
            local.register("postgres_stream", stream.__arrow_c_stream__())
            try:
                local.execute(f"create or replace temp table {name(table)} as select * from postgres_stream")
            except duckdb.Error as error:
                if "[libpq]" not in str(error):
                    raise
                raise self.failure(error) from None
            finally:
                local.unregister("postgres_stream")
        return types

    def rows(self, local: duckdb.DuckDBPyConnection, sql: str) -> list[tuple[object, ...]]:
        """Run a query whose few rows are wanted in Python."""
        self.into(local, sql, "postgres_rows")
        found = local.execute("select * from postgres_rows").fetchall()
        local.execute("drop table postgres_rows")
        return found

    def failure(self, error: Exception) -> DataError:
        """What went wrong, in Postgres' words, without secrets."""
        text = self._redacted(_primary(error))
        if getattr(error, "sqlstate", None) == _TIMEOUT or "statement timeout" in str(error):
            return overdue(self._seconds, self._place)
        return DataError(Problem("error", "engine-error", f"Postgres says: {text}", self._place))

    @contextmanager
    def _statement(self, sql: str) -> Iterator[adbc_driver_manager.AdbcStatement]:
        statement = self._manager.AdbcStatement(self._connection)
        try:
            statement.set_sql_query(sql)
            yield statement
        except self._manager.Error as error:
            raise self.failure(error) from None
        finally:
            statement.close()

    def _cannot_connect(self, error: Exception) -> DataError:
        message = f"The database can't be reached: {self._redacted(_primary(error))}"
        hint = "Check host, port, database and user in its `url`, and that the server takes connections."
        return DataError(Problem("error", "no-connection", message, self._place, hint))

    def _redacted(self, text: str) -> str:
        for secret in self._secrets:
            text = text.replace(secret, "***")
        return text


def _with_options(url: str, settings: Mapping[str, str]) -> str:
    """The URL with settings for the session; they come last, so that they win over those of the URL."""
    options = " ".join(f"-c {key}={value}" for key, value in settings.items())
    if "://" not in url:
        return f"{url} options='{options}'"
    parts = urlsplit(url)
    query = {key: values[-1] for key, values in parse_qs(parts.query, keep_blank_values=True).items()}
    query["options"] = f"{query.get('options', '')} {options}".strip()
    query.setdefault("connect_timeout", _CONNECT_SECONDS)
    return urlunsplit(parts._replace(query=urlencode(query, quote_via=quote)))


def _secrets(url: str) -> set[str]:
    """The URL itself and the password in it, as written and decoded."""
    found = {url}
    if match := re.search(r"://[^/@]*?:([^/]*)@", url):
        found |= {match[1], *parse_qs(f"p={match[1].replace('+', '%2B')}").get("p", [])}
    found |= set(re.findall(r"password=([^\s&]+)", url))
    return {secret for secret in found if secret}


def _primary(error: Exception) -> str:
    """The server's own sentence, which doesn't repeat the statement."""
    for key, value in getattr(error, "details", ()) or ():
        if key in {"PG_DIAG_MESSAGE_PRIMARY", b"PG_DIAG_MESSAGE_PRIMARY"}:
            return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
    text = re.sub(r"^.*?(?:FATAL|ERROR):\s+", "", first_line(error))
    return re.sub(r"^[A-Z_]+: (?:\[libpq\] )?", "", text)


class _Schema(ctypes.Structure):
    """`struct ArrowSchema` of the Arrow C data interface, as far as it is read."""


_Schema._fields_ = [
    ("format", ctypes.c_char_p),
    ("name", ctypes.c_char_p),
    ("metadata", ctypes.c_void_p),
    ("flags", ctypes.c_int64),
    ("n_children", ctypes.c_int64),
    ("children", ctypes.POINTER(ctypes.POINTER(_Schema))),
]


def _types(handle: adbc_driver_manager.ArrowSchemaHandle) -> dict[str, str]:
    """The Postgres type of each column: the driver gives `numeric` as text, and only the metadata tell."""
    schema = ctypes.cast(handle.address, ctypes.POINTER(_Schema)).contents
    children = [schema.children[at].contents for at in range(schema.n_children)]
    return {child.name.decode(): _metadata(child.metadata).get(_TYPE_KEY, b"").decode() for child in children}


def _metadata(address: int | None) -> dict[bytes, bytes]:
    """Keys and values as Arrow writes them: their number, then each with its length before it."""
    if not address:
        return {}
    at = address

    def take() -> bytes:
        nonlocal at
        length = ctypes.c_int32.from_address(at).value
        content = ctypes.string_at(at + 4, length)
        at += 4 + length
        return content

    count = ctypes.c_int32.from_address(at).value
    at += 4
    return {take(): take() for _ in range(count)}
