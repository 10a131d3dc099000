"""Strategies make valid values, and all kinds of them."""

import gzip
import io
import json
import subprocess
import sys
from collections.abc import Callable, Mapping
from datetime import timedelta
from importlib.metadata import entry_points
from typing import Any

import attrs
import pytest
from hypothesis import HealthCheck, Phase, find, given, settings
from hypothesis import strategies as st
from same_examples import same_examples

import closient_export
from closient_export import ElementString, from_json, parse_digital_link, read_events, to_json
from closient_export.epcis import Event, EventType
from closient_export.gs1 import application_identifiers
from closient_export.gs1.linters.characters import CSET_82
from closient_export.ids import parse_short_id
from closient_export.jobs import (
    JobStatus,
    LabelExportJob,
    TraceabilityExportJob,
    TraceabilityJobStatus,
)
from closient_export.plugins import Renderer
from closient_export.registry import BUILT_IN, default_registry
from closient_export.requests import (
    Direction,
    LabelExportRequest,
    LabelFilters,
    RendererKey,
    TraceabilityExportRequest,
)
from closient_export.subjects import Lot, Product, Scope, Serial, Subject
from closient_export.testing import strategies
from closient_export.testing.event_json import document, read
from closient_export.testing.registration import STRATEGIES
from closient_export.testing.reports import REPORTS, hostile_report
from closient_export.testing.strategies import text
from closient_export.trace.findings import Severity
from closient_export.trace.kdes import CriticalTrackingEvent
from closient_export.wire import default_knobs, parse_label_request, renderer_config


