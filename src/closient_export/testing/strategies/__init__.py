"""Hypothesis strategies for every public type, and for text that means harm.

Needs Hypothesis (the extra ``testing``). Once that is installed, ``st.from_type(LabelExportRequest)``
finds them by itself, and so does ``st.builds`` where an annotation names one of the types.
"""

from closient_export.testing.strategies.descriptions import (
    location_descriptions,
    master_data,
    product_descriptions,
)
from closient_export.testing.strategies.events import events
from closient_export.testing.strategies.gs1 import (
    ai_values,
    cset82_text,
    dates,
    digital_links,
    digits,
    element_strings,
    gtins,
    linkable_element_strings,
    lot_codes,
    native_gtins,
    serial_numbers,
    stems,
)
from closient_export.testing.strategies.identifiers import short_ids, times
from closient_export.testing.strategies.knobs import knobs
from closient_export.testing.strategies.networks import (
    epcis_documents,
    epcis_files,
    lot_graphs,
    lots_of,
    networks,
)
from closient_export.testing.strategies.reports import hostile_reports, trace_reports
from closient_export.testing.strategies.requests import (
    label_export_jobs,
    label_export_requests,
    label_filters,
    renderer_keys,
    selections,
    traceability_jobs,
    traceability_requests,
)
from closient_export.testing.strategies.subjects import (
    hostile_subjects,
    lots,
    products,
    serials,
    subjects,
)
from closient_export.testing.strategies.text import HOSTILE, hostile_text, json_values

__all__ = [
    "HOSTILE",
    "ai_values",
    "cset82_text",
    "dates",
    "digital_links",
    "digits",
    "element_strings",
    "epcis_documents",
    "epcis_files",
    "events",
    "gtins",
    "hostile_reports",
    "hostile_subjects",
    "hostile_text",
    "json_values",
    "knobs",
    "label_export_jobs",
    "label_export_requests",
    "label_filters",
    "linkable_element_strings",
    "location_descriptions",
    "lot_codes",
    "lot_graphs",
    "lots",
    "lots_of",
    "master_data",
    "native_gtins",
    "networks",
    "product_descriptions",
    "products",
    "renderer_keys",
    "selections",
    "serial_numbers",
    "serials",
    "short_ids",
    "stems",
    "subjects",
    "times",
    "trace_reports",
    "traceability_jobs",
    "traceability_requests",
]
