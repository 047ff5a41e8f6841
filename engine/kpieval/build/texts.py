"""Comparisons with a text that a column never has, because its `values` give it words of the project's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kpieval.nearest import did_you_mean, nearest

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sqlglot import exp

    from kpieval.build.node import Node
    from kpieval.model import Column


def check_texts(node: Node, tree: exp.Expression, columns: Mapping[str, Column]) -> None:
    """Warn of each text in the expression that its column can't be equal to."""
    if not any(column.values for column in columns.values()):
        return
    for name, text in _compared(tree):
        column = columns.get(name)
        if column is None or not column.values:
            continue
        words = sorted({*column.values.values(), *([column.other] if column.other else [])})
        meant = column.values.get(text)
        # Without a word for all others, what `values` doesn't list stays as it is; but it isn't almost one of them.
        if text in words or (meant is None and column.other is None and nearest(text, words) is None):
            continue
        mapping = (*node.path[:2], "columns", name, "values")
        if node.set_elsewhere(*mapping):
            _words_differ(node, name, text, words, meant, mapping)
            continue
        hint = f"The data say `{text}`, the project says `{meant}`." if meant else did_you_mean(text, words)
        node.warn("never-equal", f"`{name}` is never '{text}'; it is one of {', '.join(words)}.", hint=hint)


def _words_differ(
    node: Node, name: str, text: str, words: list[str], meant: str | None, mapping: tuple[str | int, ...]
) -> None:
    """Warn of words that a project gives the values, where its pack asks for others: they are the pack's to choose."""
    near = nearest(text, words)
    hint = f"Write `{text}` instead of `{near}`." if near else None
    if meant:
        hint = f"The project's word stands first, those of the data in brackets: `{text}: [{meant}]`."
    asks = node.definition.origin(*node.path)
    message = f"`{name}` is never '{text}', which {asks} asks for; it is one of {', '.join(words)}."
    node.root.warn("never-equal", message, *mapping, hint=hint)


def _compared(tree: exp.Expression) -> Iterator[tuple[str, str]]:
    """Each column with a text that it is compared with."""
    from sqlglot import exp  # noqa: PLC0415 - an expression is there, so sqlglot is loaded

    for comparison in tree.find_all(exp.EQ, exp.NEQ, exp.In):
        sides = [comparison.this, comparison.args.get("expression"), *comparison.expressions]
        names = [side.name for side in sides if isinstance(side, exp.Column)]
        texts = [side.name for side in sides if isinstance(side, exp.Literal) and side.is_string]
        for name in names:
            for text in texts:
                yield name, text
