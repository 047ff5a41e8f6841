"""How Excel writes the numbers of a unit."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from kpieval.render.formatting import unit_decimals
from kpieval.render.prose import clean

if TYPE_CHECKING:
    from kpieval.model import Unit
    from kpieval.render.formatting import Formats


def number_format(unit: Unit, formats: Formats, decimals: int | None = None, *, signed: bool = False) -> str:
    """How Excel writes the numbers of a unit, in the words of the report's language.

    Points are differences of shares, so that they are written in per cent as these are. A `signed` number is a
    difference, which says by a plus that it is one.
    """
    places = unit_decimals(unit) if decimals is None else decimals
    plain = "#,##0" + ("." + "0" * places if places else "")
    if unit.kind in ("percent", "points"):
        code = f"{plain}%"
    elif unit.kind == "currency":
        code = _money(plain, formats)
    else:
        word = formats.unit_sign(unit.kind) or unit.suffix or ""
        kept = re.sub(r'["\\]', "", clean(word))[:40]
        code = f'{plain}" {kept}"' if kept else plain
    return f"+{code};-{code};{code}" if signed else code


def _money(plain: str, formats: Formats) -> str:
    """Money with the sign of its currency where the locale has it: before the number, or after it."""
    sign, before, apart = formats.money_sign()
    if not sign or re.search(r"[\[\]\-;]", sign):
        return plain
    ends = (f"[${sign}]", plain) if before else (plain, f"[${sign}]")
    return (" " if apart else "").join(ends)
