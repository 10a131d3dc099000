import csv
import io
import zipfile
from pathlib import Path

import pytest
from readers import rasterise_svg, read

from closient_export import Gtin, Lot, RequestError, default_registry, digital_link, renderer_config
from closient_export.adapters.verify import verify
from closient_export.renderers.codes_combined import CombinedConfig, CombinedSvgRenderer
from closient_export.requests import RendererKey

GTIN = Gtin.parse("9506000134352")


def test_two_files_for_each_lot_and_a_reason_where_one_is_impossible() -> None:
    lots = [Lot(gtin=GTIN, lot="KALE"), Lot(gtin=GTIN, lot="x" * 20), Lot(gtin=GTIN, lot="#")]
    renderer = CombinedSvgRenderer()
    part = renderer.render_part(lots, CombinedConfig(), 0)
    assert (part.item_count, part.failed_count) == (3, 1)
    out = io.BytesIO()
    renderer.assemble([part], out)
    with zipfile.ZipFile(out) as zipped:
        rows = list(csv.DictReader(io.StringIO(zipped.read("manifest.csv").decode())))
        assert [(row["index"], row["member"], row["status"]) for row in rows] == [
            ("0", "00000000-09506000134352-KALE-qr.svg", "ok"),
            ("0", "00000000-09506000134352-KALE-1d.svg", "ok"),
            ("1", f"00000001-09506000134352-{'x' * 20}-qr.svg", "ok"),
            ("1", "", "failed"),
            ("2", "", "failed"),
        ]
        assert "at most 165.1 mm" in rows[3]["error"]
        code, bars = (rasterise_svg(zipped.read(row["member"]), dpi=300) for row in rows[:2])
    assert read(code) == [(digital_link(lots[0].element_string()), "]Q1")]
    assert read(bars) == [(lots[0].element_string().raw(), "]C1")]


def test_knobs_of_both_symbols() -> None:
    renderer = default_registry().renderer(RendererKey("codes_combined", "svg"))
    config = renderer_config(renderer, {"environment": "other", "qr_x_dimension_mm": 0.6})
    assert config.qr.x_dimension == 0.6
    with pytest.raises(RequestError) as caught:
        renderer_config(renderer, {"qr_x_dimension_mm": 2})
    assert str(caught.value) == (
        "asset_config.qr_x_dimension_mm: expected 0.396 to 0.99 mm in the environment "
        "'retail_pos', got 2.0"
    )
    with pytest.raises(
        RequestError, match=r"asset_config\.digital_link_stem: 'x': expected a stem"
    ):
        renderer_config(renderer, {"digital_link_stem": "x"})


def test_verify_reads_both(tmp_path: Path) -> None:
    renderer = CombinedSvgRenderer()
    path = tmp_path / "both.zip"
    with path.open("wb") as out:
        renderer.assemble(
            [renderer.render_part([Lot(gtin=GTIN, lot="A")], CombinedConfig(), 0)], out
        )
    assert [finding.problem for finding in verify(path)] == [None, None]
