import subprocess
import sys
import textwrap
from importlib.metadata import Distribution, EntryPoint, entry_points
from pathlib import Path
from typing import Any

import pytest
from attrs import frozen

from closient_export import RendererRegistry, default_registry
from closient_export.errors import (
    RendererConflictError,
    RendererLoadError,
    UnknownRendererError,
)
from closient_export.plugins import Subject, SymbolZipRenderer
from closient_export.registry import BUILT_IN, GROUP, Misnomer, Registration
from closient_export.renderers.qr_codes import QrSvgRenderer
from closient_export.requests import RendererKey

SVG = RendererKey("qr_codes", "svg")
TARGET = "closient_export.renderers.qr_codes:QrSvgRenderer"


def claim(key: str, distribution: str, target: str = TARGET) -> Registration[RendererKey]:
    return Registration(key=RendererKey.parse(key), target=target, distribution=distribution)


def test_built_in_table_equals_the_entry_points() -> None:
    declared = {
        point.name: point.value
        for point in entry_points(group=GROUP)
        if point.dist is not None and point.dist.name == "closient-export"
    }
    assert declared == BUILT_IN


def test_every_built_in_renderer_loads() -> None:
    for registration in default_registry().registrations():
        default_registry().renderer(registration.key)


def test_built_in_renderers_are_there_without_metadata(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("closient_export.registry.plugins.entry_points", lambda **_: [])
    registry = RendererRegistry()
    assert registry.file_formats("qr_codes") == ["png", "svg"]
    assert isinstance(registry.renderer(SVG), QrSvgRenderer)


def test_unknown_pairs_list_what_is_accepted() -> None:
    registry = RendererRegistry(registrations=[claim("qr_codes.svg", "a"), claim("tags.zpl", "b")])
    with pytest.raises(
        UnknownRendererError, match="one of svg for export_type 'qr_codes', got 'pdf'"
    ):
        registry.renderer(RendererKey("qr_codes", "pdf"))
    with pytest.raises(UnknownRendererError, match=r"export_type of qr_codes, tags, got 'x'$"):
        registry.renderer(RendererKey("x", "pdf"))


def test_a_conflict_breaks_its_own_pair_only_and_says_how_to_prefer_one() -> None:
    claims = [
        claim("qr_codes.svg", "acme"),
        claim("qr_codes.svg", "zeta"),
        claim("qr_codes.png", "acme"),
    ]
    registry = RendererRegistry(registrations=claims)
    registry.renderer(RendererKey("qr_codes", "png"))
    with pytest.raises(RendererConflictError) as caught:
        registry.renderer(SVG)
    assert str(caught.value) == (
        "qr_codes.svg is registered by acme and zeta: uninstall all but one, or prefer one, as in "
        'RendererRegistry(prefer={"qr_codes.svg": "zeta"}) or on the command line '
        "--prefer qr_codes.svg=zeta"
    )
    preferring = RendererRegistry(registrations=claims, prefer={"qr_codes.svg": "acme"})
    assert preferring.resolve(SVG).distribution == "acme"
    with pytest.raises(RendererConflictError, match="preferred from other, but registered by acme"):
        RendererRegistry(registrations=claims, prefer={"qr_codes.svg": "other"}).renderer(SVG)


@pytest.mark.parametrize(
    ("target", "message"),
    [
        (
            "no_such_module:X",
            "cannot be loaded: ModuleNotFoundError: No module named 'no_such_module'",
        ),
        ("closient_export.gs1:Nope", "cannot be loaded: AttributeError"),
        ("closient_export.gs1:CANONICAL_STEM", "cannot be loaded: TypeError"),
        ("builtins:dict", "is not a renderer: it has no api_version, scopes, config"),
        ("test_registry:FromTheFuture", "is for renderer API 99, expected 1"),
        ("test_registry:NoAttrs", "has a config that is not an attrs class"),
        ("test_registry:NoDefault", "has a config that cannot be made from its defaults"),
        ("test_registry:NoScopes", "has scopes that are not a set of Scope"),
        ("test_registry:NoMembers", "is not a renderer: it has no member_extension"),
    ],
)
def test_a_broken_plugin_breaks_its_own_pair_only(target: str, message: str) -> None:
    registry = RendererRegistry(
        registrations=[
            claim("broken.svg", "acme", target),
            claim("qr_codes.svg", "closient-export"),
        ]
    )
    with pytest.raises(RendererLoadError, match=r"of acme, registered for broken\.svg") as caught:
        registry.renderer(RendererKey("broken", "svg"))
    assert message in str(caught.value)
    assert isinstance(registry.renderer(SVG), QrSvgRenderer)


class FromTheFuture(QrSvgRenderer):
    api_version = 99


class NoAttrs(QrSvgRenderer):
    config = dict


@frozen
class Demanding:
    size: int


class NoDefault(QrSvgRenderer):
    config = Demanding


class NoScopes(QrSvgRenderer):
    scopes = frozenset()


class NoMembers(SymbolZipRenderer):
    def draw(self, subject: Subject, config: object) -> bytes:
        return f"{subject} {config}".encode()


def entry_point(name: str, group: str, distribution: str = "acme") -> EntryPoint:
    """One that a distribution has; it is found in files that are not there."""
    metadata = f"Metadata-Version: 2.1\nName: {distribution}\nVersion: 2\n"

    class Found(Distribution):
        def read_text(self, filename: str) -> str | None:
            return metadata if filename == "METADATA" else None

        def locate_file(self, path: object) -> Any:
            raise NotImplementedError

    point = EntryPoint(name, TARGET, group)
    vars(point)["dist"] = Found()
    return point


def test_names_that_no_request_can_mean_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    points = [entry_point(name, GROUP) for name in ("tags.zpl", "dotless", "A.svg", "dotless")]
    monkeypatch.setattr("closient_export.registry.plugins.entry_points", lambda **_: points)
    registry = RendererRegistry()
    assert RendererKey("tags", "zpl") in registry
    expected = (
        "expected <export_type>.<file_format>, each a word of lower-case letters, digits and '_'"
    )
    assert registry.misnomers() == [
        Misnomer(name=name, distribution="acme", version="2", problem=f"{expected}, got '{name}'")
        for name in ("A.svg", "dotless")
    ]


def test_a_preference_for_no_pair_is_a_mistake() -> None:
    with pytest.raises(UnknownRendererError, match=r"cannot prefer a renderer for qr_codes\.pdf"):
        RendererRegistry(prefer={"qr_codes.pdf": "acme"})
    with pytest.raises(UnknownRendererError, match=r"^cannot prefer a renderer: expected .*'dot'$"):
        RendererRegistry(prefer={"dot": "acme"})


def test_a_host_registers_its_own() -> None:
    registry = RendererRegistry()
    key = RendererKey("host_labels", "svg")
    registry.register(key, QrSvgRenderer)
    assert key in registry
    assert isinstance(registry.renderer(key), QrSvgRenderer)
    with pytest.raises(RendererConflictError, match="pass replace=True"):
        registry.register(SVG, QrSvgRenderer)
    registry.register(SVG, QrSvgRenderer, replace=True)
    with pytest.raises(RendererLoadError, match="of the host"):
        registry.register(RendererKey("x", "y"), FromTheFuture)
    assert RendererKey("x", "y") not in registry


PLUGIN = {
    "pyproject.toml": """
        [build-system]
        requires = ["hatchling"]
        build-backend = "hatchling.build"
        [project]
        name = "acme-labels"
        version = "1.2.3"
        dependencies = ["closient-export"]
        [project.entry-points."closient_export.renderers"]
        "shelf_tags.txt" = "acme_labels:ShelfTagRenderer"
        "shelf_tags.svg" = "acme_labels:NoSuchRenderer"
        """,
    "acme_labels.py": """
        from closient_export.plugins import SymbolZipRenderer


        class ShelfTagRenderer(SymbolZipRenderer):
            member_extension = "txt"

            def draw(self, subject, config):
                return f"{subject.product_name}: {subject.element_string().hri()}".encode()
        """,
}


@pytest.fixture(scope="module")
def plugin_python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The interpreter of an environment with this library and a third party's renderer."""
    folder = tmp_path_factory.mktemp("plugin")
    source = folder / "acme"
    source.mkdir()
    for name, text in PLUGIN.items():
        (source / name).write_text(textwrap.dedent(text))
    environment = folder / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", environment], check=True)
    python = environment / "bin" / "python"
    packages = next(environment.glob("lib/python*/site-packages"))
    here = [path for path in sys.path if path.endswith("site-packages")]
    source_tree = Path(__file__).parent.parent / "src"
    (packages / "parent.pth").write_text("\n".join([*here, str(source_tree)]))
    install = [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet"]
    options = ["--no-index", "--no-deps", "--no-build-isolation", "--disable-pip-version-check"]
    subprocess.run([*install, *options, source], check=True)
    return python


def test_a_third_party_renderer_works_once_installed(plugin_python: Path, tmp_path: Path) -> None:
    catalog = tmp_path / "catalog.csv"
    catalog.write_text("gtin,lot,product_name\n9506000134352,A1,Kale\n9506000134352,B#,Kale\n")
    command: list[str | Path] = [plugin_python, "-m", "closient_export"]
    options = ["--scope", "lots", "--type", "shelf_tags", "--format", "txt", "--out", "tags.zip"]
    subprocess.run([*command, "labels", catalog, *options], check=True, cwd=tmp_path)
    listing = subprocess.run(
        ["unzip", "-p", "tags.zip"], check=True, cwd=tmp_path, capture_output=True
    )
    text = listing.stdout.decode()
    assert text.startswith("Kale: (01) 09506000134352 (10) A1index,member,gtin")
    assert "'B#': expected a character of GS1 character set 82" in text


def test_its_broken_neighbour_is_named_and_breaks_nothing_else(plugin_python: Path) -> None:
    command: list[str | Path] = [plugin_python, "-m", "closient_export", "renderers"]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    assert "acme-labels 1.2.3" in done.stdout
    assert (
        "NoSuchRenderer of acme-labels, registered for shelf_tags.svg, cannot be loaded"
        in done.stdout
    )
    assert "qr_codes" in done.stdout
