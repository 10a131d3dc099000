import contextlib
from enum import Enum
from typing import Any, Literal

import pytest
from attrs import field, frozen, validators
from hypothesis import given
from hypothesis import strategies as st

from closient_export import (
    Direction,
    LabelExportRequest,
    RendererRegistry,
    RequestError,
    TraceabilityExportRequest,
    default_registry,
    from_json,
    parse_label_request,
    parse_traceability_request,
    renderer_config,
    to_json,
)
from closient_export.errors import RendererLoadError
from closient_export.registry import BUILT_IN, Registration, TraceWriterRegistry
from closient_export.renderers.qr_codes import QrSvgRenderer
from closient_export.requests import RendererKey
from closient_export.testing.strategies import (
    hostile_text,
    json_values,
    label_export_requests,
    short_ids,
)
from closient_export.wire import default_knobs, knob_from_text
from closient_export.wire.knob_descriptions import describe_knobs, field_docstrings

VALID: dict[str, Any] = {"scope": "serials", "export_type": "qr_codes", "file_format": "svg"}
ID = "MMr86QwRRjvDGR6MjGRNdQ"


# This distribution's renderers alone, whatever else is installed.
OURS = RendererRegistry(
    registrations=[
        Registration(key=RendererKey.parse(name), target=target, distribution="closient-export")
        for name, target in BUILT_IN.items()
    ]
)
TYPES = ", ".join(OURS.export_types())


def problems(payload: object) -> list[str]:
    with pytest.raises(RequestError) as caught:
        parse_label_request(payload, OURS)
    return list(map(str, caught.value.problems))


@given(label_export_requests())
def test_a_request_survives_the_wire(request: LabelExportRequest) -> None:
    assert from_json(to_json(request), LabelExportRequest) == request
    assert parse_label_request(to_json(request), default_registry()) == request


def test_the_example_of_the_contract() -> None:
    payload = {
        "scope": "lots",
        "export_type": "sheet_pdf",
        "file_format": "pdf",
        "filters": {"gtins": ["00012345678905"], "never_printed": True},
        "asset_config": {"sheet_template": "63up_1in_letter"},
    }
    assert to_json(from_json(payload, LabelExportRequest)) == payload


def test_null_is_the_same_as_left_out() -> None:
    plain = parse_label_request(VALID, default_registry())
    nulls: dict[str, Any] = VALID | {"filters": None, "asset_config": None}
    assert parse_label_request(nulls, default_registry()) == plain
    nulls = VALID | {"filters": {"gtins": None, "lot_ids": None}}
    assert parse_label_request(nulls, default_registry()) == plain
    assert to_json(plain) == VALID | {"filters": None, "asset_config": {}}


def test_gtins_are_normalised_to_14_digits() -> None:
    payload = VALID | {"filters": {"gtins": ["95200002", "614141000036", "9506000134352"]}}
    request = parse_label_request(payload, default_registry())
    assert to_json(request)["filters"]["gtins"] == [
        "00000095200002",
        "00614141000036",
        "09506000134352",
    ]


