"""Which renderer makes which pair: entry points, read at once, loaded one by one when asked for."""

import difflib
import importlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from attrs import frozen, has, resolve_types

from closient_export.errors import (
    RendererConflictError,
    RendererLoadError,
    RequestError,
    UnknownRendererError,
    shown,
)
from closient_export.plugins import RENDERER_API, Renderer
from closient_export.requests import RendererKey
from closient_export.subjects import Scope

__all__ = ["GROUP", "Registration", "RendererRegistry", "default_registry"]

GROUP = "closient_export.renderers"
OWN_DISTRIBUTION = "closient-export"

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
"""The same as this distribution's entry points, for where no metadata is installed."""

_REQUIRED = (
    "api_version",
    "scopes",
    "config",
    "media_type",
    "extension",
    "render_part",
    "assemble",
)


@frozen(kw_only=True)
class Registration:
    """A distribution's claim to render a pair; nothing of it is imported yet."""

    key: RendererKey
    target: str
    """``module:attribute`` of a renderer class or a factory without arguments."""
    distribution: str
    version: str = ""

    def load(self) -> Renderer:
        """Import it, make the renderer and check that it is one.

        Raises:
            RendererLoadError: with what is wrong and the distribution to blame.
        """
        try:
            module, _, attributes = self.target.partition(":")
            factory: Any = importlib.import_module(module)
            for attribute in attributes.split("."):
                factory = getattr(factory, attribute)
            renderer: Renderer = factory()
            self._check(renderer)
        except RendererLoadError:
            raise  # it says itself what is wrong
        except (Exception, SystemExit) as error:
            raise RendererLoadError(
                f"the renderer {self.target} of {self.distribution}, registered for {self.key}, "
                f"cannot be loaded: {type(error).__name__}: {error}"
            ) from error
        return renderer

    def _check(self, renderer: object) -> None:
        def fail(reason: str) -> RendererLoadError:
            return RendererLoadError(
                f"the renderer {self.target} of {self.distribution}, registered for {self.key}, "
                f"{reason}"
            )

        if missing := [name for name in _REQUIRED if not hasattr(renderer, name)]:
            raise fail(f"is not a renderer: it has no {', '.join(missing)}")
        found: Any = renderer
        if not (callable(found.render_part) and callable(found.assemble)):
            raise fail("is not a renderer: render_part and assemble must be methods")
        if found.api_version != RENDERER_API:
            raise fail(f"is for renderer API {found.api_version}, expected {RENDERER_API}")
        if not (isinstance(found.config, type) and has(found.config)):
            raise fail("has a config that is not an attrs class")
        scopes = found.scopes
        if not (isinstance(scopes, frozenset | set) and scopes <= set(Scope) and scopes):
            raise fail("has scopes that are not a set of Scope")
        try:
            resolve_types(found.config)
            found.config()
        except Exception as error:
            raise fail(f"has a config that cannot be made from its defaults: {error}") from error


def _scan() -> list[Registration]:
    found = [_registration(point) for point in entry_points(group=GROUP)]
    registrations = [registration for registration in found if registration is not None]
    if not any(registration.distribution == OWN_DISTRIBUTION for registration in registrations):
        registrations += [
            Registration(key=RendererKey.parse(name), target=target, distribution=OWN_DISTRIBUTION)
            for name, target in BUILT_IN.items()
        ]
    return registrations


def _registration(point: EntryPoint) -> Registration | None:
    try:
        key = RendererKey.parse(point.name)
    except RequestError:
        return None  # it names no pair, so no request can mean it
    return Registration(
        key=key,
        target=point.value,
        distribution=point.dist.name if point.dist else "an unknown distribution",
        version=point.dist.version if point.dist else "",
    )


