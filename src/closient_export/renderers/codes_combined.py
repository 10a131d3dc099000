"""A QR Code and a linear bar code for each lot or serial, in two files.

GS1 asks for both side by side while tills learn to read QR Codes. Where the linear symbol is
impossible, because it would be too long, the QR Code stays and the manifest says so.
"""

from collections.abc import Iterator, Sequence
from typing import Any, ClassVar

from attrs import evolve, field, frozen

from closient_export.errors import ExportError, RenderError
from closient_export.plugins import (
    BulkSymbolZipRenderer,
    Drawing,
    Problem,
    RequestError,
    Subject,
    Undrawn,
)
from closient_export.renderers.barcodes_1d import LinearConfig, LinearSvgRenderer
from closient_export.renderers.qr_codes import QrConfig, QrSvgRenderer, check_link_stem
from closient_export.renderers.symbols.qr import ErrorCorrection
from closient_export.renderers.symbols.specifications import Environment

__all__ = ["CombinedConfig", "CombinedSvgRenderer"]

_QR_DEFAULTS = QrConfig()


@frozen(kw_only=True)
class CombinedConfig(LinearConfig):
    """The knobs of the linear symbol, and those of the QR Code."""

    digital_link_stem: str = field(
        default=_QR_DEFAULTS.digital_link_stem, validator=check_link_stem
    )
    """What comes before the first AI of the QR Code's Digital Link."""
    error_correction: ErrorCorrection = _QR_DEFAULTS.error_correction
    """Of the QR Code."""
    qr_environment: Environment = _QR_DEFAULTS.environment
    """Where the QR Code will be read."""
    qr_x_dimension_mm: float | None = None
    """The width of a module of the QR Code; its environment's target size if not given."""

    def __attrs_post_init__(self) -> None:
        try:
            _ = self.qr
        except RequestError as error:
            raise RequestError(
                Problem(f"qr_{problem.path}", problem.message) for problem in error.problems
            ) from error

    @property
    def qr(self) -> QrConfig:
        """The knobs of the QR Code alone."""
        return QrConfig(
            digital_link_stem=self.digital_link_stem,
            error_correction=self.error_correction,
            environment=self.qr_environment,
            x_dimension_mm=self.qr_x_dimension_mm,
        )


class CombinedSvgRenderer(BulkSymbolZipRenderer):
    """Two SVG files for each subject: its QR Code and its linear symbol."""

    config: ClassVar[type[Any]] = CombinedConfig
    member_extension: ClassVar[str] = "svg"

    def draw_all(
        self, subjects: Sequence[Subject], config: CombinedConfig
    ) -> Iterator[Sequence[Drawing | Undrawn] | ExportError]:
        """The QR Code of each, and its linear symbol or why there is none."""
        linear = LinearSvgRenderer()
        codes = QrSvgRenderer().draw_all(subjects, config.qr)
        for subject, code in zip(subjects, codes, strict=True):
            if isinstance(code, ExportError):
                yield code
                continue
            bars: Drawing | Undrawn
            try:
                bars = evolve(linear.draw(subject, config), suffix="1d")
            except RenderError as error:
                bars = Undrawn(str(error), "1d")
            yield (evolve(code, suffix="qr"), bars)
