"""The `dimensions` of a project -> levels with the way up from each, and the levels that each source reaches."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kpieval.build.cycles import cycles
from kpieval.build.sources import checked, time, unknown_column
from kpieval.model import ORGANISATION, Level
from kpieval.nearest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from kpieval.build.node import Node
    from kpieval.model import Source


@dataclass(frozen=True, slots=True)
class Hierarchy:
    """The declared levels, finest first; `organisation` is above them all.

    Where a way up is wrong it isn't `sure` what is above what, and nothing more is said of levels.
    """

    levels: Mapping[str, Level]
    sure: bool = True

    def __contains__(self, name: object) -> bool:
        return name == ORGANISATION or name in self.levels

    def __iter__(self) -> Iterator[str]:
        return iter((*self.levels, ORGANISATION))

    def nearest(self, name: str, *, organisation: bool = True) -> str:
        """The hint for a level that nobody declared: the nearest one, or which there are."""
        names = (*self.levels, *((ORGANISATION,) if organisation else ()))
        there = f"The levels are {', '.join(names)}." if names else f"Declare it: `dimensions: {{{name}: {{}}}}`."
        return did_you_mean(name, names) or there

    def above(self, name: str) -> tuple[str, ...]:
        """The levels above, up to the organisation."""
        way: list[str] = []
        while name in self.levels:
            name = self.levels[name].parent
            way.append(name)
        return tuple(way)

    def places(self, name: str, steps: int) -> tuple[str, ...]:
        """The levels that may hold the member so many steps above: in a tree that is of its level, or else the top."""
        way = (name, *self.above(name))
        tree = next((at for at, each in enumerate(way) if each in self.levels and self.levels[each].tree), None)
        if tree is not None and steps > tree:
            return (way[tree], ORGANISATION)
        return way[steps : steps + 1]

    def reached(self, source: Source) -> frozenset[str]:
        """The levels at which the rows of a source can be counted."""
        reached = {ORGANISATION}
        for level in source.dimensions:
            reached |= {level, *self.above(level)}
        return frozenset(reached)

    def ordered(self, names: Iterable[str]) -> tuple[str, ...]:
        """The given levels, finest first."""
        wanted = set(names)
        return tuple(name for name in (*self.levels, ORGANISATION) if name in wanted)


def hierarchy(project: Node, sources: Mapping[str, Source]) -> Hierarchy:
    """All levels of the project."""
    nodes = dict(project.items("dimensions", bare=True))
    before = len(project.found.problems)
    parents = {name: _parent(node, nodes) for name, node in nodes.items()}
    rounds = cycles({name: [parent] for name, (parent, _) in parents.items() if parent != ORGANISATION})
    for round_ in rounds:
        nodes[round_[0]].error(
            "level-cycle",
            f"A level can't be above itself: {' -> '.join(round_)}.",
            "parent",
            hint="Name the coarser level as the parent of the finer one, and only so.",
        )
        # The way up has to end, so that the rest can still be checked.
        parents |= dict.fromkeys(round_, (ORGANISATION, None))
    for name, (parent, _) in parents.items():
        _without_source(nodes[name], name if _self(nodes[name]) is not None else parent)
    sure = len(project.found.problems) == before
    return Hierarchy(_finest_first({name: _level(node, *parents[name], sources) for name, node in nodes.items()}), sure)


def _level(node: Node, parent: str, parent_column: str | None, sources: Mapping[str, Source]) -> Level:
    name = node.name
    title = node.text("title") or name.replace("_", " ").capitalize()
    place = node.definition.place(*node.path)
    tree = _self(node)
    source_name = node.text("source")
    if source_name is None:
        return Level(name, place, title)
    source = sources.get(source_name)
    if source is None:
        hint = did_you_mean(source_name, sources)
        node.error("unknown-source", f"There is no source `{source_name}`.", "source", hint=hint)
        return Level(name, place, title, parent=parent)
    known = source.columns
    _check_parent_column(node, parent, parent_column, source)
    label = node.text("label")
    if label is not None and label not in known:
        unknown_column(node, "label", label, known, source_name)
        label = None
    return Level(
        name=name,
        place=place,
        title=title,
        parent=parent,
        source=source_name,
        key=_key(node, source),
        label=label,
        parent_column=tree or parent_column,
        tree=tree is not None,
        attributes=tuple(
            attribute
            for element in node.elements("attributes")
            if (attribute := element.text()) is not None and _known_attribute(element, attribute, source)
        ),
        valid=time(node, known, source_name, "valid"),
    )


def _check_parent_column(node: Node, parent: str, column: str | None, source: Source) -> None:
    child, tree = node.get("parent"), _self(node)
    if child is not None and tree is not None and tree not in source.columns:
        unknown_column(child, "self", tree, source.columns, source.name)
    if parent == ORGANISATION or column in source.columns:
        return
    where = ("parent", "column") if child is not None and isinstance(child.value, dict) else ("parent",)
    node.error(
        "unknown-column",
        f"`{source.name}` declares no column `{column}`, which would say the {parent} of each {node.name}.",
        *where,
        hint=f"Declare it, or say which column it is: `parent: {{level: {parent}, column: ...}}`.",
    )


def _known_attribute(element: Node, name: str, source: Source) -> bool:
    if name in source.columns:
        return True
    hint = did_you_mean(name, source.columns)
    element.error("unknown-column", f"`{source.name}` declares no column `{name}`.", hint=hint)
    return False


def _key(node: Node, source: Source) -> str | None:
    """The column that holds the members' keys; where nothing is said, the source's own key, or the level's name."""
    named = node.text("key")
    if named is not None:
        if named not in source.columns:
            unknown_column(node, "key", named, source.columns, source.name)
        return named
    if len(source.key) == 1:
        return source.key[0]
    if node.name in source.columns:
        return node.name
    node.error(
        "level-without-key",
        f"Which column of `{source.name}` holds the key of each {node.name} isn't said.",
        hint="Add `key:`, the name of a column.",
    )
    return None


