"""zbar, a decoder of another family, reads the same from each renderer that it knows the symbols of."""

import io
import subprocess
import zipfile
from datetime import date
from typing import Any

import pytest
from PIL import Image
from readers import rasterise_eps, rasterise_pdf, rasterise_svg

from closient_export import Gtin, Lot, default_registry, digital_link, renderer_config
from closient_export.plugins import Subject
from closient_export.requests import RendererKey

LOTS: list[Subject] = [
    Lot(gtin=Gtin.parse("9506000134352"), lot=lot, expiry=date(2027, 3, 31))
    for lot in ("A1", "b/2")
]
LINKS = {digital_link(lot.element_string()) for lot in LOTS}
# zbar writes neither FNC1 nor separators
RAWS = {lot.element_string().raw() for lot in LOTS}


def zbar(image: Image.Image) -> list[str]:
    png = io.BytesIO()
    image.convert("L").save(png, "png")
    command = ["zbarimg", "-q", "--raw", "--nodbus", "-"]
    done = subprocess.run(command, input=png.getvalue(), capture_output=True, check=True)
    return done.stdout.decode().split()


@pytest.mark.parametrize(
    ("pair", "knobs", "expected"),
    [
        ("qr_codes.svg", {}, LINKS),
        ("qr_codes.png", {}, LINKS),
        ("barcodes_1d.svg", {"environment": "other"}, RAWS),
        ("barcodes_1d.eps", {"environment": "other"}, RAWS),
        ("barcodes_1d.svg", {"symbology": "gtin"}, {"9506000134352"}),
        ("barcodes_1d.svg", {"symbology": "itf_14"}, {"09506000134352"}),
        ("codes_combined.svg", {"environment": "other"}, LINKS | RAWS),
        ("sheet_pdf.pdf", {}, LINKS),
    ],
)
def test_zbar_agrees(pair: str, knobs: dict[str, Any], expected: set[str]) -> None:
    renderer = default_registry().renderer(RendererKey.parse(pair))
    part = renderer.render_part(LOTS, renderer_config(renderer, knobs), 0)
    out = io.BytesIO()
    renderer.assemble([part], out)
    if pair.endswith("pdf"):
        assert set(zbar(rasterise_pdf(out.getvalue(), dpi=300)[0])) == expected
        return
    found: list[str] = []
    with zipfile.ZipFile(out) as zipped:
        for name in zipped.namelist():
            data = zipped.read(name)
            if name.endswith("png"):
                found += zbar(Image.open(io.BytesIO(data)))
            elif name.endswith("svg"):
                found += zbar(rasterise_svg(data, dpi=300))
            elif name.endswith("eps"):
                found += zbar(rasterise_eps(data, dpi=300))
    assert set(found) == expected
