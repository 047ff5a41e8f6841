"""The value of a KPI -> whether it provably counts things, or provably adds up amounts, through all that it names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlglot import exp

    from kpieval.build.catalogue import Catalogue
    from kpieval.model import Kpi

Basis = Literal["count", "amount"]


def basis(kpi: Kpi, kpis: Mapping[str, Kpi], catalogue: Catalogue) -> Basis | None:
    """`count` if every aggregate counts rows or members, `amount` if every one is a sum of amounts, else None."""
    found: set[Basis | None] = set()
    seen, waiting = {kpi.name}, [kpi]
    while waiting:  # no recursion: KPIs may build on each other in long chains
        current = waiting.pop()
        own, names = _of(current.value.tree, current.source, catalogue, per=current.per is not None)
        found |= own
        for name in sorted(names - seen):
            seen.add(name)
            measure = catalogue.measures.get(name)
            if measure is not None:
                found |= _of(measure.expression.tree, measure.source, catalogue, per=False)[0]
            elif name in kpis:
                waiting.append(kpis[name])
    return next(iter(found)) if len(found) == 1 else None


def _of(
    tree: exp.Expression, source: str | None, catalogue: Catalogue, *, per: bool
) -> tuple[set[Basis | None], set[str]]:
    """What the aggregates in a tree do, and the names outside of them."""
    from sqlglot import exp  # noqa: PLC0415 - an expression is there, so sqlglot is loaded

    if isinstance(tree, exp.Filter):
        return _of(tree.this, source, catalogue, per=per)
    if isinstance(tree, exp.Count) or (isinstance(tree, exp.Anonymous) and tree.name.lower() == "share"):
        return {"count"}, set()
    if isinstance(tree, exp.Sum) and not per:
        return {"amount" if _is_amount(tree.this, source, catalogue) else None}, set()
    if isinstance(tree, exp.AggFunc):
        return {None}, set()
    if isinstance(tree, exp.Column):
        return set(), {tree.name}
    kinds: set[Basis | None] = set()
    names: set[str] = set()
    # What a case asks decides which value there is, and isn't in it.
    asked = {"this"} if isinstance(tree, exp.Case | exp.If) else set()
    for child in (each for each in tree.iter_expressions() if each.arg_key not in asked):
        own, inside = _of(child, source, catalogue, per=per)
        kinds, names = kinds | own, names | inside
    return kinds, names


def _is_amount(argument: exp.Expression, source: str | None, catalogue: Catalogue) -> bool:
    """Whether columns are added up that aren't whole: a sum of whole numbers, or of ones and zeros, may count."""
    from sqlglot import exp  # noqa: PLC0415 - an expression is there, so sqlglot is loaded

    plain = exp.Column | exp.Identifier | exp.Literal | exp.Paren | exp.Neg | exp.Add | exp.Sub | exp.Mul
    if source is None or not all(isinstance(node, plain) for node in argument.walk()):
        return False
    columns = catalogue.sources[source].columns
    types = {columns[column.name].type for column in argument.find_all(exp.Column) if column.name in columns}
    return bool(types & {"decimal", "number"})
