import ast
import copy
import inspect
import pickle
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import closient_export
from closient_export import errors
from closient_export.errors import ExportError, Problem, suggestion

HEAVY = "attrs attr cattrs segno shortuuid numpy reportlab openpyxl barcode pylibdmtx click rich".split()  # noqa: SIM905


def fresh(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    return done.stdout.strip()


def test_importing_the_package_imports_nothing_heavy() -> None:
    code = f"import sys, closient_export; print([m for m in {HEAVY} if m in sys.modules])"
    assert fresh(code) == "[]"


def test_importing_the_values_does_not_load_the_encoders() -> None:
    code = (
        "import sys, closient_export as c; c.default_registry().registrations(); "
        "c.Lot, c.parse_label_request; "
        "print([m for m in ('segno', 'shortuuid', 'click', 'closient_export.renderers') if m in sys.modules])"
    )
    assert fresh(code) == "[]"


def test_every_public_name_is_there_and_sorted() -> None:
    assert closient_export.__all__ == sorted(closient_export.__all__)
    assert len(closient_export.__all__) <= 40
    for name in closient_export.__all__:
        assert getattr(closient_export, name).__module__.startswith("closient_export")
    assert set(closient_export.__all__) <= set(dir(closient_export))
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        _ = closient_export.nothing


def test_type_checkers_see_the_same_names() -> None:
    tree = ast.parse(inspect.getsource(closient_export))
    block = next(node for node in tree.body if isinstance(node, ast.If))
    seen = {
        (alias.name, node.module)
        for node in block.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    homes = {(n, f"closient_export.{m}") for n, m in closient_export._HOMES.items()}
    assert seen == homes
    assert {name for name, _ in seen} == set(closient_export.__all__)


def all_errors(root: type[ExportError] = ExportError) -> list[type[ExportError]]:
    return [root, *(found for child in root.__subclasses__() for found in all_errors(child))]


@pytest.mark.parametrize("kind", all_errors(), ids=lambda kind: kind.__name__)
def test_every_error_survives_pickle_and_copy(kind: type[ExportError]) -> None:
    examples = {
        "Gs1Error": ("rule", "expected this", "10", "secret"),
        "RequestError": ([Problem("filters.gtins[0]", "expected that")],),
    }
    error = kind(*examples.get(kind.__name__, ("message",)))
    for twin in (pickle.loads(pickle.dumps(error)), copy.copy(error), copy.deepcopy(error)):  # noqa: S301
        assert type(twin) is kind
        assert str(twin) == str(error)
        assert twin.public_message == error.public_message
        assert twin.__dict__ == error.__dict__


def test_the_tree_in_the_docstring_is_the_tree() -> None:
    for kind in all_errors():
        assert kind.__name__ in (errors.__doc__ or "")
        assert kind.__name__ in errors.__all__


def test_public_messages_do_not_carry_values() -> None:
    error = errors.Gs1Error("rule", "expected this", "10", "SECRET")
    assert "SECRET" in str(error)
    assert error.public_message == "(10): expected this"
    for kind in (
        errors.CatalogError,
        errors.RendererLoadError,
        errors.InvalidTransitionError,
        errors.EventDocumentError,
        errors.EventSourceError,
        errors.TraceWriterError,
    ):
        assert "SECRET" not in kind("/tmp/SECRET").public_message  # noqa: S108


def test_application_identifiers_are_up_to_date() -> None:
    tool = Path(__file__).parent.parent / "tools" / "generate_application_identifiers.py"
    subprocess.run([sys.executable, tool, "--check"], check=True)


names = st.text("abcdefgh_-A", max_size=9)


@given(names | st.text() | st.integers(), st.lists(names, max_size=6))
def test_a_suggestion_quotes_nothing_but_a_known_name(name: object, known: list[str]) -> None:
    allowed = {"", *(f"; did you mean '{each}'?" for each in known)}
    assert suggestion(name, known) in allowed


@given(st.lists(names.filter(bool), min_size=1, max_size=6), st.data())
def test_a_name_in_other_case_is_meant(known: list[str], data: st.DataObject) -> None:
    meant = data.draw(st.sampled_from(known))
    said = suggestion(meant.swapcase().replace("_", "-"), known)
    found = said.removeprefix("; did you mean '").removesuffix("'?")
    assert found.casefold().replace("_", "-") == meant.casefold().replace("_", "-")


def test_of_names_as_near_that_with_the_same_characters_is_meant() -> None:
    known = ["5161", "5162", "5167", "5160"]
    assert suggestion("5106", known) == "; did you mean '5160'?"
    assert suggestion("9", known) == suggestion("5160" * 26, known) == ""