def _self(node: Node) -> str | None:
    """The column with the member above of the same level, where the level is a tree."""
    parent = node.get("parent")
    return parent.text("self") if parent is not None and isinstance(parent.value, dict) else None


def _parent(node: Node, nodes: Mapping[str, Node]) -> tuple[str, str | None]:
    """The level above, and the column that names its member."""
    child = node.get("parent")
    if child is None or _self(node) is not None:
        return ORGANISATION, None
    in_long_form = isinstance(child.value, dict)
    parent = (child.text("level") if in_long_form else child.text()) or ORGANISATION
    column = (child.text("column") if in_long_form else None) or parent
    if parent == ORGANISATION:
        return ORGANISATION, None
    if parent not in nodes:
        node.error(
            "unknown-level",
            f"There is no level `{parent}`.",
            *("parent", *(("level",) if in_long_form else ())),
            hint=did_you_mean(parent, [*nodes, ORGANISATION]) or f"Declare it: `dimensions: {{{parent}: {{}}}}`.",
        )
        return ORGANISATION, None
    return parent, column


def _without_source(node: Node, parent: str) -> None:
    """Members that are only seen, never listed, have nothing but their key."""
    if node.get("source") is not None:
        return
    if parent != ORGANISATION:
        node.error(
            "parent-without-source",
            f"Nothing says which {parent} a {node.name} belongs to.",
            "parent",
            hint="Add `source:`, whose rows list the members and name the one above.",
        )
    for key in ("key", "label", "attributes", "valid"):
        if node.get(key) is not None:
            node.error(
                "missing-source",
                f"`{key}` needs a source that lists the members of `{node.name}`.",
                key,
                key=True,
                hint="Add `source:`.",
            )


def _finest_first(levels: Mapping[str, Level]) -> dict[str, Level]:
    """Each chain as it climbs, a level only after all that are below it."""
    below = {name: sum(level.parent == name for level in levels.values()) for name in levels}
    done: dict[str, Level] = {}
    for name, count in tuple(below.items()):
        if count == 0:
            climb = name
            while climb in levels and below[climb] == 0:
                done[climb] = levels[climb]
                climb = levels[climb].parent
                if climb in below:
                    below[climb] -= 1
    return done


def dimensions(node: Node, source: Source, hierarchy_: Hierarchy) -> dict[str, str]:
    """Which column holds the key of which level, for the finest levels that a source has.

    A column reaches a level by its name or by `dimensions:`; rows that list a level's members reach it by their key.
    """
    levels = hierarchy_.levels
    reached = {level.name: level.key for level in levels.values() if level.source == source.name and level.key}
    reached |= {name: name for name in levels if name in source.columns}
    for level, child in node.items("dimensions"):
        column = child.text()
        if level not in levels:
            hint = hierarchy_.nearest(level, organisation=False)
            child.error("unknown-level", f"There is no level `{level}`.", key=True, hint=hint)
        elif column is not None and checked(node, "dimensions", source.columns, column):
            reached[level] = column
    coarser = {above for level in reached for above in hierarchy_.above(level)}
    finest = {level: column for level, column in reached.items() if level not in coarser}
    _only_way(node, finest, hierarchy_)
    _whole_keys(node, finest, source)
    return {level: finest[level] for level in hierarchy_.ordered(finest)}


def _whole_keys(node: Node, finest: Mapping[str, str], source: Source) -> None:
    """A key is compared as text, and `1.0` is not `1`: only types that every engine writes alike can be keys."""
    for level, key in finest.items():
        column = source.columns.get(key)
        if column is not None and column.type not in {"text", "integer", "date"}:
            node.error(
                "key-type",
                f"`{key}` tells one {level} from another, so it can't be a {column.type}: `1.0` and `1` would be two.",
                "columns",
                key,
                hint="Declare it as text, or as integer.",
            )


def _only_way(node: Node, finest: Mapping[str, str], hierarchy_: Hierarchy) -> None:
    """A level that a row reaches by two ways could be two members at once."""
    if not hierarchy_.sure:
        return
    ways: dict[str, str] = {}
    for level in finest:
        for above in hierarchy_.above(level):
            if above != ORGANISATION and ways.setdefault(above, level) != level:
                node.error(
                    "ambiguous-level",
                    f"A row of `{node.name}` reaches {above} both by {ways[above]} and by {level}.",
                    key=True,
                    hint=f"Rename the column that doesn't count: `columns: {{other_name: {{from: {level}}}}}`.",
                )
                return
