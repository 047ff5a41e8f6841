"""A structure in Thrift's compact protocol -> a dict by field number: as much as Parquet's headers of pages need."""

from __future__ import annotations

from typing import Any, BinaryIO

_LONGEST = 1 << 20
_DEEPEST = 8
_TRUE, _FALSE, _BYTE, _INTEGERS, _DOUBLE, _BINARY, _LISTS, _STRUCT = 1, 2, 3, (4, 5, 6), 7, 8, (9, 10), 12
_FULL = 15
"""In the first byte of a list: its length stands behind."""


class UnreadableError(Exception):
    """The bytes are no such structure."""


def struct(content: BinaryIO, depth: int = 0) -> dict[int, Any]:
    """Read one structure from where the file stands, and leave it behind the last byte."""
    if depth > _DEEPEST:
        raise UnreadableError
    fields: dict[int, Any] = {}
    field = 0
    while byte := _byte(content):
        field = field + (byte >> 4) if byte >> 4 else _integer(content)
        kind = byte & 15
        fields[field] = kind == _TRUE if kind in {_TRUE, _FALSE} else _value(content, kind, depth)
    return fields


def _value(content: BinaryIO, kind: int, depth: int) -> Any:  # noqa: ANN401 - it may be of any kind
    if kind in {_TRUE, _FALSE, _BYTE}:  # in a list, a boolean takes a byte
        return _byte(content)
    if kind in _INTEGERS:
        return _integer(content)
    if kind == _DOUBLE:
        return _bytes(content, 8)
    if kind == _BINARY:
        return _bytes(content, _unsigned(content))
    if kind in _LISTS:
        head = _byte(content)
        length = _unsigned(content) if head >> 4 == _FULL else head >> 4
        return [_value(content, head & 15, depth + 1) for _ in range(length)]
    if kind == _STRUCT:
        return struct(content, depth + 1)
    raise UnreadableError  # a map, of which Parquet has none


def _integer(content: BinaryIO) -> int:
    number = _unsigned(content)
    return (number >> 1) ^ -(number & 1)


def _unsigned(content: BinaryIO) -> int:
    number = shift = 0
    while True:
        byte = _byte(content)
        number |= (byte & 0x7F) << shift
        if byte < 0x80:  # noqa: PLR2004 - the highest bit says that another one follows
            return number
        shift += 7
        if shift > 63:  # noqa: PLR2004 - more than a number of 64 bits has
            raise UnreadableError


def _byte(content: BinaryIO) -> int:
    return _bytes(content, 1)[0]


def _bytes(content: BinaryIO, count: int) -> bytes:
    found = content.read(count) if count <= _LONGEST else b""
    if len(found) < count:
        raise UnreadableError
    return found
