"""The text of a file -> plain values, the place of each, and what is wrong with the text.

The C parser of PyYAML gives events; composing them here keeps every place, and bounds depth, aliases and size while the
text is read: nothing is built that would be refused afterwards.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import yaml
from yaml._yaml import CParser

from kpieval.problems import Place, Problem
from kpieval.read.scalars import RefusedScalarError, plain
from kpieval.read.syntax import syntax_problem
from kpieval.read.text import HIDDEN, LINE_END, clipped

if TYPE_CHECKING:
    from kpieval.read.document import Path_


DEEPEST = 32
MOST_VALUES = 20_000
MOST_COPIES = 1_000
"""How many values aliases and merge keys may repeat in a file."""
MOST_PROBLEMS = 20


@dataclass(frozen=True)
class Composed:
    """What a text says. `data` is None where it can't be told."""

    data: object
    places: dict[Path_, tuple[Place, Place]]
    lines: tuple[str, ...]
    problems: tuple[Problem, ...]


class _EnoughError(Exception):
    """Reading on would be of no use, or would cost too much."""


@dataclass(frozen=True, slots=True)
class _Anchored:
    """A value that has a name in the file: where its own places begin and end in the trail."""

    value: object
    path: Path_
    start: int
    end: int


def compose(text: str, file: str) -> Composed:
    """Read one text."""
    composer = _Composer(text, file)
    data = composer.document()
    return Composed(data, composer.places, composer.lines, tuple(composer.problems))


