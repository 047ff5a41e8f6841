"""What definitions say of each other by name: every name has to be there, and no arrow may lead back."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from kpieval.build.cycles import cycles
from kpieval.nearest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from kpieval.build.levels import Hierarchy
    from kpieval.build.node import Node

FIELDS = (
    "value", "status", "target", "n", "reason", "previous", "change", "attainment", "score",
    "numerator", "denominator", "uncertain", "label",
)  # fmt: skip
"""What a rule may ask of a KPI."""
_PLAIN = ("member", "level", "period")
_QUOTED = re.compile(r"'(?:[^']|'')*'")
_FIELD = re.compile(r"\b([A-Za-z_]\w*)\s*\.\s*([A-Za-z_]\w*)")
_HOLE = re.compile(r"\{\{\s*(.*?)\s*\}\}")


def check_kpis(kpis: Mapping[str, Node], benchmarks: Mapping[str, Node]) -> None:
    """What a KPI drives, what guards it, and what it is compared with."""
    for key in ("drives", "guarded_by"):
        for node in kpis.values():
            for element in node.elements(key):
                known(element, element.text(), kpis, "KPI")
        for round_ in cycles({name: node.texts(key) for name, node in kpis.items()}):
            kpis[round_[0]].error(
                f"{key.replace('_', '-')}-cycle",
                f"`{key}` leads back: {' -> '.join(round_)}.",
                key,
                hint="Take one of these steps away.",
            )
    for name, node in kpis.items():
        for element in node.elements("benchmarks"):
            benchmark = element.text()
            if known(element, benchmark, benchmarks, "benchmark") and benchmark is not None:
                measured = benchmarks[benchmark].text("kpi")
                if measured is not None and measured != name:
                    element.error(
                        "benchmark-of-other-kpi",
                        f"`{benchmark}` is a benchmark of `{measured}`, not of `{name}`.",
                        hint="Two definitions under one name can't be compared.",
                    )


def check_rules(rules: Iterable[Node], kpis: Mapping[str, Node], hierarchy: Hierarchy) -> None:
    """The level of each rule, and the fields of KPIs in its condition and its message."""
    for node in rules:
        known_level(node, "level", hierarchy)
        condition = node.get("when")
        text = condition.text() if condition is not None else None
        if condition is not None and text is not None:
            # Literals may hold dots; blanks of the same length keep the columns right.
            bare = _QUOTED.sub(lambda match: " " * len(match.group()), text)
            for match in _FIELD.finditer(bare):
                _field(condition, match.group(1), match.group(2), match.start(), kpis)
        for key in ("message", "action"):
            message = node.get(key)
            text = message.text() if message is not None else None
            for hole in _HOLE.finditer(text or ""):
                if message is not None:
                    _hole(message, hole.group(1), hole.start(1), kpis)


def _hole(node: Node, inside: str, offset: int, kpis: Mapping[str, Node]) -> None:
    match = _FIELD.fullmatch(inside)
    if match is not None:
        _field(node, match.group(1), match.group(2), offset, kpis)
    elif inside not in _PLAIN:
        node.error(
            "unknown-field",
            f"`{{{{ {inside} }}}}` is nothing that a message can show.",
            offset=offset,
            hint=did_you_mean(inside, _PLAIN) or f"It shows {', '.join(_PLAIN)}, and fields as in win_rate.value.",
        )


def _field(node: Node, kpi: str, field: str, offset: int, kpis: Mapping[str, Node]) -> None:
    if kpi not in kpis:
        node.error("unknown-kpi", f"There is no KPI `{kpi}`.", offset=offset, hint=did_you_mean(kpi, kpis))
    elif field not in FIELDS:
        hint = did_you_mean(field, FIELDS) or f"It has {', '.join(FIELDS)}."
        node.error("unknown-field", f"A KPI has no field `{field}`.", offset=offset + len(kpi) + 1, hint=hint)


def known(node: Node, name: str | None, names: Mapping[str, Node], kind: str, *, key: bool = False) -> bool:
    """Whether there is a definition of that name; if not, it is noted at the node, or at its `key`."""
    if name is None or name in names:
        return True
    hint = did_you_mean(name, names)
    node.error(f"unknown-{kind.lower()}", f"There is no {kind} `{name}`.", key=key, hint=hint)
    return False


def known_level(node: Node, key: str, hierarchy: Hierarchy) -> str | None:
    """The level under `key`; None where there is no such level, which is noted."""
    level = node.text(key)
    if level is None or level in hierarchy:
        return level
    node.error("unknown-level", f"There is no level `{level}`.", key, hint=hierarchy.nearest(level))
    return None
