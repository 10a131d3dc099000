"""The SVG elements that a picture consists of, and its colours."""

from xml.sax.saxutils import escape, quoteattr

from closient_export.trace.picture.text import fit, printable

__all__ = [
    "ASKED",
    "ASKED_GROUND",
    "ERROR",
    "GROUND",
    "GROUND_EDGE",
    "HARVEST",
    "INK",
    "LINE",
    "MADE_GROUND",
    "MUTED",
    "PAPER",
    "SENT",
    "WARNING",
    "WARNING_INK",
    "arrow",
    "box",
    "climb",
    "label",
    "linked",
    "moved",
    "number",
    "tipped",
]

INK, MUTED, LINE, PAPER = "#16212c", "#4d5a66", "#2f3b47", "#ffffff"
GROUND, GROUND_EDGE = "#f2f4f6", "#b9c3cc"
ASKED, ASKED_GROUND = "#0b3a66", "#e4eef8"
SENT, MADE_GROUND, HARVEST = "#3f6285", "#dde3e8", "#faf3dd"
ERROR, WARNING, WARNING_INK = "#a8201a", "#ffdf9e", "#4a3000"


def number(value: float) -> str:
    """A coordinate: a tenth of a pixel is as much as one can see."""
    return f"{value:.1f}".removesuffix(".0")


def tipped(tip: str, drawn: str) -> str:
    """What is drawn, with a text that shows when it is pointed at."""
    return f"<g><title>{escape(tip)}</title>{drawn}</g>"


def linked(address: str, drawn: str) -> str:
    """What is drawn, as a link; as it is where there is no address."""
    if not address:
        return drawn
    return f"<a href={quoteattr(printable(address))}>{drawn}</a>"


def moved(x: float, y: float, drawn: str) -> str:
    """What is drawn, elsewhere."""
    return f'<g transform="translate({number(x)} {number(y)})">{drawn}</g>'


def box(
    x: float,
    y: float,
    width: float,
    height: float,
    *,
    radius: float,
    fill: str,
    stroke: str = "none",
    line: float = 1,
    dashes: str = "",
) -> str:
    """A rectangle with an outline as wide as `line`."""
    dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
    return (
        f'<rect x="{number(x)}" y="{number(y)}" width="{number(width)}" '
        f'height="{number(height)}" rx="{number(radius)}" fill="{fill}" stroke="{stroke}" '
        f'stroke-width="{number(line)}"{dashed}/>'
    )


def label(
    x: float,
    y: float,
    text: str,
    size: float,
    width: float,
    *,
    bold: bool = False,
    fill: str = INK,
    anchor: str = "start",
) -> str:
    """One line of text at its baseline, shortened to `width`."""
    if not text:
        return ""
    weight = ' font-weight="bold"' if bold else ""
    anchored = f' text-anchor="{anchor}"' if anchor != "start" else ""
    return (
        f'<text x="{number(x)}" y="{number(y)}" font-size="{number(size)}" fill="{fill}"'
        f"{weight}{anchored}>{escape(fit(text, size, width, bold=bold))}</text>"
    )


def arrow(
    path: str,
    x: float,
    y: float,
    colour: str,
    *,
    width: float = 1.4,
    dashed: bool = False,
    back: bool = False,
    straight: bool = False,
) -> str:
    """A line along `path` whose point is at (x, y), turned to the left if it goes back."""
    hollow = "" if straight else ' fill="none"'
    dashes = ' stroke-dasharray="6 4"' if dashed else ""
    length = 7 if back else -7
    return (
        f'<path d="{path}"{hollow} stroke="{colour}" stroke-width="{width}"{dashes}/>'
        f'<path d="M{number(x)} {number(y)}l{length} -3.5v7z" fill="{colour}"/>'
    )


def climb(x: float, y: float, to_x: float, to_y: float) -> str:
    """The curve of a path that leaves and arrives level and stays between its ends."""
    if abs(y - to_y) < 0.05:
        return f"H{number(to_x)}"
    middle = number((x + to_x) / 2)
    return f"C{middle} {number(y)} {middle} {number(to_y)} {number(to_x)} {number(to_y)}"
