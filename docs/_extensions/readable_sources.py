"""What pages and docstrings are written in, so that Sphinx understands them as their readers do."""

import builtins
import re
from typing import Any

from docutils import nodes
from pygments.lexers.special import TextLexer
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.ext.napoleon import Config
from sphinx.ext.napoleon.docstring import GoogleDocstring
from sphinx.util.docstrings import prepare_docstring
from sphinx.util.nodes import make_refnode

GOOGLE = Config(napoleon_use_rtype=False)
_VALUES = frozenset({"attribute", "data", "property"})


def setup(app: Sphinx) -> dict[str, Any]:
    """Called by Sphinx."""
    app.add_lexer("csv", TextLexer)
    app.connect("autodoc-process-docstring", read_google_sections)
    app.connect("autodoc-process-signature", show_defaults)
    app.connect("doctree-read", leave_builtins_unlinked)
    app.connect("missing-reference", link_by_short_name)
    return {"parallel_read_safe": True}


def read_google_sections(
    _app: Sphinx, what: str, _name: str, thing: object, _options: object, lines: list[str]
) -> None:
    """Turn ``Args:`` and ``Raises:`` into fields.

    This is the extension napoleon but for one thing: it takes the first words of what is said of a
    value for its type, if a colon follows. Of a value of which nothing is said, autodoc says what its
    type is for; it stays without words.
    """
    inherited = type(thing).__doc__ if what == "data" else None
    if inherited and lines == prepare_docstring(inherited):
        lines.clear()
    kind: Any = "object" if what in _VALUES else what
    sections = GoogleDocstring(lines, GOOGLE, what=kind)  # type: ignore[arg-type] # napoleon's own
    lines[:] = sections.lines()


def show_defaults(
    _app: Sphinx,
    _what: str,
    _name: str,
    _thing: object,
    _options: object,
    signature: str | None,
    returns: str | None,
) -> tuple[str | None, str | None]:
    """Write defaults that attrs or a function makes anew each time as ``...``."""
    if signature:
        signature = re.sub(r" = (NOTHING|<[^<>]*(<[^<>]*>[^<>]*)*>)", " = ...", signature)
    return signature, returns


def leave_builtins_unlinked(_app: Sphinx, doctree: nodes.document) -> None:
    """Sphinx would link ``type`` to any field of that name."""
    for node in [*doctree.findall(addnodes.pending_xref)]:
        if node.get("refdomain") == "py" and hasattr(builtins, node["reftarget"]):
            wordings = [*node.findall(addnodes.pending_xref_condition)]
            node.replace_self(wordings[0].children if wordings else node.children)


def link_by_short_name(
    app: Sphinx, env: BuildEnvironment, node: addnodes.pending_xref, content: nodes.Element
) -> nodes.Element | None:
    """Link the name of a class in single backticks, or of what a class has, wherever it is described.

    Docstrings mark arguments and other words in the same way; those stay as they are.
    """
    if node.get("refdomain") != "py" or node["reftype"] != "obj":
        return None
    target = node["reftarget"]
    if target[:1].isupper():
        found = {
            (entry.docname, entry.node_id): name
            for name, entry in env.domains.python_domain.objects.items()
            if name.endswith(f".{target}") and not entry.aliased
        }
        if len(found) == 1:
            [((page, anchor), name)] = found.items()
            return make_refnode(app.builder, node["refdoc"], page, anchor, content, name)
    return content
