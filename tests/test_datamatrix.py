import io
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from readers import drawn, rasterise_svg, read

from closient_export import Gtin, Lot
from closient_export.errors import RendererLoadError
from closient_export.renderers.datamatrix import DataMatrixPngRenderer, DataMatrixSvgRenderer
from closient_export.renderers.symbols import libdmtx
from closient_export.subjects import Subject
from closient_export.testing.strategies import subjects

PNG = DataMatrixPngRenderer()
SVG = DataMatrixSvgRenderer()


@given(subjects(), st.sampled_from(["fnc1", "gs"]))
def test_png_says_the_element_string(subject: Subject, separator: str) -> None:
    drawing = drawn(PNG, subject, PNG.config(separator=separator))
    raw = subject.element_string().raw()
    assert drawing.payload == raw
    assert read(Image.open(io.BytesIO(drawing.data))) == [(raw, "]d2")]


@given(subjects())
def test_svg_says_the_element_string(subject: Subject) -> None:
    drawing = drawn(SVG, subject, SVG.config())
    assert read(rasterise_svg(drawing.data, dpi=300)) == [(subject.element_string().raw(), "]d2")]


def test_dmtxread_agrees(tmp_path: Path) -> None:
    lot = Lot(gtin=Gtin.parse("9506000134352"), lot="abC/12")
    path = tmp_path / "x.png"
    path.write_bytes(drawn(PNG, lot, PNG.config(dpi=600)).data)
    done = subprocess.run(["dmtxread", "-n", "-G", "29", path], capture_output=True, check=True)
    assert done.stdout.rstrip(b"\n").lstrip(b"\x1d") == lot.element_string().raw().encode()


def test_a_machine_without_libdmtx_gets_one_clear_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ctypes.util.find_library", lambda _name: None)
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    libdmtx.load.cache_clear()
    for name in [name for name in sys.modules if name.startswith("pylibdmtx")]:
        monkeypatch.delitem(sys.modules, name)
    with pytest.raises(RendererLoadError) as caught:
        DataMatrixSvgRenderer()
    libdmtx.load.cache_clear()
    assert str(caught.value) == (
        "GS1 DataMatrix needs the library libdmtx, which is not installed: install Debian's "
        "package libdmtx0b (libdmtx0t64 from Debian 13 on), or Homebrew's libdmtx"
    )
