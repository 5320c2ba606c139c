"""Bar and line charts for the docs, as SVG."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from pathlib import Path

from .peers import OURS

_COLOURS = ("#2563eb", "#94a3b8")
_WIDTH, _BAR, _LABELS, _TOP = 480, 28, 165, 52
#: In a page of the docs, the colours are those of its theme.
_TEXT = "var(--color-foreground-primary, #1e293b)"
_GRID = "var(--color-background-border, #e2e8f0)"
_PAPER = "var(--color-background-primary, white)"


def _write(directory: Path, name: str, title: str, height: float, parts: Iterable[str]) -> None:
    """Write a picture to a directory, which is created if necessary."""
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height:.0f}" '
        'class="chart" font-family="sans-serif" font-size="15" role="img">',
        f"<title>{escape(title)}</title>",
        f'<rect width="{_WIDTH}" height="{height:.0f}" style="fill: {_PAPER}"/>',
        _text(8, 26, title, size=17),
        *parts,
        "</svg>\n",
    ]
    directory.mkdir(parents=True, exist_ok=True)
    file = directory / (name.replace(",", "").replace(" ", "-") + ".svg")
    file.write_text("\n".join(lines), encoding="utf-8")


def _text(x: float, y: float, text: str, *, anchor: str = "start", size: int = 15) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}" '
        f'style="fill: {_TEXT}">{escape(text)}</text>'
    )


def groups(
    directory: Path,
    name: str,
    title: str,
    values: Mapping[str, Mapping[str, float]],
    *,
    digits: int = 1,
) -> None:
    """Groups of bars, in the order of the mappings, with the name of each group above it.

    The bar of this package is blue.

    :param digits: the digits after the point.
    """
    longest = max(value for group in values.values() for value in group.values())
    scale = (_WIDTH - _LABELS - 56) / longest
    parts: list[str] = []
    y: float = _TOP
    for heading, group in values.items():
        if heading:
            parts.append(_text(8, y + 14, heading))
            y += _BAR
        for label, value in group.items():
            parts += [
                _text(_LABELS - 8, y + 17, label, anchor="end"),
                f'<rect x="{_LABELS}" y="{y + 2}" width="{max(value * scale, 1):.1f}" '
                f'height="{_BAR - 7}" fill="{_COLOURS[label != OURS]}"/>',
                _text(_LABELS + value * scale + 6, y + 17, f"{value:.{digits}f}"),
            ]
            y += _BAR
        y += _BAR / 2
    _write(directory, name, title, y, parts)


def lines(
    directory: Path,
    name: str,
    title: str,
    x_label: str,
    curves: Mapping[str, Sequence[tuple[float, float]]],
) -> None:
    """Curves over two logarithmic axes."""
    height, left, right, bottom = 400, 56, 100, 56
    points = [point for each in curves.values() for point in each]
    x_axis, y_axis = (_decades(values) for values in zip(*points, strict=True))

    def place(x: float, y: float) -> tuple[float, float]:
        along = (math.log10(x) - x_axis[0]) / (x_axis[-1] - x_axis[0])
        up = (math.log10(y) - y_axis[0]) / (y_axis[-1] - y_axis[0])
        wide, high = _WIDTH - left - right, height - _TOP - bottom
        return left + along * wide, height - bottom - up * high

    parts: list[str] = []
    for power in x_axis:
        x, y = place(10.0**power, 10.0 ** y_axis[0])
        parts.append(_text(x, y + 20, _power(power), anchor="middle"))
    for power in y_axis:
        x, y = place(10.0 ** x_axis[0], 10.0**power)
        parts.append(f'<path d="M{x:.1f} {y:.1f}H{_WIDTH - right}" style="stroke: {_GRID}"/>')
        parts.append(_text(x - 8, y + 5, _power(power), anchor="end"))
    parts.append(_text((left + _WIDTH - right) / 2, height - 12, x_label, anchor="middle"))
    for colour, (label, curve) in zip(_COLOURS, curves.items(), strict=False):
        path = "L".join(f"{x:.1f} {y:.1f}" for x, y in (place(*point) for point in curve))
        parts.append(f'<path d="M{path}" stroke="{colour}" stroke-width="2.5" fill="none"/>')
        x, y = place(*curve[-1])
        parts.append(_text(x + 8, y + 5, label))
    _write(directory, name, title, height, parts)


def _decades(values: Iterable[float]) -> range:
    powers = [math.log10(value) for value in values]
    first, last = math.floor(min(powers)), math.ceil(max(powers))
    return range(first, max(last, first + 1) + 1)


def _power(power: int) -> str:
    """A power of ten in few characters.

    >>> [_power(power) for power in (-2, 0, 2, 4, 6, 9, 12)]
    ['0.01', '1', '100', '10k', '1M', '1G', '1e12']
    """
    if power < 0:
        return f"{10.0**power:.{-power}f}"
    letter = {0: "", 1: "k", 2: "M", 3: "G"}.get(power // 3)
    return f"1e{power}" if letter is None else f"{10 ** (power % 3)}{letter}"
