"""libdmtx, by way of pylibdmtx's wrapper.

pylibdmtx's own ``encode()`` cannot make GS1 DataMatrix symbols: it has no way to say which byte
stands for FNC1, and writes plain Data Matrix without a word. Its wrapper of the C functions can.
"""

import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from ctypes import byref, c_char_p, cast, string_at
from functools import cache
from importlib.util import find_spec
from types import ModuleType
from typing import Any

from closient_export.errors import RendererLoadError

__all__ = ["encode", "load"]

_ASCII, _AUTO_BEST = 0, -1
_SQUARE_AUTO, _RECTANGULAR_AUTO = -2, -3


def _loose_version(text: str) -> tuple[int, ...]:
    """What pylibdmtx compares the version of libdmtx by when it is imported."""
    return tuple(int(part) for part in text.split(".") if part.isdigit())


@contextmanager
def _distutils() -> Iterator[None]:
    """``distutils.version``, which pylibdmtx 0.1.10 imports and Python 3.12 no longer has."""
    if find_spec("distutils") is not None:
        yield
        return
    package, version = ModuleType("distutils"), ModuleType("distutils.version")
    version.__dict__["LooseVersion"] = _loose_version
    sys.modules |= {"distutils": package, "distutils.version": version}
    try:
        yield
    finally:
        del sys.modules["distutils"], sys.modules["distutils.version"]


@cache
def load() -> Any:
    """Pylibdmtx's wrapper module.

    Raises:
        RendererLoadError: libdmtx, which pylibdmtx needs, is not installed.
    """
    try:
        with _distutils(), warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            from pylibdmtx import wrapper  # noqa: PLC0415 - loaded when first needed
    except ImportError as error:
        raise RendererLoadError(
            "GS1 DataMatrix needs the library libdmtx, which is not installed: install Debian's "
            "package libdmtx0b (libdmtx0t64 from Debian 13 on), or Homebrew's libdmtx"
        ) from error
    return wrapper


def encode(data: bytes, *, fnc1: int, rectangular: bool) -> tuple[bytes, ...] | None:
    """The modules of the smallest Data Matrix symbol, if the data fit one.

    It is in ASCII encodation, as other encoders make it too, unless a mixture of encodations gives a
    smaller one.

    Args:
        data: What to encode.
        fnc1: The byte that stands for FNC1 in `data`.
        rectangular: One of the six rectangles of ISO/IEC 16022 instead of a square.

    Raises:
        RendererLoadError: libdmtx is not installed.
    """
    tried = (_encode(data, fnc1, rectangular, scheme) for scheme in (_ASCII, _AUTO_BEST))
    made = [rows for rows in tried if rows is not None]
    return min(made, key=lambda rows: len(rows) * len(rows[0]), default=None)


def _encode(data: bytes, fnc1: int, rectangular: bool, scheme: int) -> tuple[bytes, ...] | None:
    wrapper = load()
    encoder = wrapper.dmtxEncodeCreate()
    try:
        for name, value in (
            ("DmtxPropScheme", scheme),
            ("DmtxPropSizeRequest", _RECTANGULAR_AUTO if rectangular else _SQUARE_AUTO),
            ("DmtxPropMarginSize", 0),
            ("DmtxPropModuleSize", 1),
            ("DmtxPropFnc1", fnc1),
        ):
            wrapper.dmtxEncodeSetProp(encoder, wrapper.DmtxProperty[name], value)
        text = cast(c_char_p(data), wrapper.c_ubyte_p)
        if not wrapper.dmtxEncodeDataMatrix(encoder, len(data), text):
            return None
        return _modules(wrapper, encoder[0].image)
    finally:
        wrapper.dmtxEncodeDestroy(byref(encoder))


def _modules(wrapper: Any, image: Any) -> tuple[bytes, ...]:
    width, height, bits = (
        wrapper.dmtxImageGetProp(image, wrapper.DmtxProperty[name])
        for name in ("DmtxPropWidth", "DmtxPropHeight", "DmtxPropBitsPerPixel")
    )
    step = bits // 8
    row_length = width * step
    pixels = string_at(image[0].pxl, height * row_length)
    rows = (
        pixels[start : start + row_length : step] for start in range(0, len(pixels), row_length)
    )
    return tuple(bytes(pixel == 0 for pixel in row) for row in rows)
