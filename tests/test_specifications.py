"""The sizes that symbols are printed in are those of GS1's tables, and not only our own."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from closient_export.renderers.symbols.specifications import (
    DATAMATRIX_X_DIMENSIONS,
    LINEAR_SPECIFICATIONS,
    QR_X_DIMENSIONS,
)

TABLES = {
    "retail_pos": "gs1.sst1",
    "general_distribution": "gs1.sst2",
    "retail_pos_and_distribution": "gs1.sst3",
    "other": "gs1.sst4",
}
SYMBOLS = {
    "EAN-13": "ean13", "UPC-A": "ean13", "EAN-8": "ean8", "ITF-14": "itf14", "GS1-128": "gs1-128",
}  # fmt: skip


@pytest.mark.parametrize(
    ("symbol", "environment", "sizes"),
    [
        # X-dimension smallest, target and largest, and the height of the bars at the target, in mm
        ("EAN-13", "retail_pos", (0.264, 0.330, 0.660, 22.85)),
        ("UPC-A", "general_distribution", (0.495, 0.660, 0.660, 45.70)),
        ("EAN-8", "retail_pos", (0.264, 0.330, 0.660, 18.23)),
        ("EAN-8", "retail_pos_and_distribution", (0.495, 0.660, 0.660, 36.46)),
        ("ITF-14", "general_distribution", (0.495, 0.495, 1.016, 31.75)),
        ("ITF-14", "other", (0.250, 0.495, 0.495, 12.70)),
        ("GS1-128", "general_distribution", (0.495, 0.495, 1.016, 31.75)),
        ("GS1-128", "other", (0.250, 0.495, 0.495, 12.70)),
    ],
)
def test_linear_symbols(symbol: str, environment: Any, sizes: tuple[float, ...]) -> None:
    specification = LINEAR_SPECIFICATIONS[symbol][environment]
    height = specification.height(specification.x_dimension.target)
    assert (*specification.x_dimension, height) == pytest.approx(sizes)


def test_matrix_symbols() -> None:
    assert QR_X_DIMENSIONS["retail_pos"] == (0.396, 0.495, 0.990)
    assert DATAMATRIX_X_DIMENSIONS == {
        "retail_pos": (0.375, 0.625, 0.990),
        "general_distribution": (0.743, 0.743, 1.500),
        "other": (0.380, 0.380, 0.495),
    }


@pytest.mark.reference_data
def test_all_as_published(pytestconfig: pytest.Config) -> None:
    folder: Path = pytestconfig.getoption("--reference-data")
    text = (folder / "gs1" / "symbol-specification-tables.json").read_text()
    published: Mapping[str, Any] = json.loads(text)["tables"]

    def sizes(symbol: str, environment: str) -> list[float]:
        return list(published[symbol][TABLES[environment]].values())

    for symbol, specifications in LINEAR_SPECIFICATIONS.items():
        tables = published[SYMBOLS[symbol]]
        assert set(specifications) == {e for e, table in TABLES.items() if table in tables}
        for environment, specification in specifications.items():
            height = specification.height(specification.x_dimension.target)
            ours = [*specification.x_dimension, height]
            assert ours == pytest.approx(sizes(SYMBOLS[symbol], environment))
    tables = published["gs1datamatrix"]
    assert set(DATAMATRIX_X_DIMENSIONS) == {e for e, table in TABLES.items() if table in tables}
    for environment, x_dimension in DATAMATRIX_X_DIMENSIONS.items():
        assert list(x_dimension) == sizes("gs1datamatrix", environment)
    for environment in ("general_distribution", "other"):
        assert list(QR_X_DIMENSIONS[environment]) == sizes("gs1qrcode", environment)
