"""The page that asks for labels, its preview, and the page of an export."""

import base64
import io
import subprocess
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, BinaryIO, ClassVar, Literal

import pytest
from attrs import evolve, field, frozen, validators
from PIL import Image, ImageOps
from readers import Read, read

from closient_export.adapters.verify import verify
from closient_export.errors import RenderError
from closient_export.host import create_app
from closient_export.host.demo import take_in_demo
from closient_export.host.pages import previews
from closient_export.plugins import RENDERER_API, ArtifactConfig, Part, Renderer, SymbolZipRenderer
from closient_export.registry import Registration, RendererRegistry
from closient_export.requests import LabelFilters, RendererKey
from closient_export.service import ExportService
from closient_export.subjects import Scope, Subject
from pages.browsing import Seen, Visitor
from pages.browsing import read as page_of
from pages.conftest import ADDRESS, Site, opened

GTIN = "09520123456702"
LOT = "RH26257-A"
LINK = f"https://id.gs1.org/01/{GTIN}/10/{LOT}?17=260926"
GS1_128 = f"01{GTIN}1726092610{LOT}"


def images(seen: Seen) -> list[Image.Image]:
    """What the preview shows, drawn large enough to be read."""
    found: list[Image.Image] = []
    for element in seen.main.one("div", id="preview").all("img"):
        kind, _, data = element.attributes["src"].partition(";base64,")
        assert element.attributes["alt"]
        content = base64.b64decode(data, validate=True)
        if kind == "data:image/svg+xml":
            command = ["rsvg-convert", "--zoom", "4", "--background-color", "white"]
            content = subprocess.run(command, input=content, capture_output=True, check=True).stdout
        else:
            assert kind == "data:image/png"
        found.append(Image.open(io.BytesIO(content)))
    return found


@pytest.mark.parametrize(
    ("pair", "expected"),
    [
        ("qr_codes.svg", [Read(LINK, "]Q1")]),
        ("qr_codes.png", [Read(LINK, "]Q1")]),
        ("datamatrix.svg", [Read(GS1_128, "]d2")]),
        ("datamatrix.png", [Read(GS1_128, "]d2")]),
        ("barcodes_1d.svg", [Read(GS1_128, "]C1")]),
        ("barcodes_1d.eps", [Read(GS1_128, "]C1")]),
        ("codes_combined.svg", [Read(LINK, "]Q1"), Read(GS1_128, "]C1")]),
        ("sheet_pdf.pdf", [Read(LINK, "]Q1")]),
    ],
)
def test_the_preview_scans(site: Site, pair: str, expected: list[Read]) -> None:
    seen = site.visitor.get(f"/?pair={pair}")
    found = [each for image in images(seen) for each in read(image)]
    assert sorted(found) == sorted(expected)
    text = seen.main.one("div", id="preview").text
    assert ("Browsers do not show EPS" in text) is (pair == "barcodes_1d.eps")


def test_the_preview_follows_what_is_filled_in(site: Site) -> None:
    form = site.visitor.get("/?pair=sheet_pdf.pdf&scope=serials").form("/")
    changed = form.filled(knob__symbol="datamatrix", gtins="9520123456726")
    page = page_of(site.visitor.post("/", {**changed.fields, "do": "preview"}))
    assert (page.status, page.heading) == (200, "Labels")
    label, sheet = images(page)
    [symbol] = read(label)
    assert symbol.symbology_identifier == "]d2"
    assert symbol.text.startswith("0109520123456726")
    assert (sheet.width, sheet.height) == (510, 660)  # Letter at 60 dpi
    assert page.form("/").fields | {"once": ""} == changed.fields | {"once": ""}