def test_all_problems_at_once_each_with_its_path() -> None:
    payload = {
        "scope": "lots",
        "export_type": "qr_codes",
        "file_format": "eps",
        "surprise": 1,
        "filters": {
            "gtins": ["9506000134352", "9506000134353", 5],
            "product_id": "x",
            "lot_ids": "x",
            "serial_ids": [ID],
            "never_printed": "yes",
            "colour": "red",
        },
    }
    assert problems(payload) == [
        "file_format: expected one of png, svg for export_type 'qr_codes', got 'eps'",
        "filters.gtins[1]: '9506000134353': expected check digit 2, got 3",
        "filters.gtins[2]: expected text, got 5",
        "filters.product_id: expected a short id, 22 characters without 0, 1, I, O and l, got 'x'",
        "filters.lot_ids: expected a list, got 'x'",
        "filters.never_printed: expected true or false, got 'yes'",
        "filters.colour: unknown key, expected one of gtins, product_id, lot_ids, serial_ids, "
        "lot_run_id, never_printed",
        "filters.serial_ids: expected only with scope 'serials', got scope 'lots'",
        "surprise: unknown key, expected one of scope, export_type, file_format, filters, "
        "asset_config",
    ]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (
            {"scope": "products"},
            "scope: expected 'lots' or 'serials', which qr_codes.svg supports, got 'products'",
        ),
        (
            {"scope": "lot"},
            "scope: expected one of products, lots, serials, got 'lot'; did you mean 'lots'?",
        ),
        ({"scope": None}, "scope: expected one of products, lots, serials, got None"),
        (
            {"export_type": "qr_code"},
            f"export_type: expected an export_type of {TYPES}, got 'qr_code'; did you mean "
            "'qr_codes'?",
        ),
        (
            {"export_type": "../x"},
            "export_type: expected a word of lower-case letters, digits and '_', got '../x'\n"
            f"export_type: expected an export_type of {TYPES}, got '../x'",
        ),
        ({"file_format": 7}, "file_format: expected text, got 7"),
        (
            {"file_format": "SVG"},
            "file_format: expected a word of lower-case letters, digits and '_', got 'SVG'\n"
            "file_format: expected one of png, svg for export_type 'qr_codes', got 'SVG'; did you mean 'svg'?",
        ),
        ({"filters": []}, "filters: expected an object, got []"),
        ({"asset_config": "x"}, "asset_config: expected an object, got 'x'"),
        (
            {"asset_config": {"dpi": 300}},
            "asset_config.dpi: unknown knob, expected one of compression, digital_link_stem, environment, "
            "error_correction, x_dimension_mm",
        ),
    ],
)
def test_one_problem(change: dict[str, Any], expected: str) -> None:
    assert problems(VALID | change) == expected.split("\n")


def test_missing_fields() -> None:
    assert problems({}) == [
        "scope: required, but missing",
        "export_type: required, but missing",
        "file_format: required, but missing",
    ]
    assert problems([]) == ["expected an object, got []"]


@given(json_values())
def test_any_json_is_accepted_or_refused_with_problems(payload: object) -> None:
    assert problems(payload)


@given(
    st.dictionaries(
        st.sampled_from([*VALID, "filters", "asset_config", "x"]), json_values() | hostile_text()
    )
)
def test_any_fields_are_accepted_or_refused_with_problems(change: dict[str, Any]) -> None:
    with contextlib.suppress(RequestError):
        request = parse_label_request(VALID | change, default_registry())
        assert parse_label_request(to_json(request), default_registry()) == request


@pytest.mark.parametrize("text", ["", ID[:-1], ID + "2", "0" * 22, "z" * 22, ID[:-1] + "é"])
def test_malformed_ids_are_refused(text: str) -> None:
    payload = VALID | {"filters": {"lot_run_id": text}}
    assert problems(payload) == [
        f"filters.lot_run_id: expected a short id, 22 characters without 0, 1, I, O and l, got {text!r}"
    ]


def test_a_renderer_that_cannot_be_loaded_is_not_the_callers_fault() -> None:
    claim = Registration(
        key=RendererKey("broken", "svg"), target="/secret/path:X", distribution="acme"
    )
    payload = VALID | {"export_type": "broken"}
    with pytest.raises(RendererLoadError) as caught:
        parse_label_request(payload, RendererRegistry(registrations=[claim]))
    assert caught.value.public_message == "The renderer for this export failed."


@pytest.mark.parametrize(
    "value",
    [10**400, -(10**400), 1e400, float("nan"), 10**5000, [[[[[[]]]]]], "\ud800"],
    ids=range(7),
)
def test_values_that_are_no_numbers(value: object) -> None:
    (problem,) = problems(VALID | {"asset_config": {"x_dimension_mm": value}})
    assert problem.startswith("asset_config.x_dimension_mm: expected a number, got ")
    assert len(problem) < 200


def test_deep_payloads_are_refused() -> None:
    deep: list[object] = []
    for _ in range(5000):
        deep = [deep]
    (problem,) = problems(VALID | {"scope": deep})
    assert problem.startswith("scope: expected one of products, lots, serials, got [[[")


