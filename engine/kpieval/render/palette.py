"""The colours of statuses where no style sheet reaches: in a message, in a workbook. They are those of `report.css`."""

from __future__ import annotations

from types import MappingProxyType

INK = MappingProxyType({
    "green": "#00756f", "blue": "#14549c", "amber": "#8a5a00", "orange": "#993d00", "red": "#9e1030", "grey": "#56616c",
})  # fmt: skip
"""Of text."""

TINT = MappingProxyType({
    "green": "#dff1ee", "blue": "#e1ecf8", "amber": "#fcefd2", "orange": "#fde8da", "red": "#fae3e9", "grey": "#eef0f2",
})  # fmt: skip
"""Of the ground behind it."""
