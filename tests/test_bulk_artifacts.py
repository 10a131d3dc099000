"""Artifacts are the same however their labels are made: alone, together, by the library, in parts."""

import csv
import io
import subprocess
import sys
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from closient_export import default_registry, plugins
from closient_export.compression import Compression, compressor
from closient_export.gs1 import Gtin
from closient_export.manifests import csv_cell, csv_row
from closient_export.renderers import sheet_pdf
from closient_export.renderers.drawing import png, runs
from closient_export.renderers.symbols.datamatrix import batches as datamatrix_batches
from closient_export.renderers.symbols.qr import batches as qr_batches
from closient_export.requests import RendererKey
from closient_export.subjects import Lot, Serial, Subject
from closient_export.testing.strategies import cset82_text, hostile_text, subjects

PAIRS = [claim.key for claim in default_registry().registrations()]
COMPRESSIONS: tuple[Compression, ...] = ("fast", "small", "stored")
GTIN = Gtin("09506000134352")
MIXED: list[Subject] = [
    *(Serial(gtin=GTIN, lot="A1", serial=f"{n * 7919:07}") for n in range(20)),
    Lot(gtin=GTIN, lot="not allowed"),
    *(Serial(gtin=GTIN, serial="x" * n, product_name="Kale") for n in range(1, 21)),
    Lot(gtin=GTIN, lot="../../x"),
    *(Lot(gtin=GTIN, lot=f"LOT-{'ABC' * n}") for n in range(1, 6)),
    *(Serial(gtin=GTIN, lot="%" * 20, serial="Aa9" * 6 + f"{n:02}") for n in range(10)),
]


def artifact(
    key: RendererKey, some: Sequence[Subject], parts: int = 1, **knobs: Any
) -> tuple[bytes, bytes]:
    """The artifact of some subjects and its manifest, made in so many parts."""
    renderer: Any = default_registry().renderer(key)
    config = renderer.config(**knobs)
    size = -(-len(some) // parts)
    made = (
        renderer.render_part(some[start : start + size], config, start)
        for start in range(0, len(some), size)
    )
    out, manifest = io.BytesIO(), io.BytesIO()
    renderer.assemble(made, out, manifest)
    return out.getvalue(), manifest.getvalue()


@pytest.mark.parametrize("key", PAIRS, ids=str)
@pytest.mark.parametrize("compression", COMPRESSIONS)
def test_parts_and_single_labels_make_the_same_bytes(
    key: RendererKey, compression: Compression
) -> None:
    whole = artifact(key, MIXED, compression=compression)
    for parts in (2, 7, len(MIXED)):
        assert artifact(key, MIXED, parts, compression=compression) == whole


@pytest.mark.parametrize("key", PAIRS, ids=str)
@given(some=st.lists(subjects(), min_size=1, max_size=12), parts=st.integers(1, 7))
@settings(max_examples=15)
def test_any_subjects_in_any_parts_make_the_same_bytes(
    key: RendererKey, some: list[Subject], parts: int
) -> None:
    assert artifact(key, some, parts) == artifact(key, some)


@pytest.mark.parametrize("key", PAIRS, ids=str)
@pytest.mark.parametrize("size", [1, 3])
def test_how_many_are_drawn_at_once_makes_no_difference(
    key: RendererKey, size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = artifact(key, MIXED)
    for module in (plugins, sheet_pdf, runs, png):
        monkeypatch.setattr(module, "_BATCH", size)
    assert artifact(key, MIXED) == whole


@pytest.mark.parametrize("key", PAIRS, ids=str)
def test_symbols_of_the_library_make_the_same_bytes(
    key: RendererKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = artifact(key, MIXED)
    monkeypatch.setattr(qr_batches, "LARGEST_VERSION", 0)
    monkeypatch.setattr(
        datamatrix_batches, "_may_be_smaller", lambda texts, *_: np.ones(len(texts), bool)
    )
    assert artifact(key, MIXED) == whole


@given(some=st.lists(subjects(), min_size=1, max_size=6))
@settings(
    max_examples=20,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_any_symbols_of_segno_make_the_same_bytes(
    some: list[Subject], monkeypatch: pytest.MonkeyPatch
) -> None:
    key = RendererKey("qr_codes", "svg")
    whole = artifact(key, some)
    with monkeypatch.context() as patched:
        patched.setattr(qr_batches, "LARGEST_VERSION", 0)
        assert artifact(key, some) == whole


@given(
    st.lists(
        hostile_text()
        | cset82_text()
        | st.sampled_from(["", "(01)1\x1d(10)2", "a, b", 'a"b', "a\rb"]),
        min_size=2,
        max_size=12,
    )
)
def test_rows_of_manifests_are_those_of_the_csv_module(cells: list[str]) -> None:
    file = io.StringIO(newline="")
    csv.writer(file).writerow(map(csv_cell, cells))
    assert csv_row(cells) == file.getvalue()
    assert csv_row([*cells, "plain", "0950\x1d21A"]).endswith(",plain,0950\x1d21A\r\n")


def test_compressors_are_named_and_differ_in_size() -> None:
    key = RendererKey("qr_codes", "svg")
    sizes = {}
    for compression in COMPRESSIONS:
        zipped, manifest = artifact(key, MIXED, compression=compression)
        sizes[compression] = len(zipped)
        header, *rows = manifest.decode().splitlines()
        column = header.split(",").index("compression")
        names = {row.split(",")[column] for row in rows if ",ok," in row}
        assert names == {compressor(compression).name}
    assert sizes["small"] < sizes["fast"] < sizes["stored"] / 2


def test_zlib_takes_the_place_of_a_compressor_that_is_not_installed() -> None:
    program = (
        "import sys\n"
        "sys.modules['isal'] = None\n"
        "from closient_export.compression import compressor\n"
        "assert compressor('fast').name == 'zlib-1'\n"
        "import zlib\n"
        "data = b'abc' * 1000\n"
        "assert zlib.decompress(compressor('fast').zlib_stream(data)) == data\n"
        "assert zlib.decompress(compressor('fast').deflated(data), -15) == data\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


def test_numpy_is_loaded_when_the_first_symbol_is_made() -> None:
    program = (
        "import sys\n"
        "from closient_export.renderers import (\n"
        "    barcodes_1d, codes_combined, datamatrix, qr_codes, sheet_pdf)\n"
        "assert not {'numpy', 'segno', 'reportlab', 'isal'} & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