class RendererRegistry:
    """The renderers of the installed distributions, each loaded when it is first asked for.

    A broken plugin breaks its own pair only, and so do two distributions that claim the same one.

    Args:
        prefer: For a pair that several distributions claim, the name of the one to take, such
            as ``{"qr_codes.svg": "acme-labels"}``.
        registrations: Instead of the installed distributions' entry points.
    """

    def __init__(
        self,
        *,
        prefer: Mapping[str, str] | None = None,
        registrations: Iterable[Registration] | None = None,
    ) -> None:
        self._prefer = {RendererKey.parse(name): to for name, to in (prefer or {}).items()}
        self._claims: dict[RendererKey, list[Registration]] = defaultdict(list)
        for registration in _scan() if registrations is None else registrations:
            if registration not in self._claims[registration.key]:
                self._claims[registration.key].append(registration)
        for key in self._prefer:
            if key not in self._claims:
                reason = self._unknown(key.export_type, key.file_format)
                raise UnknownRendererError(f"cannot prefer a renderer for {key}: {reason}")
        self._renderers: dict[RendererKey, Renderer] = {}

    def __contains__(self, key: RendererKey) -> bool:
        return key in self._claims

    def registrations(self) -> list[Registration]:
        """All claims, sorted by pair and distribution."""
        claims = [claim for claims in self._claims.values() for claim in claims]
        return sorted(claims, key=lambda claim: (claim.key, claim.distribution))

    def export_types(self) -> list[str]:
        """The export types for which at least one format is registered, sorted."""
        return sorted({key.export_type for key in self._claims})

    def file_formats(self, export_type: str) -> list[str]:
        """The file formats that go with an export type, sorted."""
        return sorted(key.file_format for key in self._claims if key.export_type == export_type)

    def register(
        self, key: RendererKey, factory: Callable[[], Renderer], *, replace: bool = False
    ) -> None:
        """Register a renderer of the host's own, without an entry point.

        Raises:
            RendererConflictError: the pair is taken and `replace` is not set.
        """
        if key in self._claims and not replace:
            raise RendererConflictError(
                f"{key} is registered by {self._claims[key][0].distribution}; "
                "pass replace=True to take it over"
            )
        claim = Registration(
            key=key,
            target=getattr(factory, "__qualname__", repr(factory)),
            distribution="the host",
        )
        renderer = factory()
        claim._check(renderer)  # noqa: SLF001 - the same check as for a loaded one
        self._claims[key] = [claim]
        self._prefer.pop(key, None)
        self._renderers[key] = renderer

    def resolve(self, key: RendererKey) -> Registration:
        """The registration that counts for a pair; nothing is imported.

        Raises:
            UnknownRendererError: none is registered; the message lists what is.
            RendererConflictError: several distributions claim it and none is preferred.
        """
        claims = self._claims.get(key, [])
        if not claims:
            raise UnknownRendererError(self._unknown(key.export_type, key.file_format))
        preferred = self._prefer.get(key)
        if preferred is not None:
            claims = [claim for claim in claims if claim.distribution == preferred]
        if len(claims) == 1:
            return claims[0]
        names = " and ".join(sorted(claim.distribution for claim in self._claims[key]))
        if not claims:
            raise RendererConflictError(
                f"{key} is preferred from {preferred}, but registered by {names}"
            )
        raise RendererConflictError(
            f"{key} is registered by {names}: uninstall all but one, or prefer one, as in "
            f'RendererRegistry(prefer={{"{key}": "{claims[-1].distribution}"}}) or on the command '
            f"line --prefer {key}={claims[-1].distribution}"
        )

    def renderer(self, key: RendererKey) -> Renderer:
        """The renderer for a pair.

        Raises:
            UnknownRendererError: none is registered.
            RendererConflictError: several are.
            RendererLoadError: it cannot be imported or is not a renderer.
        """
        if key not in self._renderers:
            self._renderers[key] = self.resolve(key).load()
        return self._renderers[key]

    def unknown_pair(self, export_type: str, file_format: str) -> str | None:
        """What to say of a pair that is not registered, or ``None`` if it is."""
        if file_format in self.file_formats(export_type):
            return None
        return self._unknown(export_type, file_format)

    def _unknown(self, export_type: str, file_format: str) -> str:
        if formats := self.file_formats(export_type):
            return (
                f"expected one of {', '.join(formats)} for export_type '{export_type}', "
                f"got {shown(file_format)}"
            )
        types = self.export_types()
        near = difflib.get_close_matches(export_type, types, n=1, cutoff=0.5)
        hint = f"; did you mean '{near[0]}'?" if near else ""
        return f"expected an export_type of {', '.join(types)}, got {shown(export_type)}{hint}"


@cache
def default_registry() -> RendererRegistry:
    """The renderers of the installed distributions, scanned once for this process."""
    return RendererRegistry()
