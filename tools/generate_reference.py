"""Write the pages of the reference that say what the code says: findings, and knobs.

python tools/generate_reference.py            writes docs/reference/findings.md and knobs.md
python tools/generate_reference.py --check    fails if they are not what it would write
"""

import json
import re
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path

import attrs

from closient_export.plugins import ArtifactConfig, Renderer
from closient_export.registry import RendererRegistry
from closient_export.renderers.sheets.templates import LabelTemplate
from closient_export.trace.findings import RULES, Severity
from closient_export.wire.knob_descriptions import describe_knobs, field_docstrings, values_of

REFERENCE = Path(__file__).resolve().parent.parent / "docs" / "reference"
GENERATED = "<!-- Written by tools/generate_reference.py: change the code, or that. -->\n"
SECTION = re.compile(r"1\.\d+")

MEANINGS = {
    "missing-element": "An event lacks something, and no other one has it.",
    "missing-location": "A place or party is not described, or not wholly.",
    "missing-product": "A product is not described, or not wholly.",
    "source-missing": "No event says where the code was assigned.",
    "source-contradicted": "Two events say two places where the code was assigned.",
    "code-changed": "Another lot of the product arrived in the container than was shipped in it.",
    "code-kept": "A transformation made a lot with the lot number of a lot that it used.",
    "assigned-in-transit": "A move with action `ADD` is the first that tells of a lot.",
    "product-changed": "Another product arrived in the container than was shipped in it.",
    "no-lot": "A transformation names a product without a lot.",
    "not-received": "A shipment, and no event says that it arrived.",
    "not-shipped": "A receipt, and no event says who shipped it.",
    "quantity-differs": "Another quantity was received than shipped.",
    "time-backwards": "Something was received before it was shipped, or moved or used before it was "
    "made.",
    "input-after-output": "Something was used after what it became was made.",
    "unbalanced": "More of a lot left a place than came.",
    "unknown-content": "A container was moved or used, and no event says what was in it.",
    "unclassified": "An event with no business step, or one that is not of the CBV.",
    "two-events-one-id": "Two events with one id say two things. Both count.",
    "container-reused": "A container was packed again long after it had been moved, or elsewhere than "
    "it was received, and nobody had emptied it; or it was moved again long after, from where its load had left "
    "or with other lots in it. What it held before does not count from then on.",
    "lot-unknown": "No event names a lot that was asked for, or any lot.",
    "truncated": "A limit ended the walk.",
    "refused": "A document or an event cannot be read.",
    "excluded": "An event does not count: it was declared wrong, or its shipment withdrawn.",
    "assumed": "What an event is had to be assumed.",
    "content-inferred": "What a container held is known only from later or earlier.",
    "check-digit": "A GTIN or GLN with a wrong check digit. It is traced all the same.",
}
OF_THE_CASE = {
    "missing-element": "that of the key data element",
    "assumed": "that of the critical tracking event",
    "content-inferred": "that of the critical tracking event",
}
"""Where the finding says which paragraph it is, the rule for findings does not."""
SEVERITIES = {
    Severity.ERROR: ("Errors", "Something that the rule requires is missing or contradicted."),
    Severity.WARNING: ("Warnings", "The records do not fit together."),
    Severity.NOTE: ("Notes", "Something was assumed or left out."),
}
TITLES = {
    "qr_codes": "QR Codes",
    "datamatrix": "GS1 DataMatrix",
    "barcodes_1d": "Linear bar codes",
    "codes_combined": "Both codes",
    "sheet_pdf": "Sheets",
}


def findings_page() -> Iterator[str]:
    """Every rule for findings, worst first, and which paragraphs they are about."""
    yield "# Findings\n"
    yield GENERATED
    yield (
        "What `closient-export check` and the sheet *Findings* may say of [a trace](traceability.md), with "
        "the paragraph of 21 CFR that asks for it. `check` exits with 1 if there is an error.\n"
    )
    of_paragraphs = defaultdict(list)
    for severity, (title, meaning) in SEVERITIES.items():
        yield f"## {title}\n"
        yield f"{meaning}\n"
        for rule, (of_rule, paragraph, fix) in RULES.items():
            if of_rule is not severity:
                continue
            yield f"### `{rule}`\n"
            yield f"{MEANINGS[rule]}\n"
            if shown := cfr(paragraph) or OF_THE_CASE.get(rule, ""):
                yield f"- **21 CFR:** {shown}"
            yield f"- **What would fix it:** {fix}\n"
            if paragraph:
                of_paragraphs[paragraph].append(rule)
    yield "## By paragraph\n"
    yield "| 21 CFR | findings |"
    yield "| --- | --- |"
    for paragraph, rules in sorted(of_paragraphs.items()):
        yield f"| {cfr(paragraph)} | {', '.join(f'[`{rule}`](#{rule})' for rule in rules)} |"


