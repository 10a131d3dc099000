"""Draw the picture of the documentation that shows what a symbol is the sum of.

python tools/draw_symbol_sum.py docs/images/symbol-sum.svg
"""

import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from closient_export.renderers.drawing.runs import RunTexts
from closient_export.renderers.symbols import qr
from closient_export.renderers.symbols.codeword_map import unpacked
from closient_export.renderers.symbols.qr.batches import fit
from closient_export.renderers.symbols.qr.data_codewords import data_codewords
from closient_export.renderers.symbols.qr.segments import kinds_of
from closient_export.renderers.symbols.qr.structure import structure

SERIALS = (
    "https://id.gs1.org/01/09506000134352/21/417",
    "https://id.gs1.org/01/09506000134352/21/418",
)
GAP = 9


def panels() -> list[tuple[str, str, NDArray[np.uint8]]]:
    """The sign before each panel, what is written below it, and its modules."""
    data = [text.encode() for text in SERIALS]
    version, cuts = fit(kinds_of(data[0]), "M")
    made = structure(version, "M")
    texts = np.frombuffer(b"".join(data), np.uint8).reshape(len(data), -1)
    codewords = data_codewords(texts, cuts, 0, made.data_count)
    width = made.width
    fixed = unpacked(made.codeword_map.fixed, width)
    before = unpacked(made.codeword_map.rows(codewords), width)
    finished = qr.encode(SERIALS[1:], "M").groups[0].modules[0]
    return [
        ("", "fixed patterns", fixed),
        ("⊕", "data and checks of …/21/417", before[0] ^ fixed),
        ("⊕", "what 8 for 7 changes", before[1] ^ before[0]),
        ("⊕", "mask, format information", finished ^ before[1]),
        ("=", "the symbol of …/21/418", finished),
    ]


def main() -> None:
    found = panels()
    width = len(found[0][2])
    step = width + GAP
    parts = []
    for number, (sign, label, modules) in enumerate(found):
        left = 1 + number * step
        (path,) = RunTexts("M{x} {y}", "h{length}v1h-{length}z").of(modules[None])
        parts.append(
            f'<g transform="translate({left} 1)"><rect x="-.5" y="-.5" width="{width + 1}" '
            f'height="{width + 1}" fill="#fff" stroke="#bbb" stroke-width=".2"/>'
            f'<path shape-rendering="crispEdges" d="{path.decode()}"/>'
            f'<text x="{width / 2}" y="{width + 4}" text-anchor="middle">{label}</text>'
            f'<text x="{-GAP / 2}" y="{width / 2 + 2}" text-anchor="middle" font-size="6">{sign}</text></g>'
        )
    total = len(found) * step - GAP + 2
    Path(sys.argv[1]).write_text(
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {total} {width + 7}" '
        f'width="{total * 5}" font-family="sans-serif" font-size="2.3" role="img">'
        f"<title>A symbol as a sum</title>"
        f'<path fill="#fff" d="M0 0h{total}v{width + 7}h-{total}z"/>{"".join(parts)}</svg>\n',
        "utf-8",
    )


if __name__ == "__main__":
    main()
