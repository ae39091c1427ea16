"""Figures: a table for people, and one line ``NAME.metric value unit`` each for programs."""

import math
from collections.abc import Sequence


def percentile(values: Sequence[float], p: float) -> float:
    """The nearest-rank percentile; NaN without values."""
    if not values:
        return math.nan
    ranked = sorted(values)
    return ranked[min(len(ranked) - 1, max(0, math.ceil(p / 100 * len(ranked)) - 1))]


def line(name: str, value: float, unit: str = "") -> None:
    """Print one figure."""
    said = str(value) if isinstance(value, int) else f"{value:.4g}"
    print(f"{name} {said} {unit}".rstrip(), flush=True)


def spread(name: str, seconds: Sequence[float]) -> None:
    """Print p50, p95, p99 and the count of a series of times."""
    for p in (50, 95, 99):
        line(f"{name}.p{p}", percentile(seconds, p) * 1000, "ms")
    line(f"{name}.n", len(seconds))
