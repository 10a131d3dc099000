"""What a host's own stores and sources and a plugin must do, as test classes to subclass.

Needs the extra ``testing``. Each class names the fixture that its subclass overrides.
"""

from closient_export.testing.artifact_contracts import ArtifactStoreContract
from closient_export.testing.entity_contracts import EntitySourceContract
from closient_export.testing.event_contracts import EventSourceContract, MasterDataContract
from closient_export.testing.job_contracts import JobStoreContract
from closient_export.testing.renderer_contracts import RendererContract
from closient_export.testing.signer_contracts import UrlSignerContract
from closient_export.testing.writer_contracts import TraceWriterContract

__all__ = [
    "ArtifactStoreContract",
    "EntitySourceContract",
    "EventSourceContract",
    "JobStoreContract",
    "MasterDataContract",
    "RendererContract",
    "TraceWriterContract",
    "UrlSignerContract",
]
