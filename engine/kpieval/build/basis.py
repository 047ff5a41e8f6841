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
    found = _Follow(kpis, catalogue).of_kpi(kpi)
    return next(iter(found)) if len(found) == 1 else None


class _Follow:
    """Follows names, each KPI once: a circle has been told of."""

    def __init__(self, kpis: Mapping[str, Kpi], catalogue: Catalogue) -> None:
        self._kpis, self._catalogue = kpis, catalogue
        self._seen: set[str] = set()

    def of_kpi(self, kpi: Kpi) -> set[Basis | None]:
        self._seen.add(kpi.name)
        return self._of(kpi.value.tree, kpi.source, per=kpi.per is not None)

    def _of(self, tree: exp.Expression, source: str | None, *, per: bool) -> set[Basis | None]:
        from sqlglot import exp  # noqa: PLC0415 - an expression is there, so sqlglot is loaded

        if isinstance(tree, exp.Filter):
            return self._of(tree.this, source, per=per)
        if isinstance(tree, exp.Count) or (isinstance(tree, exp.Anonymous) and tree.name.lower() == "share"):
            return {"count"}
        if isinstance(tree, exp.Sum) and not per:
            return {"amount" if self._is_amount(tree.this, source) else None}
        if isinstance(tree, exp.AggFunc):
            return {None}
        if isinstance(tree, exp.Column):
            return self._named(tree.name)
        return {each for child in tree.iter_expressions() for each in self._of(child, source, per=per)}

    def _named(self, name: str) -> set[Basis | None]:
        measure = self._catalogue.measures.get(name)
        if measure is not None:
            return self._of(measure.expression.tree, measure.source, per=False)
        if name in self._kpis and name not in self._seen:
            return self.of_kpi(self._kpis[name])
        return set()

    def _is_amount(self, argument: exp.Expression, source: str | None) -> bool:
        """Whether columns are added up that aren't whole: a sum of whole numbers, or of ones and zeros, may count."""
        from sqlglot import exp  # noqa: PLC0415 - an expression is there, so sqlglot is loaded

        plain = exp.Column | exp.Identifier | exp.Literal | exp.Paren | exp.Neg | exp.Add | exp.Sub | exp.Mul
        if source is None or not all(isinstance(node, plain) for node in argument.walk()):
            return False
        columns = self._catalogue.sources[source].columns
        types = {columns[column.name].type for column in argument.find_all(exp.Column) if column.name in columns}
        return bool(types & {"decimal", "number"})
