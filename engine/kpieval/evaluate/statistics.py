"""Intervals and comparison as DuckDB macros, so that a million observations are judged in bulk.

- `wilson_low`, `wilson_high`: the 95 % score interval of a share k of n. E. B. Wilson (1927), Probable inference, the
  law of succession, and statistical inference, JASA 22, 209-212; as in R. G. Newcombe (1998), Statistics in Medicine
  17, 857-872.
- `newcombe_low`, `newcombe_high`: the 95 % interval of a difference of two independent shares, from their Wilson
  limits. R. G. Newcombe (1998), Interval estimation for the difference between independent proportions, method 10,
  Statistics in Medicine 17, 873-890.
- `t975`: the 97.5 % quantile of Student's t. Up to 200 degrees of freedom from a table that `student_quantile` makes,
  beyond that the Cornish-Fisher expansion, Abramowitz and Stegun (1964) 26.7.5, right to ten digits there.
- `reaches(a, b)`: a >= b for numbers that a computation in doubles should find equal. The `tolerance` is a few
  times the rounding of a double: 4e-15 of the larger number, and 1e-15 near zero. Ratios of counts below ten million
  differ by more than that, and so do sums of money below a trillion that differ by a cent.
- `side(a, b)`: 1 where a is above b, -1 where it is below, 0 where they are equal.
- `minus(a, b)`: a - b without the digits that are only rounding: 0.31 - 0.17 is 0.14.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb

CONFIDENCE = 0.95
Z = 1.959963984540054
"""The 97.5 % quantile of the normal distribution."""

_TABLED = 200

_MACROS = f"""
create temp macro wilson_centre(k, n) as (k + {Z} * {Z} / 2) / (n + {Z} * {Z});
create temp macro wilson_reach(k, n) as {Z} / (n + {Z} * {Z}) * sqrt(greatest(0, k * (n - k) / n + {Z} * {Z} / 4));
create temp macro wilson_low(k, n) as
  case when k = 0 then 0.0 else greatest(0, wilson_centre(k, n) - wilson_reach(k, n)) end;
create temp macro wilson_high(k, n) as
  case when k = n then 1.0 else least(1, wilson_centre(k, n) + wilson_reach(k, n)) end;
create temp macro newcombe_low(k1, n1, k0, n0) as
  k1 / n1 - k0 / n0 - sqrt(pow(k1 / n1 - wilson_low(k1, n1), 2) + pow(wilson_high(k0, n0) - k0 / n0, 2));
create temp macro newcombe_high(k1, n1, k0, n0) as
  k1 / n1 - k0 / n0 + sqrt(pow(wilson_high(k1, n1) - k1 / n1, 2) + pow(k0 / n0 - wilson_low(k0, n0), 2));
create temp macro tolerance(a) as greatest(4e-15 * abs(a), 1e-15);
create temp macro reaches(a, b) as a >= b - tolerance(greatest(abs(a), abs(b)));
create temp macro side(a, b) as case when not reaches(b, a) then 1 when reaches(a, b) then 0 else -1 end;
create temp macro minus(a, b) as round(a - b, cast(14 - ceil(log10(greatest(abs(a), abs(b), 1e-9))) as integer));
"""


def define(connection: duckdb.DuckDBPyConnection, *, means: bool) -> None:
    """Define the macros in a connection; `t975` only where `means` are judged, since its table takes a moment."""
    connection.execute(_MACROS)
    if not means:
        return
    table = ", ".join(repr(student_quantile(degrees)) for degrees in range(1, _TABLED + 1))
    z = repr(Z)
    connection.execute(
        f"create temp macro t975(v) as case when v <= {_TABLED} then list_extract([{table}], cast(v as integer)) else "
        f"{z} + (pow({z}, 3) + {z}) / (4 * v) + (5 * pow({z}, 5) + 16 * pow({z}, 3) + 3 * {z}) / (96 * pow(v, 2)) "
        f"+ (3 * pow({z}, 7) + 19 * pow({z}, 5) + 17 * pow({z}, 3) - 15 * {z}) / (384 * pow(v, 3)) end"
    )


def student_quantile(degrees: int) -> float:
    """The t with 97.5 % of Student's distribution below it, for a whole number of degrees of freedom."""
    low, high = 0.0, 1.0
    while _two_sided(high, degrees) < CONFIDENCE:
        high *= 2
    while high - low > 1e-14 * high:
        middle = (low + high) / 2
        if middle in {low, high}:
            break
        low, high = (middle, high) if _two_sided(middle, degrees) < CONFIDENCE else (low, middle)
    return (low + high) / 2


def _two_sided(t: float, degrees: int) -> float:
    """The share between -t and t: the finite series of Abramowitz and Stegun (1964) 26.7.3 and 26.7.4."""
    theta = math.atan(t / math.sqrt(degrees))
    cosine = math.cos(theta)
    odd = degrees % 2
    term = cosine if odd else 1.0
    total = 0.0 if odd and degrees == 1 else term
    for step in range(2 + odd, degrees - 1, 2):
        term *= cosine * cosine * (step - 1) / step
        total += term
    total *= math.sin(theta)
    return 2 / math.pi * (theta + total) if odd else total
