"""The text of an expression -> sqlglot's tree of it, with the author's words back in their places.

Each node that stands for a word has its offset in the text as `meta["at"]`. Calls are `exp.Anonymous` with the name in
lower case, all of them: what they mean is said by the catalogue and not by sqlglot.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from sqlglot import exp
from sqlglot.dialects.duckdb import DuckDB
from sqlglot.errors import ErrorLevel, ParseError

from kpieval.expressions.grammar import Grammar

if TYPE_CHECKING:
    from kpieval.expressions.walk import Leaf
    from kpieval.expressions.words import Writing


def parse(writing: Writing) -> exp.Expression:
    """The tree of an expression, or a DefinitionError."""
    grammar = Grammar(writing)
    try:
        parser = DuckDB().parser(error_level=ErrorLevel.IMMEDIATE)
        tree = parser.parse_into(exp.Condition, grammar.tokens, writing.text)[0]
    except ParseError as error:
        at = error.errors[0].get("col", 1) - 1 if error.errors else 0
        writing.refuse("expression-syntax", "Something is missing here, or too much.", min(at, len(writing.text) - 1))
    if not isinstance(tree, exp.Expression):
        writing.refuse("expression-syntax", "This is not an expression.")
    return _with_leaves(tree, grammar.leaves, writing)


def _with_leaves(tree: exp.Expression, leaves: list[Leaf], writing: Writing) -> exp.Expression:
    """Put the words back; each must be met once, in the order of the text, or the parser changed what was written."""
    root = exp.Paren(this=tree)
    met = 0
    for node in list(root.dfs()):
        if not isinstance(node, exp.Column | exp.Anonymous):
            continue
        if node.name != f"k{met}" or met >= len(leaves):
            break
        leaf = leaves[met]
        met += 1
        if isinstance(node, exp.Anonymous) == (leaf.kind == "call"):
            _put_back(node, leaf)
    else:
        if met == len(leaves):
            return cast("exp.Expression", root.this)
    return writing.refuse(
        "expression-syntax", "This can be read in more than one way.", leaves[min(met, len(leaves) - 1)].start
    )


def _put_back(node: exp.Expression, leaf: Leaf) -> None:
    if leaf.kind == "call":
        node.set("this", leaf.text)
        node.meta["at"] = leaf.start
        return
    word: exp.Expression
    match leaf.kind:
        case "name":
            word = exp.column(exp.to_identifier(leaf.text, quoted=True))
        case "field":
            word = exp.column(exp.to_identifier(leaf.text, quoted=True), exp.to_identifier(leaf.of, quoted=True))
            word.meta["part"] = leaf.part
        case "number":
            word = exp.Literal.number(leaf.text)
        case "text":
            word = exp.Literal.string(leaf.text)
        case "null":
            word = exp.Null()
        case "true" | "false":
            word = exp.Boolean(this=leaf.kind == "true")
    word.meta["at"] = leaf.start
    node.replace(word)
