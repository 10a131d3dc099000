"""What the contract of renderers asks of parts, knobs and artifacts."""
# ruff: noqa: S101 - these are checks of tests

import io
import pickle
from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from closient_export.errors import RequestError, shown
from closient_export.gs1 import Gtin
from closient_export.plugins import Part, Renderer
from closient_export.subjects import Lot, Product, Scope, Serial, Subject
from closient_export.testing.contract_tools import examples, raised
from closient_export.testing.strategies.text import HOSTILE
from closient_export.wire import renderer_config

__all__ = [
    "MANY",
    "artifact_of",
    "artifacts_of",
    "check_counts",
    "check_knobs",
    "check_secrecy",
    "examples_of",
    "hostile_examples",
    "made",
    "part_of",
    "pickled",
    "undrawable",
]

MANY = 1_100
"""More than are drawn together."""


def made(
    renderer: Renderer, some: Sequence[Subject], config: Any, cuts: Iterable[int] = ()
) -> list[Part]:
    """The parts of some subjects, cut before those at some places."""
    bounds = pairwise([0, *cuts, len(some)])
    return [renderer.render_part(some[start:stop], config, start) for start, stop in bounds]


def artifact_of(renderer: Renderer, parts: Sequence[Part]) -> bytes:
    """What a renderer makes of its parts."""
    out = io.BytesIO()
    renderer.assemble(iter(parts), out)
    return out.getvalue()


def artifacts_of(renderer: Renderer, work: Sequence[tuple[list[Subject], Any]]) -> list[bytes]:
    """The artifacts of some subjects with some knobs each."""
    return [artifact_of(renderer, made(renderer, some, config)) for some, config in work]


def examples_of(strategy: st.SearchStrategy[Any], count: int) -> list[Any]:
    """Some values of a strategy, the same each time."""
    found: list[Any] = []

    @settings(examples(count), derandomize=True, database=None)
    @given(strategy)
    def collect(value: Any) -> None:
        found.append(value)

    collect()
    return found


def pickled(value: Any) -> Any:
    """A value after a pickle."""
    try:
        return pickle.loads(pickle.dumps(value))  # noqa: S301 - of our own
    except Exception as error:
        raise AssertionError(
            f"renderer, knobs and parts must go through a pickle, got {shown(error)}"
        ) from error


def part_of(renderer: Renderer, some: Sequence[Subject], config: Any, obligation: str) -> Part:
    """The part that a renderer makes; whatever it raises breaks an obligation."""
    try:
        return renderer.render_part(some, config, 0)
    except Exception as error:
        raise AssertionError(f"{obligation}, got {shown(error)}") from error


def check_knobs(renderer: Renderer, chosen: dict[str, Any]) -> None:
    """See to it that knobs are taken, or refused with problems that name them."""
    error = raised(lambda: renderer_config(renderer, chosen))
    if error is None:
        return  # they fit
    assert isinstance(error, RequestError), (
        f"knobs that do not fit must be refused with problems, got {shown(error)} of {shown(chosen)}"
    )
    for problem in error.problems:
        assert problem.path.startswith("asset_config"), (
            f"a problem with knobs must name one of them, got {problem}"
        )
        assert problem.message, "a problem with knobs must say what was expected"
    assert error.problems, "knobs that do not fit must be refused with problems, got none"


def check_counts(part: Part, some: Sequence[Subject]) -> None:
    """See to it that a part tells what became of each subject."""
    assert part.item_count == len(some), (
        f"a part must count each of its {len(some)} subjects, drawn or not, got {part.item_count}"
    )
    assert list(part.failed) == sorted(set(part.failed) & set(range(len(some)))), (
        f"a part must tell once, in order and from 0 on which of its subjects failed, got {part.failed}"
    )
    assert bool(part.first_failure) == bool(part.failed), (
        "a part must say why its first subject failed, exactly if one did, "
        f"got {part.first_failure!r} with {len(part.failed)} failed"
    )
    assert "Traceback" not in (part.first_failure or ""), "a failure must be safe to show"


def undrawable(scopes: Iterable[Scope]) -> list[Subject]:
    """Subjects of whose lots and serials GS1 allows none in a symbol."""
    gtin = Gtin.parse("9506000134352")
    texts = ("not allowed", "x" * 21, "\u00e9", "#")
    kinds: dict[Scope, Callable[[str], Subject]] = {
        Scope.PRODUCTS: lambda text: Product(gtin=gtin, product_name=text),
        Scope.LOTS: lambda text: Lot(gtin=gtin, lot=text),
        Scope.SERIALS: lambda text: Serial(gtin=gtin, serial=text),
    }
    return [kinds[scope](text) for scope in Scope if scope in scopes for text in texts]


def hostile_examples(kind: str, scopes: Iterable[Scope]) -> list[Subject]:
    """Subjects that a symbol can carry with hostile names, and subjects with hostile identifiers.

    Args:
        kind: A key of `HOSTILE`.
        scopes: What the subjects are of.
    """
    gtin = Gtin.parse("9506000134352")
    found: list[Subject] = []
    for text in HOSTILE[kind]:
        if Scope.PRODUCTS in scopes:
            found.append(Product(gtin=gtin, product_name=text, brand=text))
        if Scope.LOTS in scopes:
            found.append(Lot(gtin=gtin, lot="LOT-1", product_name=text, brand=text))
            found.append(Lot(gtin=gtin, lot=text))
        if Scope.SERIALS in scopes:
            found.append(Serial(gtin=gtin, serial="1", product_name=text, brand=text))
            found.append(Serial(gtin=gtin, serial=text))
    return found


def check_secrecy(renderer: Renderer, scopes: Iterable[Scope]) -> None:
    """See to it that no failure quotes what it is about."""
    gtin = Gtin.parse("9506000134352")
    marks = {"lot": "QLQ7391", "serial": "QSQ7391", "product name": "QNQ7391"}
    lot, serial, name = marks.values()
    for harm in ("\u00e9", " ", "\x00", "\ud800", "x" * 21, "x" * 5_000):
        some: list[Subject] = [
            Product(gtin=gtin, product_name=name + harm),
            Lot(gtin=gtin, lot=lot, product_name=name + harm),
            Lot(gtin=gtin, lot=lot + harm, product_name=name),
            Serial(gtin=gtin, serial=serial, lot=lot, product_name=name + harm),
            Serial(gtin=gtin, serial=serial, lot=lot + harm, product_name=name),
            Serial(gtin=gtin, serial=serial + harm, lot=lot, product_name=name),
        ]
        for subject in some:
            if subject.scope in scopes:
                part = part_of(
                    renderer, [subject], renderer.config(), "what cannot be drawn must not raise"
                )
                quoted = [
                    what
                    for what, mark in marks.items()
                    if mark.casefold() in (part.first_failure or "").casefold()
                ]
                assert not quoted, (
                    "`first_failure` must be safe to show to anyone, and quote no identifiers: it "
                    f"has the {' and the '.join(quoted)}, got {shown(part.first_failure)}"
                )
