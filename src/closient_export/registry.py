"""Which renderer makes which pair: entry points, read at once, loaded one by one when asked for."""

import difflib
import importlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from attrs import frozen, has

from closient_export.errors import (
    RendererConflictError,
    RendererLoadError,
    RequestError,
    UnknownRendererError,
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
            renderer = factory()
        except RendererLoadError:
            raise  # it says itself what to install
        except Exception as error:
            raise RendererLoadError(
                f"the renderer {self.target} of {self.distribution}, registered for {self.key}, "
                f"cannot be loaded: {type(error).__name__}: {error}"
            ) from error
        self._check(renderer)
        return renderer  # type: ignore[no-any-return]  # _check has made sure

    def _check(self, renderer: object) -> None:
        def fail(reason: str) -> RendererLoadError:
            return RendererLoadError(
                f"the renderer {self.target} of {self.distribution}, registered for {self.key}, "
                f"{reason}"
            )

        if missing := [name for name in _REQUIRED if not hasattr(renderer, name)]:
            raise fail(f"is not a renderer: it has no {', '.join(missing)}")
        assert isinstance(renderer, Renderer)  # noqa: S101 - for the type checker
        if renderer.api_version != RENDERER_API:
            raise fail(f"is for renderer API {renderer.api_version}, expected {RENDERER_API}")
        if not has(renderer.config):
            raise fail("has a config that is not an attrs class")
        try:
            renderer.config()
        except Exception as error:
            raise fail(f"has a config that cannot be made from its defaults: {error}") from error
        if not (renderer.scopes and all(isinstance(scope, Scope) for scope in renderer.scopes)):
            raise fail("has scopes that are not a set of Scope")


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
                raise UnknownRendererError(
                    f"cannot prefer a renderer for {key}: {self._unknown(key)}"
                )
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
            target=f"{factory.__module__}:{factory.__qualname__}",
            distribution="the host",
        )
        renderer = factory()
        claim._check(renderer)  # noqa: SLF001 - the same check as for a loaded one
        self._claims[key] = [claim]
        self._renderers[key] = renderer

    def resolve(self, key: RendererKey) -> Registration:
        """The registration that counts for a pair; nothing is imported.

        Raises:
            UnknownRendererError: none is registered; the message lists what is.
            RendererConflictError: several distributions claim it and none is preferred.
        """
        claims = self._claims.get(key, [])
        if not claims:
            raise UnknownRendererError(self._unknown(key))
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

    def _unknown(self, key: RendererKey) -> str:
        if formats := self.file_formats(key.export_type):
            return (
                f"expected one of {', '.join(formats)} for export_type '{key.export_type}', "
                f"got '{key.file_format}'"
            )
        types = self.export_types()
        near = difflib.get_close_matches(key.export_type, types, n=1)
        hint = f"; did you mean '{near[0]}'?" if near else ""
        return f"expected an export_type of {', '.join(types)}, got '{key.export_type}'{hint}"


@cache
def default_registry() -> RendererRegistry:
    """The renderers of the installed distributions, scanned once for this process."""
    return RendererRegistry()