@pytest.mark.parametrize(
    ("template", "size_mm", "is_round"),
    [("63up_1in_letter", (25.4, 25.4), True), ("avery_5160", (66.68, 25.4), False)],
)
@pytest.mark.parametrize("moved", [0.0, 3.0])
def test_the_preview_of_a_sheet_shows_the_outline_of_the_label(
    site: Site, template: str, size_mm: tuple[float, float], is_round: bool, moved: float
) -> None:
    form = site.visitor.get("/?pair=sheet_pdf.pdf&scope=serials").form("/")
    filled = form.filled(knob__sheet_template=template, knob__offset_x_mm=str(moved))
    page = page_of(site.visitor.post("/", {**filled.fields, "do": "preview"}))
    label, sheet = images(page)
    width, height = (round(side * 300 / 25.4) + 1 for side in size_mm)
    assert abs(label.width - width - 24) <= 2
    assert abs(label.height - height - 24) <= 2
    left, top, right, bottom = 12, 12, label.width - 13, label.height - 13
    middle = ((left + right) // 2, (top + bottom) // 2)
    for at in ((left, middle[1]), (right, middle[1]), (middle[0], top), (middle[0], bottom)):
        around = label.crop((at[0] - 2, at[1] - 2, at[0] + 3, at[1] + 3))
        assert min(around.tobytes()) == 190
    corner = label.crop((left - 2, top - 2, left + 3, top + 3))
    assert min(corner.tobytes()) == (255 if is_round else 190)
    assert [symbol.symbology_identifier for symbol in read(label)] == ["]Q1"]
    assert 190 in sheet.tobytes()


def test_an_outline_that_is_printed_stays_black(site: Site) -> None:
    form = site.visitor.get("/?pair=sheet_pdf.pdf").form("/").filled(knob__borders="true")
    page = page_of(site.visitor.post("/", {**form.fields, "do": "preview"}))
    label, _ = images(page)
    edge = label.crop((10, label.height // 2 - 20, 15, label.height // 2 + 20))
    assert min(edge.tobytes()) < 128


@pytest.mark.parametrize(
    ("row", "found"),
    [
        ({}, None),
        ({"left_mm": "1", "top_mm": "2", "right_mm": "3"}, None),
        ({"left_mm": "1", "top_mm": "x", "right_mm": "3", "bottom_mm": "4"}, None),
        ({"left_mm": "3", "top_mm": "2", "right_mm": "1", "bottom_mm": "4"}, None),
        ({"left_mm": "nan", "top_mm": "2", "right_mm": "3", "bottom_mm": "4"}, None),
        ({"left_mm": "1", "top_mm": "2", "right_mm": "inf", "bottom_mm": "4"}, None),
        ({"left_mm": "1", "top_mm": "2", "right_mm": "1e30", "bottom_mm": "4"}, None),
        (
            {"left_mm": "0", "top_mm": "0", "right_mm": "25.4", "bottom_mm": "50.8"},
            (0, 0, 100, 200),
        ),
    ],
)
def test_only_edges_on_paper_are_drawn(
    row: dict[str, str], found: tuple[int, int, int, int] | None
) -> None:
    edges = previews._edges(row, is_round=False)
    assert (edges and edges.box(100)) == found
    if edges:
        assert edges.meets(Image.new("L", (10, 10)), 100)
        away = {name: str(float(value) + 99) for name, value in row.items()}
        beyond = previews._edges(away, is_round=False)
        assert beyond
        assert not beyond.meets(Image.new("L", (10, 10)), 100)


def test_labels_from_the_form_to_the_file(site: Site, tmp_path: Path) -> None:
    seen = site.visitor.get("/?scope=serials")
    form = seen.form("/").filled(gtins=f"{GTIN}, 9520123456719", knob__error_correction="Q")
    waiting = site.visitor.send(form)
    assert waiting.heading == "Label export"
    assert waiting.main.one("p", id="live").text == "Waiting to be begun."
    assert site.visitor.wait(waiting).main.one("p", id="live").text == "Waiting to be begun."
    site.work()
    done = site.visitor.wait(waiting)
    assert done.main.one("p", id="live").text == "The labels are ready."
    assert not list(done.root.all("noscript"))
    [address] = [href for text, href in done.links.items() if text.startswith("Download qr-")]
    file = tmp_path / "labels.zip"
    file.write_bytes(site.visitor.client.get(address).content)
    findings = list(verify(file))
    plan = site.host.entities.plan(
        "demo", Scope.SERIALS, LabelFilters(gtins=(GTIN, "9520123456719")), part_size=1000
    )
    assert len(findings) == plan.count - int(_failed(done))
    assert {finding.problem for finding in findings} == {None}
    assert {finding.row["symbol"][:6] for finding in findings} <= {"QR 4-Q", "QR 5-Q", "QR 6-Q"}


def _failed(seen: Seen) -> str:
    entries = [each.text for each in seen.main.all() if each.tag in ("dt", "dd")]
    named = dict(zip(entries[::2], entries[1::2], strict=True))
    return named.get("Could not be drawn", "0").partition(":")[0]


def test_what_cannot_be_drawn_is_counted(site: Site) -> None:
    site.visitor.send(site.visitor.get("/").form("/"))
    site.work()
    seen = site.visitor.send(site.visitor.get("/").form("/"))
    site.work()
    assert _failed(site.visitor.wait(seen)) == "1"  # "BS #6 rework" has a blank


def test_a_form_that_is_sent_twice_is_one_export(site: Site) -> None:
    form = site.visitor.get("/").form("/")
    first, again = site.visitor.send(form), site.visitor.send(form)
    changed = site.visitor.send(form, scope="serials")
    other = site.visitor.send(site.visitor.get("/").form("/"))
    assert first.path == again.path
    assert len({first.path, changed.path, other.path}) == 3


def test_every_problem_is_told_at_its_field(site: Site) -> None:
    form = site.visitor.get("/?pair=qr_codes.png").form("/")
    seen = site.visitor.send(
        form, gtins="9520123456703 x", lot_ids="nobody", knob__dpi="7", knob__x_dimension_mm="wide"
    )
    assert seen.status == 422
    summary = seen.main.one("div", role="alert")
    links = {each.attributes["href"]: each.text for each in summary.all("a")}
    assert links == {
        "#gtins": "GTINs",
        "#lot_ids": "Ids of lots",
        "#knob.dpi": "DPI",
        "#knob.x_dimension_mm": "X-dimension (mm)",
    }
    invalid = {e.attributes["id"]: e for e in seen.main.all() if "aria-invalid" in e.attributes}
    assert {f"#{name}" for name in invalid} == set(links)
    for name, message in {
        "gtins": "'9520123456703': expected check digit 2, got 3",
        "knob.dpi": "expected 72 to 2400 dots to the inch, got 7",
        "knob.x_dimension_mm": "expected a number, got 'wide'",
    }.items():
        assert message in seen.main.one("span", id=f"problem-{name}").text
        assert f"problem-{name}" in invalid[name].attributes["aria-describedby"].split()
    assert "open" in seen.main.one("div", id="knobs").one("details").attributes
    assert (
        seen.form("/").fields | {"once": ""}
        == form.filled(
            gtins="9520123456703 x",
            lot_ids="nobody",
            knob__dpi="7",
            knob__x_dimension_mm="wide",
            once="",
        ).fields
    )
    assert not images(seen)


def test_knobs_of_another_kind_are_let_be(site: Site) -> None:
    form = site.visitor.get("/?pair=qr_codes.svg").form("/")
    changed = form.filled(pair="barcodes_1d.svg", knob__environment="other")
    sent = site.visitor.send(changed)
    job = site.host.service.job("demo", sent.path.rpartition("/")[2])
    assert job.request.asset_config == {}  # type: ignore[union-attr]


def test_only_knobs_that_are_changed_are_asked_for(site: Site) -> None:
    form = site.visitor.get("/?pair=sheet_pdf.pdf").form("/")
    sent = site.visitor.send(
        form,
        knob__sheet_template="avery_5160",
        knob__borders="true",
        knob__lines="lot, expiry",
        knob__skip_positions="2,3",
        knob__x_dimension_mm="0.4",
    )
    job = site.host.service.job("demo", sent.path.rpartition("/")[2])
    assert job.request.asset_config == {  # type: ignore[union-attr]
        "sheet_template": "avery_5160",
        "borders": True,
        "lines": ["lot", "expiry"],
        "skip_positions": [2, 3],
        "x_dimension_mm": 0.4,
    }
    nothing = site.visitor.send(form, knob__lines="")
    job = site.host.service.job("demo", nothing.path.rpartition("/")[2])
    assert job.request.asset_config == {"lines": []}  # type: ignore[union-attr]


def test_filters_that_select_nothing(site: Site) -> None:
    form = site.visitor.get("/").form("/").filled(gtins="9506000134352")
    shown = site.visitor.send(form)
    site.work()
    assert "select" in site.visitor.wait(shown).main.text
    preview = site.visitor.get("/?gtins=9506000134352").main.one("div", id="preview")
    assert preview.text == "The filters select nothing."


def test_an_export_is_cancelled(site: Site) -> None:
    waiting = site.visitor.send(site.visitor.get("/").form("/"))
    form = waiting.form(f"{waiting.path}/cancel")
    ended = site.visitor.send(form)
    assert ended.path == waiting.path
    assert "The export was cancelled." in ended.main.text


@frozen(kw_only=True)
class TagConfig(ArtifactConfig):
    """The knobs of a tag."""

    height_mm: int = field(default=7, validator=validators.ge(1))
    """How high a tag is."""
    style: Literal["plain", "bold"] = "plain"


class Tags(SymbolZipRenderer):
    config: ClassVar[type[Any]] = TagConfig
    scopes = frozenset({Scope.LOTS})
    member_extension = "svg"

    def draw(self, subject: Subject, config: TagConfig) -> bytes:
        del subject
        square = f'<rect width="9" height="{config.height_mm}"/><!-- {config.style} -->'
        return f'<svg xmlns="http://www.w3.org/2000/svg" width="20" height="20">{square}</svg>'.encode()


class Text(Tags):
    member_extension = "txt"


class Slow(Tags):
    def draw(self, subject: Subject, config: TagConfig) -> bytes:
        time.sleep(0.5)
        return super().draw(subject, config)


class Broken(Tags):
    def draw(self, *_: Any) -> bytes:
        raise ZeroDivisionError("secret")


class Refusing(Tags):
    def draw(self, *_: Any) -> bytes:
        raise RenderError("no ink <b>left</b>")


class Huge(Tags):
    compress = False

    def draw(self, *_: Any) -> bytes:
        return bytes(9 << 20)


class Bomb(Tags):
    def draw(self, *_: Any) -> bytes:
        return bytes(2 << 20)


class NoPdf(Tags):
    media_type = "application/pdf"

    def assemble(
        self, parts: Iterable[Part], out: BinaryIO, manifest: BinaryIO | None = None
    ) -> None:
        del manifest
        out.write(b"%PDF-" + bytes(len(list(parts))))


class NoZip(NoPdf):
    def assemble(
        self, parts: Iterable[Part], out: BinaryIO, manifest: BinaryIO | None = None
    ) -> None:
        del manifest
        out.write(b"PK\3\4" + bytes(len(list(parts))))


class Whole:
    """A renderer with an artifact of its own kind."""

    api_version: ClassVar[int] = RENDERER_API
    scopes: ClassVar[frozenset[Scope]] = frozenset({Scope.LOTS})
    config: ClassVar[type[Any]] = TagConfig
    media_type: ClassVar[str] = "image/svg+xml"
    extension: ClassVar[str] = "svg"

    def render_part(self, subjects: Iterable[Subject], config: TagConfig, first_index: int) -> Part:
        del first_index
        drawn = [Tags().draw(subject, config) for subject in subjects]
        return Part(item_count=len(drawn), body=tuple(drawn))

    def assemble(self, parts: Iterable[Part], out: BinaryIO) -> None:
        out.writelines(part.body[0] for part in parts)


@pytest.fixture(scope="module")
def plugged(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visitor]:
    host, _ = opened(tmp_path_factory.mktemp("plugged"))
    key = take_in_demo(host)
    plugins: dict[str, Callable[[], Renderer]] = {
        "tags.svg": Tags,
        "tags.txt": Text,
        "slow.svg": Slow,
        "broken.svg": Broken,
        "refusing.svg": Refusing,
        "huge.svg": Huge,
        "bomb.svg": Bomb,
        "whole.svg": Whole,
        "nothing.pdf": NoPdf,
        "nothing.zip": NoZip,
    }
    for name, factory in plugins.items():
        host.place.registry.register(RendererKey.parse(name), factory)
    with Visitor.of(create_app(host, works=False), ADDRESS) as visitor:
        visitor.sign_in(key)
        yield visitor


def test_a_plugin_has_its_pair_its_knobs_and_its_preview(plugged: Visitor) -> None:
    seen = plugged.get("/?pair=tags.svg")
    assert "tags.svg" in seen.form("/").choices["pair"]
    fields = seen.form("/").fields
    assert {n: v for n, v in fields.items() if n.startswith("knob.")} == {
        "knob.height_mm": "7",
        "knob.style": "plain",
        "knob.compression": "fast",
    }
    assert seen.main.one("span", id="help-knob.height_mm").text == "How high a tag is."
    [image] = images(seen)
    assert image.size == (80, 80)
    assert ImageOps.invert(image.convert("L")).getbbox() == (0, 0, 36, 28)
    [whole] = images(plugged.get("/?pair=whole.svg"))
    assert whole == image


@pytest.mark.parametrize(
    ("pair", "text"),
    [
        ("tags.txt", "Browsers cannot show what is in a file of tags.txt."),
        ("slow.svg", "The preview takes too long."),
        ("broken.svg", "No preview: the renderer failed"),
        ("refusing.svg", "It cannot be drawn: no ink <b>left</b>"),
        ("nothing.pdf", "No preview: the renderer made no whole PDF"),
        ("nothing.zip", "No preview: the renderer made no whole archive"),
        ("huge.svg", "No preview: the file is too large for a preview"),
        ("bomb.svg", "No preview: the picture is too large for a preview"),
    ],
)
def test_what_has_no_preview_says_why(
    plugged: Visitor, monkeypatch: pytest.MonkeyPatch, pair: str, text: str
) -> None:
    if pair == "slow.svg":
        monkeypatch.setattr(previews, "_SECONDS", 0.1)
    preview = plugged.get(f"/?pair={pair}").main.one("div", id="preview")
    assert preview.text.startswith(text)
    assert not list(preview.all("img"))
    assert not list(preview.all("b"))


def test_a_plugin_that_is_broken_cannot_be_chosen(tmp_path: Path) -> None:
    host, _ = opened(tmp_path)
    broken = Registration(
        key=RendererKey("tags", "svg"), target="acme_tags:Missing", distribution="acme"
    )
    registry = RendererRegistry(registrations=[*host.place.registry.registrations(), broken])
    host.place = evolve(host.place, registry=registry)
    host.service = ExportService(host.place)
    _, key = host.keys.add("acme")
    with Visitor.of(create_app(host, works=False), ADDRESS) as visitor:
        visitor.sign_in(key)
        seen = visitor.get("/?pair=tags.svg")
        choices = seen.main.one("select", id="pair").all("option")
        disabled = [each.text for each in choices if "disabled" in each.attributes]
        assert disabled == ["Tags, SVG (cannot be loaded)"]
        assert seen.status == 200
        assert "The renderer for this export failed." in seen.main.one("div", id="preview").text
        refused = visitor.send(seen.form("/"))
        assert refused.status == 422
        assert refused.main.one("span", id="problem-pair").text == (
            "The renderer for this export failed."
        )


def test_other_sheets_do_not_keep_a_preview_waiting_for_ever(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(previews, "_SECONDS", 0.1)
    with previews._PDFIUM:
        seen = site.visitor.get("/?pair=sheet_pdf.pdf")
    assert not images(seen)
    with previews._AT_ONCE, previews._AT_ONCE:
        seen = site.visitor.get("/?pair=qr_codes.svg")
    assert not images(seen)


def test_a_pair_that_is_not_there(site: Site) -> None:
    seen = site.visitor.get("/?pair=qr_codes.tiff&scope=moons")
    assert seen.status == 200
    assert "expected one of png, svg for export_type 'qr_codes', got 'tiff'" in seen.main.text
    assert "moons" in seen.main.one("select", id="scope").text
