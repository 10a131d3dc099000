"""Symbols on sheets, module by module and edge by edge, as several programs rasterise them."""

import csv
import io
import subprocess
from collections.abc import Callable

import numpy as np
import pypdfium2
import pytest
from numpy.typing import NDArray
from PIL import Image
from readers import rasterise_pdf

from closient_export.gs1 import Gtin
from closient_export.renderers.sheet_pdf import SheetConfig, SheetRenderer
from closient_export.renderers.symbols import qr
from closient_export.subjects import Serial

X = 0.4312
"""No whole number of dots at any resolution, so that edges fall anywhere between them."""
LABEL = 38.1
GS = ("gs", "-q", "-dSAFER", "-dBATCH", "-dNOPAUSE")


def sheet() -> tuple[bytes, list[dict[str, str]]]:
    """A page of labels without text, whose symbols are in their middle, and its manifest."""
    gtin = Gtin("09506000134352")
    subjects = [Serial(gtin=gtin, lot="A1", serial=f"{n * 7919:07}") for n in range(21)]
    renderer, config = (
        SheetRenderer(),
        SheetConfig(sheet_template="24up_1.5in_square_letter", x_dimension_mm=X, lines=()),
    )
    out, rows = io.BytesIO(), io.BytesIO()
    renderer.assemble([renderer.render_part(subjects, config, 0)], out, rows)
    text = rows.getvalue().decode()
    return out.getvalue(), list(csv.DictReader(io.StringIO(text, newline="")))


PDF, LABELS = sheet()


def printed_to_pdf(pdf: bytes) -> bytes:
    """The document after a printer driver has written it anew."""
    command = [*GS, "-sDEVICE=pdfwrite", "-sOutputFile=-", "-"]
    return subprocess.run(command, input=pdf, capture_output=True, check=True).stdout


def ghostscript(pdf: bytes, dpi: int) -> Image.Image:
    command = [*GS, "-sDEVICE=pnggray", f"-r{dpi}", "-sOutputFile=-", "-"]
    done = subprocess.run(command, input=pdf, capture_output=True, check=True)
    return Image.open(io.BytesIO(done.stdout))


def poppler(pdf: bytes, dpi: int) -> Image.Image:
    return rasterise_pdf(pdf, dpi=dpi)[0]


def pdfium(pdf: bytes, dpi: int) -> Image.Image:
    image: Image.Image = pypdfium2.PdfDocument(pdf)[0].render(scale=dpi / 72).to_pil()
    return image


def edges(line: NDArray[np.float64]) -> NDArray[np.float64]:
    """Where a row of dots turns from light to dark and back, between dots by their grey."""
    dark = line > 0.5
    turns = np.flatnonzero(dark[1:] != dark[:-1])
    before, after = line[turns], line[turns + 1]
    return turns + 0.5 + (0.5 - before) / (after - before)


@pytest.mark.parametrize("dpi", [203, 300, 600])
@pytest.mark.parametrize("rasterise", [ghostscript, poppler, pdfium])
@pytest.mark.parametrize("pdf", [PDF, printed_to_pdf(PDF)], ids=["direct", "printed to PDF"])
def test_every_module_is_right_and_every_edge_within_a_dot_and_a_half(
    pdf: bytes, rasterise: Callable[[bytes, int], Image.Image], dpi: int
) -> None:
    darkness = 1 - np.asarray(rasterise(pdf, dpi).convert("L"), float) / 255
    dots = dpi / 25.4
    for label in LABELS:
        (symbols,) = qr.encode([label["payload"]], "M").groups
        modules = symbols.modules[0]
        size = len(modules)
        left, top = (
            float(label[f"{side}_mm"]) + (LABEL - size * X) / 2 for side in ("left", "top")
        )
        centres = ((left + (np.arange(size) + 0.5) * X) * dots).astype(int)
        for number, row in enumerate(modules):
            line = darkness[int((top + (number + 0.5) * X) * dots)]
            assert np.array_equal(line[centres] > 0.5, row == 1)
            start = int((left - 2 * X) * dots)
            found = start + edges(line[start : int((left + (size + 2) * X) * dots)])
            expected = (left + np.flatnonzero(np.diff(row, prepend=0, append=0)) * X) * dots
            assert np.abs(found - expected).max() < 1.5


def test_symbols_are_no_text() -> None:
    done = subprocess.run(["pdftotext", "-", "-"], input=PDF, capture_output=True, check=True)
    assert not done.stdout.strip()
