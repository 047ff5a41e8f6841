"""Contrast of colours, as WCAG 2.2 defines it (Success Criterion 1.4.3), and the nearest colour that has enough."""

from __future__ import annotations

PAPER = {"light": "#ffffff", "dark": "#14181c"}
"""What the report is written on, in each scheme."""

ENOUGH = 4.5
"""The contrast that text needs."""

Rgb = tuple[float, float, float]


def contrast(one: str, other: str) -> float:
    """The contrast of two colours, such as `#14549c`: from 1 to 21."""
    low, high = sorted((_luminance(_rgb(one)), _luminance(_rgb(other))))
    return (high + 0.05) / (low + 0.05)


def readable(color: str, paper: str) -> str:
    """The colour itself where it can be read on the paper, else the nearest one towards black or white that can."""
    if contrast(color, paper) >= ENOUGH:
        return color
    end = 0.0 if _luminance(_rgb(paper)) > _MIDDLE else 255.0
    parts = _rgb(color)
    for step in range(1, _STEPS + 1):
        mixed = _hex(tuple(part + (end - part) * step / _STEPS for part in parts))
        if contrast(mixed, paper) >= ENOUGH:
            return mixed
    return _hex((end, end, end))


_STEPS = 100
_MIDDLE = 0.18
"""The luminance at which black and white are equally far."""
_LINEAR_UP_TO = 0.04045


def _rgb(color: str) -> Rgb:
    digits = color.removeprefix("#")
    if len(digits) == 3:  # noqa: PLR2004, #abc is short for #aabbcc
        digits = "".join(digit * 2 for digit in digits)
    red, green, blue = (int(digits[at : at + 2], 16) for at in (0, 2, 4))
    return float(red), float(green), float(blue)


def _hex(parts: tuple[float, ...]) -> str:
    return "#" + "".join(f"{round(part):02x}" for part in parts)


def _luminance(parts: Rgb) -> float:
    red, green, blue = (
        share / 12.92 if share <= _LINEAR_UP_TO else ((share + 0.055) / 1.055) ** 2.4
        for share in (part / 255 for part in parts)
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
