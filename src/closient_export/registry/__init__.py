"""Which plugin makes what: renderers by pair, trace writers by format."""

from closient_export.registry.plugins import Misnomer, PluginRegistry, Registration
from closient_export.registry.renderers import (
    BUILT_IN,
    GROUP,
    RendererRegistry,
    default_registry,
)
from closient_export.registry.trace_writers import (
    BUILT_IN_TRACE_WRITERS,
    TRACE_WRITER_GROUP,
    TraceWriterRegistry,
)

__all__ = [
    "BUILT_IN",
    "BUILT_IN_TRACE_WRITERS",
    "GROUP",
    "TRACE_WRITER_GROUP",
    "Misnomer",
    "PluginRegistry",
    "Registration",
    "RendererRegistry",
    "TraceWriterRegistry",
    "default_registry",
]