def test_keys_from_outside_stay_on_their_line() -> None:
    (problem,) = problems(VALID | {"\x1b[31m\nfoo": 1})
    assert problem.startswith(r"'\x1b[31m\nfoo': unknown key")


class Colour(Enum):
    RED = "red"


@frozen(kw_only=True)
class ManyKnobs:
    text: str = "a"
    number: int = 1
    size: float | None = None
    flag: bool = False
    colour: Colour = Colour.RED
    choice: Literal["x", "y"] = "x"
    dpi: Literal[203, 300] = 203
    sizes: tuple[float, ...] = ()
    low: int = field(default=0, validator=validators.instance_of(int))

    def __attrs_post_init__(self) -> None:
        if self.low > self.number:
            raise ValueError("low: expected at most number")


class ManyKnobsRenderer(QrSvgRenderer):
    config = ManyKnobs


def test_knobs_of_every_type() -> None:
    renderer = ManyKnobsRenderer()
    knobs = {"text": "b", "number": 2, "size": 1, "flag": True, "colour": "red", "sizes": [1, 2.5]}
    expected = ManyKnobs(text="b", number=2, size=1.0, flag=True, sizes=(1.0, 2.5))
    assert renderer_config(renderer, knobs) == expected
    assert default_knobs(renderer)["colour"] == "red"
    bad: dict[str, Any] = {"text": 1, "number": "1", "size": True, "flag": 0, "colour": "x"}
    with pytest.raises(RequestError) as caught:
        renderer_config(renderer, bad | {"choice": "z", "sizes": ["x"]})
    assert list(map(str, caught.value.problems)) == [
        "asset_config.text: expected text, got 1",
        "asset_config.number: expected a whole number, got '1'",
        "asset_config.size: expected a number, got True",
        "asset_config.flag: expected true or false, got 0",
        "asset_config.colour: expected one of red, got 'x'",
        "asset_config.choice: expected one of x, y, got 'z'",
        "asset_config.sizes[0]: expected a number, got 'x'",
    ]
    with pytest.raises(RequestError, match=r"^asset_config: low: expected at most number$"):
        renderer_config(renderer, {"low": 3})


def test_knobs_written_as_text() -> None:
    renderer = ManyKnobsRenderer()
    written = {"text": "7", "number": "7", "size": "0.5", "flag": "true", "choice": "y", "low": "x"}
    written |= {"dpi": "300", "sizes": "1, 2.5"}
    read = {name: knob_from_text(renderer, name, text) for name, text in written.items()}
    assert read == {
        "text": "7",
        "number": 7,
        "size": 0.5,
        "flag": True,
        "choice": "y",
        "low": "x",
        "dpi": 300,
        "sizes": [1, 2.5],
    }
    assert knob_from_text(renderer, "sizes", "") == []
    assert knob_from_text(renderer, "dpi", "600") == "600"


# No writer is loaded, so these need not exist.
WRITERS = TraceWriterRegistry(
    registrations=[
        Registration(key=name, target="no_such_module:Writer", distribution="acme")
        for name in ("xlsx", "csv")
    ]
)


def trace_problems(payload: object) -> list[str]:
    with pytest.raises(RequestError) as caught:
        parse_traceability_request(payload, WRITERS)
    return list(map(str, caught.value.problems))


@given(
    st.builds(
        TraceabilityExportRequest,
        lot_id=short_ids(),
        direction=st.sampled_from(Direction),
        format=st.sampled_from(["xlsx", "csv"]),
    )
)
def test_a_traceability_request_survives_the_wire(request: TraceabilityExportRequest) -> None:
    assert from_json(to_json(request), TraceabilityExportRequest) == request
    assert parse_traceability_request(to_json(request), WRITERS) == request


