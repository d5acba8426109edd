"""Symbols located in a large map: seconds for three templates, and beside plain OpenCV.

Run ``python benchmarks/map_symbols.py`` from the repository root. A map of 4096 × 4096 pixels with
600 symbols of each of three kinds is rendered on streets and stored as JPEG. Printed are wall and
CPU seconds (the least of the repeats), F1, the mean error in pixels, and the ratio to what
``cv2.matchTemplate`` alone takes for the three templates.
"""

from __future__ import annotations

import argparse
import time

import cv2
import numpy as np

from helpers.sources.map_symbols import (
    Symbol,
    agreement,
    as_jpeg,
    background,
    decoded,
    grey,
    locate,
    render,
)


def timed(function, repeats: int):
    """Least wall and CPU seconds of the repeats, and the last result."""
    spent = []
    for _ in range(repeats):
        wall, used = time.perf_counter(), time.process_time()
        result = function()
        spent.append((time.perf_counter() - wall, time.process_time() - used))
    return min(each[0] for each in spent), min(each[1] for each in spent), result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--side", type=int, default=4096)
    parser.add_argument("--symbols", type=int, default=600, help="of each kind")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--threads", type=int, default=0, help="of OpenCV; 0: its own choice")
    asked = parser.parse_args()
    if asked.threads:
        cv2.setNumThreads(asked.threads)
    generator = np.random.default_rng(1)
    image = background("streets", asked.side, asked.side, 1)
    symbols, true = [Symbol(number) for number in (0, 1, 2)], []
    for symbol in symbols:
        true.append(generator.uniform(0, asked.side - 1, size=(asked.symbols, 2)))
        image = render(true[-1], symbol, image)
    image = decoded(as_jpeg(image))
    templates = [symbol.template for symbol in symbols]
    levels = grey(image)

    def alone():
        for template in templates:
            part = grey(template.image[template.core])
            cv2.matchTemplate(levels, part, cv2.TM_CCOEFF_NORMED)

    base = timed(alone, asked.repeats)
    for name, overlaps in {"plain": False, "visible parts": True}.items():
        *spent, found = timed(
            lambda o=overlaps: locate(image, templates, overlaps=o), asked.repeats
        )
        matched = total = error = 0
        for symbol, places in zip(symbols, true, strict=True):
            mine = found.loc[found["kind"] == str(symbol.number), ["pixel_x", "pixel_y"]]
            held = agreement(mine.to_numpy(), places, 5)
            matched, total = matched + held.matched, total + held.found + held.true
            error += held.errors.sum()
        print(
            f"{name:14} {spent[0]:6.2f} s wall {spent[1]:6.2f} s CPU  F1 {2 * matched / total:.4f}  "
            f"error {error / matched:.3f} px  {spent[1] / base[1]:.1f} × matchTemplate alone"
        )


if __name__ == "__main__":
    main()
