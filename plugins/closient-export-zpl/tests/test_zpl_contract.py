import pytest
from closient_export_zpl import ZplRenderer

from closient_export.plugins import Renderer
from closient_export.testing.contracts import RendererContract


class TestZplRenderer(RendererContract):
    @pytest.fixture
    def renderer(self) -> Renderer:
        return ZplRenderer()
