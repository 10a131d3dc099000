"""Which renderer makes which pair."""

from functools import cache
from typing import Any

from attrs import has, resolve_types

from closient_export.errors import (
    RendererConflictError,
    RendererLoadError,
    UnknownRendererError,
    shown,
    suggestion,
)
from closient_export.plugins import RENDERER_API, Renderer, SymbolZipRenderer
from closient_export.registry.plugins import PluginRegistry, Registration, missing
from closient_export.requests import RendererKey
from closient_export.subjects import Scope

__all__ = ["BUILT_IN", "GROUP", "RendererRegistry", "default_registry"]

GROUP = "closient_export.renderers"

BUILT_IN = {
    "barcodes_1d.eps": "closient_export.renderers.barcodes_1d:LinearEpsRenderer",
    "barcodes_1d.svg": "closient_export.renderers.barcodes_1d:LinearSvgRenderer",
    "codes_combined.svg": "closient_export.renderers.codes_combined:CombinedSvgRenderer",
    "datamatrix.png": "closient_export.renderers.datamatrix:DataMatrixPngRenderer",
    "datamatrix.svg": "closient_export.renderers.datamatrix:DataMatrixSvgRenderer",
    "qr_codes.png": "closient_export.renderers.qr_codes:QrPngRenderer",
    "sheet_pdf.pdf": "closient_export.renderers.sheet_pdf:SheetRenderer",
    "qr_codes.svg": "closient_export.renderers.qr_codes:QrSvgRenderer",
}

_REQUIRED = (
    "api_version",
    "scopes",
    "config",
    "media_type",
    "extension",
    "render_part",
    "assemble",
)


class RendererRegistry(PluginRegistry[RendererKey, Renderer]):
    """The renderers of the installed distributions, each loaded when it is first asked for.

    A broken plugin breaks its own pair only, and so do two distributions that claim the same one.
    Its errors are `UnknownRendererError`, `RendererConflictError` and `RendererLoadError`.

    Args:
        prefer: For a pair that several distributions claim, the name of the one to take, such
            as ``{"qr_codes.svg": "acme-labels"}``.
        registrations: Instead of the installed distributions' entry points.
    """

    group = GROUP
    noun = "renderer"
    _expected_name = (
        "expected <export_type>.<file_format>, each a word of lower-case letters, digits and '_'"
    )
    built_in = BUILT_IN
    unknown_error = UnknownRendererError
    conflict_error = RendererConflictError
    load_error = RendererLoadError

    def renderer(self, key: RendererKey) -> Renderer:
        """The renderer for a pair.

        Raises:
            UnknownRendererError: none is registered.
            RendererConflictError: several are.
            RendererLoadError: it cannot be imported or is not a renderer.
        """
        return self._plugin(key)

    def export_types(self) -> list[str]:
        """The export types for which at least one format is registered, sorted."""
        return sorted({key.export_type for key in self._claims})

    def file_formats(self, export_type: str) -> list[str]:
        """The file formats that go with an export type, sorted."""
        return sorted(key.file_format for key in self._claims if key.export_type == export_type)

    def unknown_pair(self, export_type: str, file_format: str) -> str | None:
        """What to say of a pair that is not registered, or ``None`` if it is."""
        if file_format in self.file_formats(export_type):
            return None
        return self._unknown_pair(export_type, file_format)

    def _unknown(self, key: RendererKey) -> str:
        return self._unknown_pair(key.export_type, key.file_format)

    def _unknown_pair(self, export_type: str, file_format: str) -> str:
        if formats := self.file_formats(export_type):
            return (
                f"expected one of {', '.join(formats)} for export_type '{export_type}', "
                f"got {shown(file_format)}{suggestion(file_format, formats)}"
            )
        types = self.export_types()
        hint = suggestion(export_type, types)
        return f"expected an export_type of {', '.join(types)}, got {shown(export_type)}{hint}"

    def _how_to_prefer(self, claim: Registration[RendererKey]) -> str:
        option = f"--prefer {claim.key}={claim.distribution}"
        return f"{super()._how_to_prefer(claim)} or on the command line {option}"

    @staticmethod
    def _key(name: str) -> RendererKey:
        return RendererKey.parse(name)

    @staticmethod
    def _fault(plugin: Any) -> str | None:
        of_members = ("member_extension",) if isinstance(plugin, SymbolZipRenderer) else ()
        if fault := missing(plugin, "renderer", (*_REQUIRED, *of_members)):
            return fault
        if not (callable(plugin.render_part) and callable(plugin.assemble)):
            return "is not a renderer: render_part and assemble must be methods"
        if plugin.api_version != RENDERER_API:
            return f"is for renderer API {plugin.api_version}, expected {RENDERER_API}"
        if not (isinstance(plugin.config, type) and has(plugin.config)):
            return "has a config that is not an attrs class"
        scopes = plugin.scopes
        if not (isinstance(scopes, frozenset | set) and scopes <= set(Scope) and scopes):
            return "has scopes that are not a set of Scope"
        try:
            resolve_types(plugin.config)
            plugin.config()
        except Exception as error:
            return f"has a config that cannot be made from its defaults: {error}"
        return None


@cache
def default_registry() -> RendererRegistry:
    """The renderers of the installed distributions, scanned once for this process."""
    return RendererRegistry()
