"""The built-in renderers keep what a renderer promises."""

import pytest

from closient_export.plugins import Renderer
from closient_export.renderers.barcodes_1d import LinearEpsRenderer, LinearSvgRenderer
from closient_export.renderers.codes_combined import CombinedSvgRenderer
from closient_export.renderers.datamatrix import DataMatrixPngRenderer, DataMatrixSvgRenderer
from closient_export.renderers.qr_codes import QrPngRenderer, QrSvgRenderer
from closient_export.renderers.sheet_pdf import SheetRenderer
from closient_export.testing.contracts import RendererContract


class TestQrSvg(RendererContract):
    @pytest.fixture
    def renderer(self) -> Renderer:
        return QrSvgRenderer()


class TestQrPng(RendererContract):
    @pytest.fixture
    def renderer(self) -> Renderer:
        return QrPngRenderer()


class TestDataMatrixSvg(RendererContract):
    @pytest.fixture
    def renderer(self) -> Renderer:
        return DataMatrixSvgRenderer()


class TestDataMatrixPng(RendererContract):
    @pytest.fixture
    def renderer(self) -> Renderer:
        return DataMatrixPngRenderer()


class TestLinearSvg(RendererContract):
    @pytest.fixture
    def renderer(self) -> Renderer:
        return LinearSvgRenderer()


class TestLinearEps(RendererContract):
    @pytest.fixture
    def renderer(self) -> Renderer:
        return LinearEpsRenderer()


class TestCombinedSvg(RendererContract):
    @pytest.fixture
    def renderer(self) -> Renderer:
        return CombinedSvgRenderer()


class TestSheet(RendererContract):
    @pytest.fixture
    def renderer(self) -> Renderer:
        return SheetRenderer()
