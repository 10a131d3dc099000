"""What Schemathesis has to know beyond the OpenAPI document to make requests."""

import schemathesis
from hypothesis import strategies as st

from closient_export.renderers.sheets.templates import built_in_templates
from closient_export.testing.strategies import gtins, short_ids

schemathesis.openapi.format("short-id", short_ids())
schemathesis.openapi.format("gtin", gtins().map(str))
schemathesis.openapi.format("label-stock", st.sampled_from(sorted(built_in_templates())))
schemathesis.openapi.format(
    "digital-link-stem",
    st.sampled_from(["https://id.gs1.org", "https://example.com/a", "http://a.example:8080"]),
)
