"""JSON on one side, this library's types on the other; the only module that knows cattrs.

What comes in is checked whole: every problem is reported, each with its path. What goes out has
exactly the contract's fields, in its order. "JSON" here means what `json.loads` returns.
"""

from closient_export.wire.conversion import from_json, to_json
from closient_export.wire.knobs import default_knobs, knob_from_text, renderer_config
from closient_export.wire.requests import parse_label_request, parse_traceability_request

__all__ = [
    "default_knobs",
    "from_json",
    "knob_from_text",
    "parse_label_request",
    "parse_traceability_request",
    "renderer_config",
    "to_json",
]
