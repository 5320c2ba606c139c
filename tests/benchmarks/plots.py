"""Bar and line charts for the docs, as SVG."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from pathlib import Path

from .peers import OURS

__all__ = ["Line", "bars", "lines", "write"]

#: A label, and points.
Line = tuple[str, Sequence[tuple[float, float]]]

_COLOURS = ("#2563eb", "#94a3b8", "#d97706", "#059669", "#7c3aed")
_WIDTH, _BAR, _LABELS, _TOP = 720, 24, 170, 48


def _svg(title: str, height: int, parts: Iterable[str]) -> str:
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" '
            'font-family="sans-serif" font-size="13" role="img">',
            f"<title>{escape(title)}</title>",
            f'<rect width="{_WIDTH}" height="{height}" fill="white"/>',
            _text(16, 26, title, size=16),
            *parts,
            "</svg>\n",
        ]
    )


def _text(x: float, y: float, text: str, *, anchor: str = "start", size: int = 13) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}" '
        f'fill="#1e293b">{escape(text)}</text>'
    )


def bars(title: str, values: Mapping[str, float]) -> str:
    """A bar for each value, the shortest first; the one of this package is blue."""
    scale = (_WIDTH - _LABELS - 70) / max(values.values())
    parts: list[str] = []
    for number, (name, value) in enumerate(sorted(values.items(), key=lambda item: item[1])):
        y = _TOP + number * _BAR
        colour = _COLOURS[0] if name == OURS else _COLOURS[1]
        parts += [
            _text(_LABELS - 8, y + 15, name, anchor="end"),
            f'<rect x="{_LABELS}" y="{y + 2}" width="{max(value * scale, 1):.1f}" '
            f'height="{_BAR - 6}" fill="{colour}"/>',
            _text(_LABELS + value * scale + 6, y + 15, f"{value:.2f}"),
        ]
    return _svg(title, _TOP + len(values) * _BAR + 12, parts)


def lines(title: str, x_label: str, curves: Sequence[Line]) -> str:
    """Curves over two logarithmic axes."""
    height, left, right, bottom = 400, 80, 150, 50
    xs = [x for _, points in curves for x, _ in points]
    ys = [y for _, points in curves for _, y in points]
    x_axis, y_axis = _decades(xs), _decades(ys)

    def place(x: float, y: float) -> tuple[float, float]:
        along = (math.log10(x) - x_axis[0]) / (x_axis[-1] - x_axis[0])
        up = (math.log10(y) - y_axis[0]) / (y_axis[-1] - y_axis[0])
        wide, high = _WIDTH - left - right, height - _TOP - bottom
        return left + along * wide, height - bottom - up * high

    parts: list[str] = []
    for power in x_axis:
        x, y = place(10.0**power, 10.0 ** y_axis[0])
        parts.append(_text(x, y + 18, _power(power), anchor="middle"))
    for power in y_axis:
        x, y = place(10.0 ** x_axis[0], 10.0**power)
        end = _WIDTH - right
        parts.append(f'<path d="M{x:.1f} {y:.1f}H{end}" stroke="#e2e8f0" fill="none"/>')
        parts.append(_text(x - 8, y + 4, _power(power), anchor="end"))
    middle = (left + _WIDTH - right) / 2
    parts.append(_text(middle, height - 12, x_label, anchor="middle"))
    for number, (label, points) in enumerate(curves):
        colour = _COLOURS[number % len(_COLOURS)]
        path = "L".join(f"{x:.1f} {y:.1f}" for x, y in (place(*point) for point in points))
        parts.append(f'<path d="M{path}" stroke="{colour}" stroke-width="2.5" fill="none"/>')
        x, y = place(*points[-1])
        parts.append(_text(x + 8, y + 4, label))
    return _svg(title, height, parts)


def _decades(values: Iterable[float]) -> range:
    powers = [math.log10(value) for value in values]
    first, last = math.floor(min(powers)), math.ceil(max(powers))
    return range(first, max(last, first + 1) + 1)


def _power(power: int) -> str:
    if -4 < power < 7:
        return f"{10.0**power:,.{max(0, -power)}f}"
    return f"1e{power}"


def write(directory: Path, name: str, picture: str) -> None:
    """Write a picture to a directory, which is created if necessary."""
    directory.mkdir(parents=True, exist_ok=True)
    file = directory / (name.replace(",", "").replace(" ", "-") + ".svg")
    file.write_text(picture, encoding="utf-8")
