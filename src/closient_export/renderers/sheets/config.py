"""The knobs of a sheet of labels."""

from collections.abc import Callable
from typing import Any, Literal

from attrs import Attribute, field, frozen

from closient_export.errors import shown
from closient_export.gs1 import CANONICAL_STEM
from closient_export.plugins import ArtifactConfig, Problem, RequestError
from closient_export.renderers.barcodes_1d import LOWEST_BARS
from closient_export.renderers.drawing import pdf
from closient_export.renderers.qr_codes import check_link_stem
from closient_export.renderers.sheets.templates import LabelTemplate, find_template
from closient_export.renderers.symbols import qr
from closient_export.renderers.symbols.specifications import Environment

__all__ = ["LineKind", "SheetConfig", "SymbolKind"]

SymbolKind = Literal["qr", "datamatrix", "gs1_128", "gtin"]
LineKind = Literal[
    "auto",
    "product_name",
    "brand",
    "gtin",
    "lot",
    "serial",
    "expiry",
    "best_before",
    "production_date",
    "hri",
]


def _within(
    low: float, high: float, unit: str = ""
) -> Callable[[Any, "Attribute[Any]", Any], None]:
    def check(_instance: Any, _attribute: "Attribute[Any]", value: float | None) -> None:
        if value is not None and not low <= value <= high:
            message = f"expected {low} to {high}{unit}, got {shown(value)}"
            raise ValueError(message)

    return check


def _check_template(_instance: Any, _attribute: "Attribute[Any]", value: str) -> None:
    find_template(value)


@frozen(kw_only=True)
class SheetConfig(ArtifactConfig):
    """The knobs of a sheet of labels."""

    sheet_template: str = field(default="63up_1in_letter", validator=_check_template)
    """The label stock: a key of the built-in templates, or a product number such as ``5160``."""
    custom_template: LabelTemplate | None = None
    """Label stock of your own, instead."""
    symbol: SymbolKind = "qr"
    """A QR Code, a GS1 DataMatrix, GS1-128, or the linear symbol of the bare GTIN."""
    lines: tuple[LineKind, ...] = ("auto",)
    """The text, top to bottom; ``auto`` takes as much of product name, lot, serial and expiry as
    there is room for, and no line at all is an empty list."""
    environment: Environment | None = None
    """Where the symbol will be read; if not given, ``retail_pos``, or ``general_distribution`` for
    what is not read there."""
    x_dimension_mm: float | None = field(default=None, validator=_within(0.1, 3, " mm"))
    """The width of a module in millimetres; as large as fits if not given."""
    height_mm: float | None = field(default=None, validator=_within(LOWEST_BARS, 200, " mm"))
    """The height of a linear symbol's bars in millimetres; what GS1 asks for if not given, and an
    error where the label has no room for that."""
    digital_link_stem: str = field(default=CANONICAL_STEM, validator=check_link_stem)
    """What comes before the first AI of a QR Code's Digital Link."""
    error_correction: qr.ErrorCorrection = "M"
    """Of QR Codes."""
    label_margin_mm: float = field(default=1.0, validator=_within(0, 50, " mm"))
    """What stays white along the edge of a label."""
    start_position: int = field(default=1, validator=_within(1, 1_000_000))
    """The first label of the first sheet to print on, from 1, row by row: for part-used sheets."""
    skip_positions: tuple[int, ...] = ()
    """Labels of the first sheet that are missing."""
    copies: int = field(default=1, validator=_within(1, 1000))
    """Of each label, one after the other."""
    borders: bool = False
    """Whether the edges of the labels are drawn."""
    offset_x_mm: float = field(default=0.0, validator=_within(-50, 50, " mm"))
    """Moves everything to the right, for printers that do not."""
    offset_y_mm: float = field(default=0.0, validator=_within(-50, 50, " mm"))
    """Moves everything down."""
    scale_x: float = field(default=1.0, validator=_within(0.9, 1.1))
    """Stretches everything sideways, from the left edge."""
    scale_y: float = field(default=1.0, validator=_within(0.9, 1.1))
    """Stretches everything lengthways, from the top edge."""
    rotation_deg: float = field(default=0.0, validator=_within(-5, 5, " degrees"))
    """Turns everything clockwise about the middle of the page."""
    calibration_page: bool = False
    """Whether a page with the edges of all labels and two rulers comes first."""
    missing_glyphs: Literal["error", "omit"] = "error"
    """What becomes of a label with a line that no font can write: an error, or no such line."""
    black: pdf.Black = "gray"
    """Black as a grey level, or as full black ink alone."""

    def __attrs_post_init__(self) -> None:
        problems = []
        count = self.template.count
        if self.start_position > count:
            expected = f"expected 1 to {count}, got {self.start_position}"
            problems.append(Problem("start_position", expected))
        problems += [
            Problem(f"skip_positions[{index}]", f"expected 1 to {count}, got {position}")
            for index, position in enumerate(self.skip_positions)
            if not 1 <= position <= count
        ]
        if set(range(self.start_position, count + 1)) <= set(self.skip_positions):
            expected = "expected to leave a label of the first sheet, got all of them"
            problems.append(Problem("skip_positions", expected))
        if len(self.lines) > 1 and "auto" in self.lines:
            problems.append(Problem("lines", "expected 'auto' alone, or names of lines"))
        smallest = min(self.template.label_width_mm, self.template.label_height_mm)
        if 2 * self.label_margin_mm >= smallest:
            expected = f"expected less than half of {smallest} mm, got {self.label_margin_mm}"
            problems.append(Problem("label_margin_mm", expected))
        if problems:
            raise RequestError(problems)

    @property
    def template(self) -> LabelTemplate:
        """The label stock."""
        return self.custom_template or find_template(self.sheet_template)