class _Composer:
    def __init__(self, text: str, file: str) -> None:
        self.text, self.file = text, file
        self.lines = tuple(LINE_END.split(text))
        self.places: dict[Path_, tuple[Place, Place]] = {}
        self.trail: list[Path_] = []
        self.anchors: dict[str, _Anchored | None] = {}
        self.copies = 0
        self.problems: list[Problem] = []
        self.parser = CParser(text)

    def document(self) -> object:
        try:
            return self._document()
        except _EnoughError:
            return None
        except yaml.YAMLError as error:
            self.problems.append(syntax_problem(error, self.file, self.lines))
            return None
        finally:
            self.parser.dispose()

    def _document(self) -> object:
        self._next()
        start = self._next()
        if not isinstance(start, yaml.DocumentStartEvent):
            return None
        if start.version or start.tags:
            self._problem("yaml-syntax", "Directives (`%YAML`, `%TAG`) are not read.", start, "Delete the line.")
        first = self._next()
        place = self._place(first)
        value = self._value(first, (), place, 1)
        self._next()
        end = self._next()
        if not isinstance(end, yaml.StreamEndEvent):
            self._problem("several-documents", "A second document starts here.", end, "Write one document per file.")
        return value

    def _next(self) -> yaml.Event:
        event = self.parser.get_event()
        if event is None:  # pragma: no cover  # nothing is asked for after the end
            raise _EnoughError
        return event

    def _value(self, event: yaml.Event, path: Path_, key: Place, depth: int) -> object:
        """The value that begins with `event`, its places noted under `path`."""
        start = len(self.trail)
        place = self._place(event)
        self._note(path, key, place)
        if isinstance(event, yaml.AliasEvent):
            return self._alias(event, path)
        if not isinstance(
            event, yaml.ScalarEvent | yaml.CollectionStartEvent
        ):  # pragma: no cover  # none else starts one
            raise TypeError(event)
        anchor = event.anchor
        if anchor is not None:
            self.anchors[anchor] = None
        if event.tag is not None:
            self._tag(event)
        value: object
        if isinstance(event, yaml.ScalarEvent):
            value = self._scalar(event)
        elif depth > DEEPEST:
            self._problem("too-deep", f"This is nested more than {DEEPEST} levels deep.", event)
            raise _EnoughError
        elif isinstance(event, yaml.MappingStartEvent):
            value = self._mapping(path, depth)
        else:
            value = self._list(path, depth)
        if anchor is not None:
            self.anchors[anchor] = _Anchored(value, path, start, len(self.trail))
        return value

    def _tag(self, event: yaml.ScalarEvent | yaml.CollectionStartEvent) -> None:
        tag = str(event.tag).replace("tag:yaml.org,2002:", "!!")
        self._problem("yaml-tag", f"Tags such as `{tag}` are not read.", event, "Delete it, and write the bare value.")

    def _scalar(self, event: yaml.ScalarEvent) -> object:
        if event.implicit[0] and event.tag is None:
            try:
                return plain(event.value)
            except RefusedScalarError as refused:
                self._problem(refused.code, refused.message, event, refused.hint)
                return None
        elif event.style == '"' and (hidden := HIDDEN.search(event.value)):
            message = f"The text contains the character U+{ord(hidden.group()):04X}, which can't be seen."
            self._problem("control-character", message, event, "Leave it out.")
        return event.value

    def _list(self, path: Path_, depth: int) -> list[object]:
        values: list[object] = []
        while not isinstance(event := self._next(), yaml.SequenceEndEvent):
            values.append(self._value(event, (*path, len(values)), self._place(event), depth + 1))
        return values

    def _mapping(self, path: Path_, depth: int) -> dict[str, object]:
        values: dict[str, object] = {}
        merged: tuple[object, int, int] | None = None  # what `<<` takes in, and where its places are in the trail
        while not isinstance(event := self._next(), yaml.MappingEndEvent):
            place = self._place(event)
            name = self._key(event, depth)
            merges = name == "<<" and isinstance(event, yaml.ScalarEvent) and event.implicit[0]
            if name is None:
                self._discard(depth)
            elif name in values or (merges and merged):
                first = self.places[(*path, name)][0].line
                self._problem("duplicate-key", f"`{name}` is given twice, first on line {first}.", event, "Keep one.")
                self._discard(depth)
            elif merges:
                start, following = len(self.trail), self._next()
                value = self._value(following, (*path, name), place, depth + 1)
                if self._mergeable(value, following):
                    merged = (value, start, len(self.trail))
            else:
                values[name] = self._value(self._next(), (*path, name), place, depth + 1)
        if merged:
            self._merge(values, path, *merged)
        return values

    def _key(self, event: yaml.Event, depth: int) -> str | None:
        """The text of a key, exactly as written: `NO`, `1` and `true` are names here."""
        if isinstance(event, yaml.ScalarEvent):
            if event.tag is not None:
                self._tag(event)
            if event.value or not event.implicit[0]:
                return str(event.value)
            self._problem("key-not-text", "A name is missing before the `:`.", event)
            return None
        hint = "Write `name: value`; quote a name that starts with one of { [ * & !."
        self._problem("key-not-text", "A key must be plain text.", event, hint)
        if isinstance(event, yaml.CollectionStartEvent):
            self._discard(depth, event)
        return None

    def _discard(self, depth: int, event: yaml.Event | None = None) -> None:
        """Read over a value that is not kept."""
        start = len(self.trail)
        self._value(event or self._next(), ("",), Place(self.file), depth + 1)
        for path in self.trail[start:]:
            self.places.pop(path, None)

    def _alias(self, event: yaml.AliasEvent, path: Path_) -> object:
        name = str(event.anchor)
        anchored = self.anchors.get(name)
        if anchored is None:
            known = name in self.anchors
            message = f"`*{name}` repeats itself." if known else f"There is no `&{name}` above this line."
            self._problem("unknown-alias", message, event)
            return None
        self._count(event)
        for inner in self.trail[anchored.start + 1 : anchored.end]:
            self._copy(inner, (*path, *inner[len(anchored.path) :]), event)
        return anchored.value

    def _mergeable(self, merged: object, event: yaml.Event) -> bool:
        sources = merged if isinstance(merged, list) else [merged]
        if all(isinstance(source, dict) for source in sources):
            return True
        if not self.problems:
            self._problem("yaml-syntax", "`<<` can only take in mappings.", event, "Write `<<: *name` of a mapping.")
        return False

    def _merge(self, values: dict[str, object], path: Path_, merged: object, start: int, end: int) -> None:
        """Take in the keys that the mapping doesn't give itself; of two merged mappings the first counts."""
        below = (*path, "<<")
        listed = {(*below, index): one for index, one in enumerate(merged)} if isinstance(merged, list) else {}
        sources: dict[Path_, Any] = listed or {below: merged}
        inner = self.trail[start:end]
        for source, mapping in sources.items():
            fresh = {name: value for name, value in mapping.items() if name not in values}
            values.update(fresh)
            size = len(source)
            for way in inner:
                if way[:size] == source and len(way) > size and way[size] in fresh:
                    self._copy(way, (*path, *way[size:]), None)
        for way in inner:
            self.places.pop(way, None)

    def _copy(self, old: Path_, new: Path_, event: yaml.Event | None) -> None:
        self._count(event)
        if old in self.places:
            self._note(new, *self.places[old])

    def _count(self, event: yaml.Event | None) -> None:
        self.copies += 1
        if self.copies > MOST_COPIES:
            message = f"Aliases and merge keys repeat more than {MOST_COPIES:,} values in this file."
            self._problem("too-many-aliases", message, event)
            raise _EnoughError

    def _note(self, path: Path_, key: Place, value: Place) -> None:
        if len(self.trail) >= MOST_VALUES:
            self.problems.append(self._at("too-large", f"The file has more than {MOST_VALUES:,} values.", key, None))
            raise _EnoughError
        self.places[path] = (key, value)
        self.trail.append(path)

    def _place(self, event: yaml.Event) -> Place:
        mark = event.start_mark
        if mark is None:  # pragma: no cover  # the parser marks every event
            return Place(self.file)
        return Place(self.file, mark.line + 1, mark.column + 1)

    def _problem(self, code: str, message: str, event: yaml.Event | None, hint: str | None = None) -> None:
        place = Place(self.file) if event is None else self._place(event)
        self.problems.append(self._at(code, message, place, hint))
        if len(self.problems) >= MOST_PROBLEMS:
            raise _EnoughError

    def _at(self, code: str, message: str, place: Place, hint: str | None) -> Problem:
        excerpt = self.lines[place.line - 1] if place.line <= len(self.lines) else None
        return Problem("error", code, clipped(message), place, hint, excerpt)
