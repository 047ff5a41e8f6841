"""Filters that test few values become group keys: rows are counted per combination, and each filter picks groups.

`count(*) filter (where stage = 'won')` and nine more like it cost one pass per row that way, whatever their number. A
filter whose tests would make too many groups stays in the scan.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING, Literal

from sqlglot import exp

if TYPE_CHECKING:
    from collections.abc import Iterable

Tree = exp.Expr

MOST_GROUPS = 500
"""How many combinations of tested values a scan may group by, for each member and period."""


@dataclass(frozen=True, slots=True)
class Keys:
    """The group keys by column name, and each filter that they answer, written over these names."""

    trees: dict[str, Tree]
    answered: dict[Tree, Tree]


def keys(filters: Iterable[Tree], prefix: str) -> Keys:
    """Choose group keys, named `prefix` and a number, for as many filters as fit, the first ones first."""
    tests: dict[Tree, list[Tree]] = {}
    chosen: list[Tree] = []
    for condition in dict.fromkeys(filters):
        more = {key: [*tests.get(key, []), *found] for key, found in _tests(condition).items()}
        if _groups({**tests, **more}) <= MOST_GROUPS:
            tests |= more
            chosen.append(condition)
    names = {key: f"{prefix}{position}" for position, key in enumerate(tests)}
    trees = {name: _key(key, tests[key]) for key, name in names.items()}
    return Keys(trees, {condition: _over_keys(condition, names, tests) for condition in chosen})


def atoms(condition: Tree) -> list[Tree]:
    """The single tests that a condition joins by and, or, not."""
    condition = condition.unnest()
    if isinstance(condition, exp.And | exp.Or):
        return [*atoms(condition.this), *atoms(condition.expression)]
    if isinstance(condition, exp.Not):
        return atoms(condition.this)
    return [] if isinstance(condition, exp.Boolean) else [condition]


def kind(key: Tree) -> Literal["integer", "boolean"]:
    """The type of a key: the number of a listed value, or whether a test holds, which may be a `case` as well."""
    return "integer" if isinstance(key, exp.Case) and key.args["ifs"][0].args["true"].is_number else "boolean"


def _tests(condition: Tree) -> dict[Tree, list[Tree]]:
    """Each test under what it is grouped by: the column whose listed values it tests, else the test itself."""
    found: dict[Tree, list[Tree]] = {}
    for atom in atoms(condition):
        found.setdefault(_subject(atom), []).append(atom)
    return found


def _subject(atom: Tree) -> Tree:
    listed = isinstance(atom, exp.EQ | exp.NEQ | exp.In | exp.Is) and isinstance(atom.this, exp.Column)
    return atom.this if listed and _values(atom) is not None else atom


def _values(atom: Tree) -> list[Tree] | None:
    """The literals that a column is compared with; None where it is compared with anything else."""
    if isinstance(atom, exp.Is):
        return [] if isinstance(atom.expression, exp.Null) else None
    others = atom.expressions if isinstance(atom, exp.In) else [atom.expression]
    return others if all(isinstance(other, exp.Literal) and other.is_string for other in others) else None


def _literals(found: list[Tree]) -> list[Tree]:
    return list(dict.fromkeys(value for atom in found for value in _values(atom) or []))


def _groups(tests: dict[Tree, list[Tree]]) -> int:
    """How many combinations there can be: the listed values, any other, and null; true, false and null of a test."""
    return prod(len(_literals(found)) + 2 if isinstance(key, exp.Column) and key not in found else 3
                for key, found in tests.items())  # fmt: skip


def _key(key: Tree, found: list[Tree]) -> Tree:
    """A test itself; or of a column which of the listed values it has, as a number, 0 for any other one."""
    if not isinstance(key, exp.Column) or key in found:
        return key.copy()
    case = exp.Case()
    for number, literal in enumerate(_literals(found), 1):
        case = case.when(exp.EQ(this=key.copy(), expression=literal.copy()), exp.Literal.number(number))
    return case.when(exp.Not(this=exp.Is(this=key.copy(), expression=exp.Null())), exp.Literal.number(0))


def _over_keys(condition: Tree, names: dict[Tree, str], tests: dict[Tree, list[Tree]]) -> Tree:
    """A condition over the group keys instead of the columns."""
    condition = condition.unnest()
    if isinstance(condition, exp.And | exp.Or):
        left, right = (_over_keys(side, names, tests) for side in (condition.this, condition.expression))
        return exp.paren(type(condition)(this=left, expression=right))
    if isinstance(condition, exp.Not):
        return exp.Not(this=exp.paren(_over_keys(condition.this, names, tests)))
    if isinstance(condition, exp.Boolean):
        return condition.copy()
    subject = _subject(condition)
    column = exp.column(names[subject])
    if subject == condition:
        return column
    copy = condition.copy()
    copy.this.replace(column)
    literals = _literals(tests[subject])
    for literal in list(copy.find_all(exp.Literal)):
        literal.replace(exp.Literal.number(literals.index(literal) + 1))
    return copy
