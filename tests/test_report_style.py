"""Colours: readable in both schemes, apart for the colour-blind, and none that a template forgets."""

from __future__ import annotations

import itertools
import re

import pytest

from kpieval import folders

CSS = (folders.reports() / "report.css").read_text(encoding="utf-8")
COLORS = ("green", "blue", "amber", "orange", "red", "grey")
Rgb = tuple[float, float, float]

# Machado, Oliveira and Fernandes (2009), severity 1.0, on linear light
BLIND = {
    "protan": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "deutan": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.01182, 0.04294, 0.968881)),
}


def roles(scheme: str) -> dict[str, str]:
    light, dark = (
        re.search(pattern, CSS, re.DOTALL)
        for pattern in (r":root \{(.*?)\}", r"color-scheme: dark\) \{\s*:root \{(.*?)\}")
    )
    assert light
    assert dark
    found = dict(re.findall(r"--([\w-]+): (#\w+);", light[1]))
    return found | dict(re.findall(r"--([\w-]+): (#\w+);", dark[1])) if scheme == "dark" else found


def linear(color: str) -> Rgb:
    digits = color[1:] if len(color) == 7 else "".join(sign * 2 for sign in color[1:])
    parts = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return red, green, blue


def luminance(color: str) -> float:
    red, green, blue = linear(color)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def lab(light: Rgb) -> Rgb:
    red, green, blue = (min(1.0, max(0.0, part)) for part in light)
    x = (0.4124 * red + 0.3576 * green + 0.1805 * blue) / 0.9505
    y = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    z = (0.0193 * red + 0.1192 * green + 0.9505 * blue) / 1.089
    fx, fy, fz = (part ** (1 / 3) if part > 0.008856 else 7.787 * part + 16 / 116 for part in (x, y, z))
    return 116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)


def seen(color: str, matrix: tuple[Rgb, Rgb, Rgb]) -> Rgb:
    light = linear(color)
    red, green, blue = (sum(weight * part for weight, part in zip(row, light, strict=True)) for row in matrix)
    return lab((red, green, blue))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_has_the_contrast_of_wcag_aa_on_all_that_it_stands_on(scheme: str) -> None:
    found = roles(scheme)
    grounds = [found["paper"], found["raised"]]
    for text in ("ink", "soft", "link", *COLORS):
        for ground in grounds:
            assert contrast(found[text], ground) >= 4.5, (text, ground)
    for color in COLORS:
        tint = found[f"{color}-tint"]
        assert contrast(found["ink"], tint) >= 7, color
        assert contrast(found["soft"], tint) >= 4.5, color
        assert contrast(found[color], tint) >= 3, color  # the icon


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_marks_of_a_bullet_graph_stand_out_from_every_range(scheme: str) -> None:
    found = roles(scheme)
    for shade in range(5):
        assert contrast(found["ink"], found[f"b{shade}"]) >= 3


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("kind", BLIND)
def test_good_watch_and_poor_differ_for_the_colour_blind(scheme: str, kind: str) -> None:
    found = roles(scheme)
    for one, other in itertools.combinations(("green", "amber", "red"), 2):
        distance = (
            sum(
                (a - b) ** 2
                for a, b in zip(seen(found[one], BLIND[kind]), seen(found[other], BLIND[kind]), strict=True)
            )
            ** 0.5
        )
        assert distance > 20, (one, other, distance)


def test_every_colour_has_its_text_tile_and_cell() -> None:
    for color in COLORS:
        for selector in (f".{color} {{", f".tiles li.{color} {{", f".grid td.{color} {{"):
            assert selector in CSS


def test_every_colour_role_that_is_used_is_set() -> None:
    local = {"body", "icon"}
    assert set(re.findall(r"var\(--([\w-]+)", CSS)) - local <= set(roles("light")) | {"accent"}
    assert set(roles("dark")) == set(roles("light"))
