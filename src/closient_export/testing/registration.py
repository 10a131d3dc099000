"""Tells Hypothesis which strategies make this library's types; it calls `register` when imported.

The strategies themselves are loaded when one is first asked for.
"""

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

from hypothesis import strategies as st

__all__ = ["STRATEGIES", "register"]

STRATEGIES: Mapping[str, str] = {
    # type: its strategy in closient_export.testing.strategies
    "epcis.Event": "events",
    "gs1.ElementString": "element_strings",
    "gs1.Gtin": "gtins",
    "ids.ShortId": "short_ids",
    "jobs.LabelExportJob": "label_export_jobs",
    "jobs.TraceabilityExportJob": "traceability_jobs",
    "master_data.LocationDescription": "location_descriptions",
    "master_data.ProductDescription": "product_descriptions",
    "requests.LabelExportRequest": "label_export_requests",
    "requests.LabelFilters": "label_filters",
    "requests.RendererKey": "renderer_keys",
    "requests.TraceabilityExportRequest": "traceability_requests",
    "subjects.Lot": "lots",
    "subjects.Product": "products",
    "subjects.Serial": "serials",
    "subjects.Subject": "subjects",
    "trace.graph.LotGraph": "lot_graphs",
    "trace.report.TraceReport": "trace_reports",
    "trace.selection.Selection": "selections",
}
"""Enumerations and `closient_export.Problem` are found by Hypothesis without help."""


def register() -> None:
    """Make ``st.from_type`` know the types; Hypothesis calls it through its entry points."""
    for name, strategy in STRATEGIES.items():
        module, _, attribute = name.rpartition(".")
        kind = getattr(import_module(f"closient_export.{module}"), attribute)
        st.register_type_strategy(kind, _later(strategy))


def _later(name: str) -> Callable[[Any], st.SearchStrategy[Any]]:
    def make(_kind: Any) -> st.SearchStrategy[Any]:
        strategies = import_module("closient_export.testing.strategies")
        found: st.SearchStrategy[Any] = getattr(strategies, name)()
        return found

    return make
