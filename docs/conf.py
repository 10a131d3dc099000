"""How the documentation is built into a site: ``make docs`` writes it to ``build/docs``.

Nothing is fetched: no inventories of other projects, no fonts, no scripts.
"""

import sys
from importlib.metadata import version as distribution_version
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "_extensions"))

project = "closient-export"
version = release = distribution_version("closient-export")
html_title = f"{project} {release}"

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx_copybutton",
    "public_modules",
    "readable_sources",
]
exclude_patterns = ["_extensions"]

nitpicky = True
_NOT_DESCRIBED_HERE = "|".join(
    (*sorted(sys.stdlib_module_names), "_pytest", "botocore", "celery", "hypothesis", "sqlalchemy")
)
nitpick_ignore_regex = [
    ("py:.*", rf"({_NOT_DESCRIBED_HERE})\..*"),
    ("py:.*", r"closient_export\..*\.[A-Z]"),  # type variables
    ("py:.*", r"Attribute|S3Client|ReadableBuffer|WriteableBuffer"),  # of stubs alone
    ("py:.*", r"closient_export\.trace\.(deliveries|descriptions|facts|ledger)\..*"),
    ("py:.*", r"closient_export\.gs1\.application_identifiers\.Component"),
    ("py:.*", r"closient_export\.adapters\.sql\.entity_rows\.Added"),
]
suppress_warnings = ["misc.highlighting_failure"]  # quotes of the shell, over several lines
default_role = "py:obj"
add_module_names = False
autodoc_member_order = "bysource"
autodoc_typehints_format = "short"
autodoc_default_options = {"members": True, "undoc-members": True, "show-inheritance": True}
python_use_unqualified_type_names = True
python_maximum_signature_line_length = 88
toc_object_entries_show_parents = "hide"

myst_heading_anchors = 4
"""As deep as headings are linked to; the anchors are those of GitHub."""

html_theme = "furo"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_show_copyright = False
html_show_sourcelink = False
html_copy_source = False
copybutton_prompt_text = "$ "
copybutton_here_doc_delimiter = "END"
copybutton_line_continuation_character = "\\"
