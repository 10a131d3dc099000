"""GS1 label artwork in bulk, and FDA traceability spreadsheets, for host applications to embed.

The names below are loaded when they are first used, so importing this package costs nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from closient_export.epcis import parse_lot, read_events
    from closient_export.errors import ExportError, Gs1Error, Problem, RequestError
    from closient_export.execution import run_label_export
    from closient_export.gs1 import (
        ElementString,
        Gtin,
        digital_link,
        parse_digital_link,
        parse_element_string,
    )
    from closient_export.jobs import JobStatus, LabelExportJob, TraceabilityExportJob
    from closient_export.master_data import LocationDescription, ProductDescription
    from closient_export.registry import RendererRegistry, TraceWriterRegistry, default_registry
    from closient_export.requests import (
        Direction,
        LabelExportRequest,
        LabelFilters,
        TraceabilityExportRequest,
    )
    from closient_export.subjects import Lot, Product, Scope, Serial
    from closient_export.trace.report import TraceReport, trace_lots
    from closient_export.trace.walk import Selection
    from closient_export.wire import (
        from_json,
        parse_label_request,
        parse_traceability_request,
        renderer_config,
        to_json,
    )

__all__ = [
    "Direction",
    "ElementString",
    "ExportError",
    "Gs1Error",
    "Gtin",
    "JobStatus",
    "LabelExportJob",
    "LabelExportRequest",
    "LabelFilters",
    "LocationDescription",
    "Lot",
    "Problem",
    "Product",
    "ProductDescription",
    "RendererRegistry",
    "RequestError",
    "Scope",
    "Selection",
    "Serial",
    "TraceReport",
    "TraceWriterRegistry",
    "TraceabilityExportJob",
    "TraceabilityExportRequest",
    "default_registry",
    "digital_link",
    "from_json",
    "parse_digital_link",
    "parse_element_string",
    "parse_label_request",
    "parse_lot",
    "parse_traceability_request",
    "read_events",
    "renderer_config",
    "run_label_export",
    "to_json",
    "trace_lots",
]

_MODULES = {
    "epcis": ("parse_lot", "read_events"),
    "errors": ("ExportError", "Gs1Error", "Problem", "RequestError"),
    "execution": ("run_label_export",),
    "gs1": ("ElementString", "Gtin", "digital_link", "parse_digital_link", "parse_element_string"),
    "jobs": ("JobStatus", "LabelExportJob", "TraceabilityExportJob"),
    "master_data": ("LocationDescription", "ProductDescription"),
    "registry": ("RendererRegistry", "TraceWriterRegistry", "default_registry"),
    "requests": ("Direction", "LabelExportRequest", "LabelFilters", "TraceabilityExportRequest"),
    "subjects": ("Lot", "Product", "Scope", "Serial"),
    "trace.report": ("TraceReport", "trace_lots"),
    "trace.walk": ("Selection",),
    "wire": (
        "from_json",
        "parse_label_request",
        "parse_traceability_request",
        "renderer_config",
        "to_json",
    ),
}
_HOMES = {name: module for module, names in _MODULES.items() for name in names}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    value = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