@pytest.mark.parametrize("left_out", [{}, {"direction": None, "format": None}])
def test_defaults_of_a_traceability_request(left_out: dict[str, Any]) -> None:
    request = parse_traceability_request({"lot_id": ID} | left_out, WRITERS)
    assert to_json(request) == {"lot_id": ID, "direction": "both", "format": "xlsx"}


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        (
            {"surprise": 1, "format": "pdf", "direction": "up", "lot_id": "x"},
            [
                "lot_id: expected a short id, 22 characters without 0, 1, I, O and l, got 'x'",
                "direction: expected one of forward, backward, both, got 'up'",
                "format: expected one of csv, xlsx, got 'pdf'",
                "surprise: unknown key, expected one of lot_id, direction, format",
            ],
        ),
        ({}, ["lot_id: required, but missing"]),
        (
            {"lot_id": None, "format": 7, "direction": ["both"]},
            [
                "lot_id: expected a short id, 22 characters without 0, 1, I, O and l, got None",
                "direction: expected one of forward, backward, both, got ['both']",
                "format: expected text, got 7",
            ],
        ),
        (
            {"lot_id": ID, "format": "XLSX"},
            [
                "format: expected a word of lower-case letters, digits and '_', got 'XLSX'",
                "format: expected one of csv, xlsx, got 'XLSX'; did you mean 'xlsx'?",
            ],
        ),
        ([], ["expected an object, got []"]),
    ],
)
def test_all_problems_of_a_traceability_request(payload: object, expected: list[str]) -> None:
    assert trace_problems(payload) == expected


@given(st.dictionaries(st.sampled_from(["lot_id", "direction", "format", "x"]), json_values()))
def test_any_traceability_request_is_accepted_or_refused_with_problems(
    change: dict[str, Any],
) -> None:
    with contextlib.suppress(RequestError):
        request = parse_traceability_request({"lot_id": ID} | change, WRITERS)
        assert parse_traceability_request(to_json(request), WRITERS) == request


@frozen(kw_only=True)
class Judged:
    width: float = field(default=60.0, validator=[validators.ge(50), validators.lt(100)])
    height: int = field(default=5, validator=validators.gt(4))
    name: str = field(default="ab", validator=validators.and_(validators.min_len(2)))
    """How it is
    called: ``ab``, or else."""
    code: str = field(default="x1", validator=validators.matches_re("[a-z][0-9]"))
    stock: str | None = field(
        default=None, validator=validators.optional(validators.in_(("A", "B")))
    )
    few: tuple[int, ...] = field(default=(), validator=validators.max_len(2))
    colour: Colour = Colour.RED
    dry: bool = False
    other: Any = None


class Judge(QrSvgRenderer):
    config = Judged


@pytest.mark.parametrize(
    ("knob", "value", "expected"),
    [
        ("width", 10, "expected at least 50, got 10.0"),
        ("width", 100, "expected less than 100, got 100.0"),
        ("height", 4, "expected more than 4, got 4"),
        ("name", "a", "expected a length of at least 2, got 1"),
        ("code", "A\n", "expected text that matches [a-z][0-9], got 'A\\n'"),
        ("stock", "C", "expected one of A, B, got 'C'"),
        ("few", [1, 2, 3], "expected a length of at most 2, got 3"),
    ],
)
def test_what_validators_of_attrs_say_is_said_as_everything_else(
    knob: str, value: object, expected: str
) -> None:
    with pytest.raises(RequestError) as caught:
        renderer_config(Judge(), {knob: value})
    assert list(map(str, caught.value.problems)) == [f"asset_config.{knob}: {expected}"]


def test_knobs_are_described() -> None:
    found = {
        each.name: (each.values, each.meaning) for each in describe_knobs(Judge(), "<{}>".format)
    }
    assert found == {
        "width": ("at least 50 and less than 100", ""),
        "height": ("more than 4", ""),
        "name": ("text", "How it is called: ``ab``, or else."),
        "code": ("text", ""),
        "stock": ("text", ""),
        "few": ("list of whole number", ""),
        "colour": ("<red>", ""),
        "dry": ("<true>, <false>", ""),
        "other": ("object", ""),
    }
    assert {each.name: each.default for each in describe_knobs(Judge())} == default_knobs(Judge())


def test_a_class_without_source_has_no_docstrings() -> None:
    namespace: dict[str, Any] = {}
    exec("class Made:\n    size: int = 1\n    'How large.'", namespace)  # noqa: S102
    assert field_docstrings(namespace["Made"]) == {}
