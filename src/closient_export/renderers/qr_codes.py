"""QR Codes that carry a GS1 Digital Link, one file for each lot or serial."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from attrs import Attribute, field, frozen

from closient_export.errors import Gs1Error
from closient_export.gs1 import CANONICAL_STEM, ElementString, check_stem, digital_link
from closient_export.renderers.matrix import (
    MatrixConfig,
    MatrixPngRenderer,
    MatrixRenderer,
    MatrixSvgRenderer,
    Pixels,
)
from closient_export.renderers.symbols import qr
from closient_export.renderers.symbols.matrix import EncodedPayloads
from closient_export.renderers.symbols.specifications import (
    QR_X_DIMENSIONS,
    Environment,
    XDimension,
)

__all__ = ["QrConfig", "QrPngConfig", "QrPngRenderer", "QrSvgRenderer", "check_link_stem"]

_LONGEST_STEM = 200


def check_link_stem(_instance: object, _attribute: "Attribute[str]", value: str) -> None:
    """Validate the knob that says what comes before the first AI of a Digital Link."""
    if len(value) > _LONGEST_STEM:
        message = f"expected a stem of at most {_LONGEST_STEM} characters, got {len(value)}"
        raise ValueError(message)
    try:
        check_stem(value)
    except Gs1Error as error:
        raise ValueError(str(error)) from error


@frozen(kw_only=True, slots=False)
class QrConfig(MatrixConfig):
    """The knobs of a QR Code."""

    x_dimensions: ClassVar[Mapping[Environment, XDimension]] = QR_X_DIMENSIONS

    digital_link_stem: str = field(default=CANONICAL_STEM, validator=check_link_stem)
    """What comes before the first AI: a resolver's address, such as ``https://example.com``."""
    error_correction: qr.ErrorCorrection = "M"
    """The same for all symbols of a job; about 7, 15, 25 or 30 % may be lost."""


@frozen(kw_only=True, slots=False)
class QrPngConfig(QrConfig, Pixels):
    """The knobs of a QR Code in pixels."""


class _QrRenderer(MatrixRenderer):
    def payload(self, elements: ElementString, config: QrConfig) -> str:
        """The Digital Link."""
        return digital_link(elements, config.digital_link_stem)

    def encode(self, payloads: Sequence[str], config: QrConfig) -> EncodedPayloads:
        """QR Codes."""
        return qr.encode(payloads, config.error_correction)


class QrSvgRenderer(_QrRenderer, MatrixSvgRenderer):
    """QR Codes as SVG files."""

    config: ClassVar[type[Any]] = QrConfig


class QrPngRenderer(_QrRenderer, MatrixPngRenderer):
    """QR Codes as PNG images."""

    config: ClassVar[type[Any]] = QrPngConfig