def cfr(paragraph: str) -> str:
    """A paragraph with a link to its section."""
    section = SECTION.match(paragraph)
    if section is None:
        return ""
    return f"[{paragraph}](https://www.ecfr.gov/current/title-21/section-{section[0]})"


def knobs_page() -> Iterator[str]:
    """Every knob of every renderer that comes with the library."""
    yield "# Knobs\n"
    yield GENERATED
    yield (
        "What `asset_config` of a request and `--config KNOB=VALUE` of the command line may set, for each "
        "[renderer](renderers.md). A knob that is not set has its default; an unknown knob or a bad "
        "value is refused with what is accepted.\n"
    )
    registry = RendererRegistry()
    for export_type, title in TITLES.items():
        renderers = {
            claim.key.file_format: registry.renderer(claim.key)
            for claim in registry.registrations()
            if claim.key.export_type == export_type and claim.distribution == "closient-export"
        }
        yield f"## {title}\n"
        yield f"`{export_type}` as {' or '.join(f'`{name}`' for name in renderers)}.\n"
        yield "| knob | value | default | meaning |"
        yield "| --- | --- | --- | --- |"
        yield from map(row, knobs_of(renderers))
        yield ""
    yield "## Label stock of your own\n"
    yield (
        "What the knob `custom_template` of sheets is made of. Lengths are in millimetres, from the upper "
        "left corner of the sheet. What does not fit its page, or overlaps, is refused. "
        "[How to print on your own label stock](../how-to/use-own-label-stock.md) measures one.\n"
    )
    yield "| key | value | default | meaning |"
    yield "| --- | --- | --- | --- |"
    for field in attrs.fields(LabelTemplate):
        default = "required" if field.default is attrs.NOTHING else written(field.default)
        meaning = in_markdown(field_docstrings(LabelTemplate).get(field.name, ""))
        yield row((field.name, values_of(field.type, ticked), default, meaning))


def knobs_of(renderers: Mapping[str, Renderer]) -> Iterator[tuple[str, str, str, str]]:
    """The knobs of an export type, those of any artifact last."""
    formats: dict[str, list[str]] = defaultdict(list)
    described = {
        name: list(describe_knobs(renderer, ticked)) for name, renderer in renderers.items()
    }
    for name, knobs in described.items():
        for knob in knobs:
            formats[knob.name].append(name)
    general = {field.name for field in attrs.fields(ArtifactConfig)}
    for name in sorted(formats, key=general.__contains__):
        [knob] = (each for each in described[formats[name][0]] if each.name == name)
        only = "" if len(formats[name]) == len(renderers) else f" ({', '.join(formats[name])} only)"
        meaning = f"{in_markdown(knob.meaning)}{only}"
        yield name, plain_or_linked(knob.values), written(knob.default), meaning


def in_markdown(docstring: str) -> str:
    """A docstring's words."""
    return docstring.replace("``", "`")


def row(cells: tuple[str, str, str, str]) -> str:
    """A line of the table."""
    name, *others = cells
    return f"| `{name}` | {' | '.join(others)} |"


def written(value: object) -> str:
    """A default as the command line would say it; nothing for what is not given."""
    if isinstance(value, str):
        return f"`{value}`" if value else ""
    return f"`{json.dumps(value)}`" if value or isinstance(value, bool | float | int) else ""


def ticked(text: str) -> str:
    """A value in Markdown."""
    return f"`{text}`"


def plain_or_linked(values: str) -> str:
    """The words for which values there are, with a link to what objects are made of."""
    return "[object](#label-stock-of-your-own)" if values == "object" else values


PAGES = {"findings.md": findings_page, "knobs.md": knobs_page}


def main(arguments: list[str]) -> int:
    stale = []
    for name, lines in PAGES.items():
        text = "\n".join(lines()).strip() + "\n"
        page = REFERENCE / name
        if not page.exists() or page.read_text("utf-8") != text:
            stale.append(name)
        if arguments != ["--check"]:
            page.write_text(text, "utf-8")
    if stale and arguments == ["--check"]:
        print(f"{', '.join(stale)}: expected what python tools/generate_reference.py writes")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
