import pytest

from closient_export.plugins import Renderer
from closient_export.testing.contracts import RendererContract
from closient_export_zpl import ZplRenderer


class TestZplRenderer(RendererContract):
    @pytest.fixture
    def renderer(self) -> Renderer:
        return ZplRenderer()