def some(strategy: st.SearchStrategy[Any], count: int = 200) -> list[Any]:
    """Examples, the same each time."""
    found: list[Any] = []

    @settings(
        max_examples=count,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def collect(value: Any) -> None:
        found.append(value)

    with same_examples():
        collect()
    return found


def never_met(examples: list[Any], kinds: Mapping[str, Callable[[Any], object]]) -> list[str]:
    """The kinds of which there is no example."""
    return [name for name, is_one in kinds.items() if not any(map(is_one, examples))]


def met(strategy: st.SearchStrategy[Any], condition: Callable[[Any], bool]) -> Any:
    """The first example of a kind that may be rare; there must be one among thousands."""
    thousands = settings(
        max_examples=5000, derandomize=True, database=None, phases=[Phase.generate]
    )
    with same_examples():
        return find(strategy, condition, settings=thousands)


def test_gtins_are_of_all_lengths() -> None:
    found = some(strategies.gtins())
    assert {gtin.native_length for gtin in found} == {8, 12, 13, 14}
    assert {len(digits) for digits in some(strategies.native_gtins())} == {8, 12, 13, 14}


@pytest.mark.parametrize("strategy", [strategies.lot_codes(), strategies.serial_numbers()])
def test_lots_and_serials_are_all_that_gs1_allows(strategy: st.SearchStrategy[str]) -> None:
    found = some(strategy, 3000)
    assert {len(each) for each in found} == set(range(1, 21))
    assert set("".join(found)) == set(CSET_82)
    assert not {".", ".."} & set(found)
    assert {"../../x", "=1+1", "CON", "abc", "ABC"} <= set(found)


def test_subjects_are_of_all_scopes_and_have_all_fields() -> None:
    found = some(strategies.subjects(list(Scope)), 400)
    for kind in (Product, Lot, Serial):
        of_kind = [each for each in found if type(each) is kind]
        for field in attrs.fields(kind):
            values = [getattr(each, field.name) for each in of_kind]
            assert any(values), (kind, field.name)
            assert field.default is attrs.NOTHING or None in values, (kind, field.name)
    slashed = met(strategies.subjects([Scope.SERIALS]), lambda each: "/" in each.serial)
    assert slashed.element_string().get("21") == slashed.serial
    for each in found:
        assert each.element_string().get("01") == each.gtin.value


def test_fields_of_subjects_can_be_chosen() -> None:
    found = some(strategies.lots(lot=st.just("A"), expiry=st.none()), 20)
    assert {(each.lot, each.expiry) for each in found} == {("A", None)}
    named = some(strategies.subjects([Scope.PRODUCTS], product_name=st.just("Kale")), 20)
    assert {(type(each), each.product_name) for each in named} == {(Product, "Kale")}


def test_hostile_subjects_have_what_no_symbol_takes() -> None:
    found = some(strategies.hostile_subjects(list(Scope)))
    kinds: dict[str, Callable[[Subject], object]] = {
        "a lot that is not allowed": lambda each: isinstance(each, Lot) and "\x00" in each.lot,
        "a long serial": lambda each: isinstance(each, Serial) and len(each.serial) > 20,
        "a surrogate": lambda each: "\ud800" in repr(each) or r"\ud800" in repr(each),
        "a product": lambda each: isinstance(each, Product) and each.product_name,
    }
    assert never_met(found, kinds) == []


@pytest.mark.parametrize("surrogates", [True, False])
def test_hostile_text_is_of_every_kind(surrogates: bool) -> None:
    found = some(strategies.hostile_text(surrogates=surrogates), 1500)
    for kind, examples in text.HOSTILE.items():
        assert bool(set(examples) & set(found)) is (surrogates or kind != "lone surrogates"), kind
    assert max(map(len, found)) >= 32_768
    assert any("\ud800" <= letter <= "\udfff" for each in found for letter in each) is surrogates


def test_element_strings_are_of_all_application_identifiers() -> None:
    found = some(strategies.element_strings())
    assert {len(list(elements)) for elements in found} == set(range(1, 7))
    for ai in set(application_identifiers()) - {"8110", "8112"}:  # coupons
        for value in some(strategies.ai_values(ai), 2):
            assert ElementString([(ai, value)]).get(ai) == value


def test_digital_links_can_be_read() -> None:
    found = some(strategies.digital_links(), 1000)
    links = [parse_digital_link(each) for each in found]
    assert len({ai for elements in links for ai, _ in elements}) > 50
    assert len({each.split("/")[2] for each in found}) > 3


def test_short_ids_and_times() -> None:
    ids = some(strategies.short_ids())
    assert list(map(parse_short_id, ids)) == ids
    offsets = {each.utcoffset() for each in some(strategies.times())}
    assert None not in offsets
    assert len(offsets) > 10


def test_requests_are_of_all_pairs_and_are_valid() -> None:
    found = some(strategies.label_export_requests(), 400)
    assert {str(each.key) for each in found} == set(BUILT_IN)
    assert {each.scope for each in found} == {Scope.LOTS, Scope.SERIALS}
    for field in attrs.fields(LabelFilters):
        values = [getattr(each.filters, field.name) for each in found]
        assert any(value == field.default for value in values), field.name
        assert any(value != field.default for value in values), field.name
    for each in found:
        payload = json.loads(json.dumps(to_json(each)))
        assert parse_label_request(payload, default_registry()) == each


@pytest.mark.parametrize("pair", BUILT_IN)
def test_every_knob_is_turned(pair: str) -> None:
    renderer: Renderer = default_registry().renderer(RendererKey.parse(pair))
    defaults = default_knobs(renderer)
    found = some(strategies.knobs(renderer), 400)
    for chosen in found:
        renderer_config(renderer, json.loads(json.dumps(chosen)))
    turned = {name for chosen in found for name in chosen if chosen[name] != defaults[name]}
    assert turned == set(defaults)
    assert {} in found
    assert any(len(chosen) > 3 for chosen in found)


def test_knobs_that_types_do_not_tell_can_be_given() -> None:
    renderer = default_registry().renderer(RendererKey.parse("qr_codes.png"))
    found = some(strategies.knobs(renderer, dpi=st.just(301), nothing=st.just(1)))
    assert {chosen["dpi"] for chosen in found if "dpi" in chosen} == {301}
    assert not any("nothing" in chosen for chosen in found)


@pytest.mark.parametrize(
    ("strategy", "kind"),
    [
        (strategies.label_export_requests(), LabelExportRequest),
        (strategies.label_filters(), LabelFilters),
        (strategies.traceability_requests(), TraceabilityExportRequest),
        (strategies.label_export_jobs(), LabelExportJob),
        (strategies.traceability_jobs(), TraceabilityExportJob),
    ],
)
def test_values_go_through_json(strategy: st.SearchStrategy[Any], kind: type[Any]) -> None:
    for each in some(strategy, 60):
        payload = json.loads(json.dumps(to_json(each) or {}))
        assert from_json(payload, kind) == each


def test_jobs_are_in_all_states() -> None:
    jobs: list[LabelExportJob] = some(strategies.label_export_jobs())
    assert {job.status for job in jobs} == set(JobStatus)
    kinds: dict[str, Callable[[LabelExportJob], object]] = {
        "half done": lambda job: 0 < job.processed_items < job.total_items,
        "failed halfway": lambda job: job.error and job.processed_items,
        "failed at once": lambda job: job.error and not job.total_items,
        "completed in part": lambda job: job.output_filename and job.failed_items,
    }
    assert never_met(jobs, kinds) == []
    traces: list[TraceabilityExportJob] = some(strategies.traceability_jobs())
    assert {job.status for job in traces} == set(TraceabilityJobStatus)
    assert {job.deadline_met() for job in traces} >= {True, None}
    late = met(strategies.traceability_jobs(), lambda job: job.deadline_met() is False)
    assert late.delivered_at - late.requested_at >= timedelta(hours=24)
    assert {job.request.direction for job in traces} == set(Direction)
    assert any(job.download_count for job in traces)


def test_selections() -> None:
    found = some(strategies.selections())
    for field in ("lots", "products", "since", "until"):
        assert any(getattr(each, field) for each in found), field
        assert not all(getattr(each, field) for each in found), field
    assert all(lot.startswith("https://id.gs1.org/01/") for each in found for lot in each.lots)


@given(strategies.networks())
def test_networks_are_read_as_they_are_written(events: list[Event]) -> None:
    whole = json.dumps(document(events)).encode()
    assert read([document(events)]) == events
    assert list(read_events(io.BytesIO(whole), "whole")) == events


def test_networks_have_nested_containers_transformations_and_errors() -> None:
    found: list[list[Event]] = some(strategies.networks())
    pallets = "https://id.gs1.org/00/"
    kinds: dict[str, Callable[[Event], object]] = {
        "a pallet on another": lambda event: (
            event.parent
            and event.items
            and any(item.id.startswith(pallets) for item in event.items)
        ),
        "a transformation": lambda event: event.inputs and event.outputs,
        "one in two events": lambda event: event.transformation_id and not event.outputs,
        "a pallet as input": lambda event: any(
            item.id.startswith(pallets) for item in event.inputs
        ),
        "everything unpacked": lambda event: event.parent and not event.items,
        "a wrong event": lambda event: event.error,
        "a serial with its lot": lambda event: any(
            item.lot and item.id != item.lot for item in event.items
        ),
    }
    assert never_met([event for events in found for event in events], kinds) == []


def test_events_are_of_all_types_and_have_all_fields() -> None:
    found = some(strategies.events())
    assert {each.type for each in found} == set(EventType)
    for field in attrs.fields(Event):
        assert any(getattr(each, field.name) for each in found), field.name


def test_files_come_in_all_forms_and_can_be_read() -> None:
    files: list[bytes] = some(strategies.epcis_files())
    kinds: dict[str, Callable[[bytes], object]] = {
        "gzipped": lambda data: data.startswith(b"\x1f\x8b"),
        "with a byte order mark": lambda data: data.startswith(b"\xef\xbb\xbf"),
        "a list": lambda data: data.startswith(b"["),
        "a query document": lambda data: b'"EPCISQueryDocument"' in data,
        "indented": lambda data: b'\n  "epcisBody"' in data,
        "a line for each event": lambda data: data.startswith(b'{"type": ') and b"\n{" in data,
        "with URNs": lambda data: b"urn:epc:class:lgtin" in data,
    }
    plain = [gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data for data in files]
    assert never_met(files + plain, kinds) == []
    assert all(list(read_events(io.BytesIO(data), "file")) for data in files)
    documents = some(strategies.epcis_documents(), 50)
    assert all(read([each]) for each in documents)


def test_graphs_have_lots_that_came_from_each_other() -> None:
    graphs = some(strategies.lot_graphs())
    assert any(graph.transformations for graph in graphs)
    assert any(len(graph.lots) > 2 for graph in graphs)
    assert any(graph.unknown_containers for graph in graphs)


def test_master_data_describe_with_gaps() -> None:
    for strategy in (strategies.location_descriptions(), strategies.product_descriptions()):
        found = some(strategy)
        for field in attrs.fields(type(found[0])):
            values = [getattr(each, field.name) for each in found]
            assert len(set(values)) > 1, field.name
    assert any("\x00" in each.city for each in some(strategies.location_descriptions(strategies.hostile_text())))  # fmt: skip


def test_reports_have_rows_and_findings() -> None:
    reports = some(strategies.trace_reports())
    sheets = {cte for report in reports for cte, rows in report.rows.items() if rows}
    assert {
        CriticalTrackingEvent.SHIPPING,
        CriticalTrackingEvent.RECEIVING,
        CriticalTrackingEvent.TRANSFORMATION,
    } <= sheets
    severities = {finding.severity for report in reports for finding in report.findings}
    assert severities == set(Severity)


def test_reports_to_write_are_what_they_are_called() -> None:
    sizes = {name: sum(map(len, make().rows.values())) for name, make in REPORTS.items()}
    assert sizes["a salad kit"] == 46
    assert sizes["nothing"] == 0
    assert sizes["many lots"] == 1200
    hostile = hostile_report()
    said = {
        cell.value for rows in hostile.rows.values() for row in rows for cell in row.cells.values()
    }
    assert {"=1+1", "</svg>", "\ud800", "x" * 40_000} <= said
    assert all(
        hostile.rows[cte]
        for cte in (CriticalTrackingEvent.SHIPPING, CriticalTrackingEvent.TRANSFORMATION)
    )


def test_json_values_are_of_all_types() -> None:
    found = some(strategies.json_values())
    assert {type(each) for each in found} == {type(None), bool, int, float, str, list, dict}


VALUES = [
    name
    for name in closient_export.__all__
    if isinstance(kind := getattr(closient_export, name), type)
    and not issubclass(kind, Exception)
    and not name.endswith("Registry")
]


@pytest.mark.parametrize("name", VALUES)
def test_every_public_value_is_found_by_its_type(name: str) -> None:
    kind = getattr(closient_export, name)
    found = some(st.from_type(kind), 20)
    assert len(found) > 2
    assert all(isinstance(each, kind) for each in found)


def test_strategies_that_are_registered_are_those_of_the_folder() -> None:
    assert set(STRATEGIES.values()) <= set(strategies.__all__)
    (point,) = entry_points(group="hypothesis", name="closient-export")
    assert point.value == "closient_export.testing.registration:register"


def test_hypothesis_registers_them_by_itself_and_loads_nothing_heavy() -> None:
    program = (
        "import sys\n"
        "from hypothesis import HealthCheck, given, settings, strategies as st\n"
        "heavy = ('numpy', 'reportlab', 'openpyxl', 'segno', 'pytest', 'cattrs', 'closient_export.testing.strategies')\n"
        "assert not set(heavy) & set(sys.modules)\n"
        "from closient_export import LabelExportRequest\n"
        "keys = set()\n"
        "@settings(\n"
        "    database=None, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck)\n"
        ")\n"  # a slow machine imports all the strategies for seconds, while it draws the first one
        "@given(st.from_type(LabelExportRequest))\n"
        "def collect(request): keys.add(str(request.key))\n"
        "collect()\n"
        "print(*sorted(keys))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True
    )
    assert done.stderr == ""
    assert done.stdout.split() == sorted(BUILT_IN)
