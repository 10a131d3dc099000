from typing import Any

import pytest
from closient_export_zpl import ZplRenderer
from hypothesis import strategies as st

from closient_export.plugins import Renderer
from closient_export.testing.contracts import RendererContract


class TestZplRenderer(RendererContract):
    @pytest.fixture
    def renderer(self) -> Renderer:
        return ZplRenderer()

    @pytest.fixture
    def knobs(self, renderer: Renderer) -> st.SearchStrategy[dict[str, Any]]:
        del renderer
        return st.fixed_dictionaries(
            {"dpi": st.sampled_from([300, 600]), "width_mm": st.sampled_from([50, 76.2, 150.5])},
            optional={
                "symbol": st.sampled_from(["qr", "datamatrix"]),
                "x_dimension_mm": st.sampled_from([0.4, 0.5]),
                "margin_mm": st.floats(0, 3),
                "lines": st.lists(st.sampled_from(["product_name", "brand", "gtin", "hri"])),
                "error_correction": st.sampled_from("LMQH"),
                "copies": st.integers(1, 99),
                "text_height_mm": st.floats(1, 4),
            },
        )
