"""Every error that this library raises on purpose, in one tree.

::

    ExportError
    ├─ Gs1Error (ValueError)               data that GS1's rules forbid
    ├─ RequestError (ValueError)           a payload with problems, all of them
    ├─ CatalogError (ValueError)           an input file that cannot be read as a catalogue
    ├─ RendererError
    │  ├─ UnknownRendererError (LookupError)
    │  ├─ RendererConflictError            two distributions claim one pair
    │  ├─ RendererLoadError                an entry point that cannot be imported or used
    │  └─ RenderError                      a subject that cannot be drawn
    ├─ TraceError
    │  ├─ EventDocumentError (ValueError)  an EPCIS document or event that cannot be read
    │  ├─ EventSourceError                 a source that cannot give the events it is asked for
    │  ├─ MasterDataError (ValueError)     a file of places or products that cannot be read
    │  ├─ TraceLimitError                  a walk that would pass one of its limits
    │  └─ TraceWriterError                 a writer that cannot be used, or that cannot write
    │     └─ UnknownTraceWriterError (LookupError)
    ├─ JobError
    │  ├─ InvalidTransitionError           a job asked to do what its state forbids
    │  ├─ JobNotFoundError (LookupError)   no such job, or another owner's
    │  ├─ StaleJobError                    somebody else has changed the job meanwhile
    │  └─ IdempotencyConflictError         a key used again for another request
    ├─ ArtifactError                       an artifact that cannot be read or written
    │  ├─ ArtifactNotFoundError (LookupError)
    │  └─ SignatureError                 an address that was not signed here, or has expired
    └─ StoreError                          a database that cannot be used just now

Each error survives ``pickle`` and ``copy``. ``str(error)`` names the item, the value and the
expectation, for whoever supplied them. ``public_message`` is for everybody: it never carries
identifiers, paths, URLs or stack traces.
"""

import reprlib
from collections.abc import Iterable
from typing import NamedTuple

__all__ = [
    "ArtifactError",
    "ArtifactNotFoundError",
    "CatalogError",
    "EventDocumentError",
    "EventSourceError",
    "ExportError",
    "Gs1Error",
    "IdempotencyConflictError",
    "InvalidTransitionError",
    "JobError",
    "JobNotFoundError",
    "MasterDataError",
    "Problem",
    "RenderError",
    "RendererConflictError",
    "RendererError",
    "RendererLoadError",
    "RequestError",
    "SignatureError",
    "StaleJobError",
    "StoreError",
    "TraceError",
    "TraceLimitError",
    "TraceWriterError",
    "UnknownRendererError",
    "UnknownTraceWriterError",
]


def shown(value: object, limit: int = 80) -> str:
    """A value as an error message shows it: quoted, control characters escaped, cut to `limit`."""
    brief = reprlib.Repr()
    brief.maxstring = brief.maxother = brief.maxlong = 4 * limit
    try:
        text = brief.repr(value)
    except ValueError:  # Python refuses to write numbers of thousands of digits
        text = f"a very large {type(value).__name__}"
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


_LONGEST_NAME = 100
"""Comparing takes as long as both names are long, and nobody mistypes a longer one."""


def suggestion(name: object, known: Iterable[str]) -> str:
    """The end of a message about an unknown name: the known one that was perhaps meant.

    Only a known name is quoted. Empty if none is near.

    >>> suggestion("qr_code", ["datamatrix", "qr_codes"])
    "; did you mean 'qr_codes'?"
    """
    import difflib  # noqa: PLC0415 - loaded when first needed

    if not isinstance(name, str) or len(name) > _LONGEST_NAME:
        return ""
    plain = {each.casefold().replace("-", "_"): each for each in known}
    wanted = name.casefold().replace("-", "_").replace(" ", "_")
    near = difflib.get_close_matches(wanted, plain, n=9)
    # Of some that are as near, that with the same characters: two may have changed places.
    near.sort(key=lambda each: sorted(each) != sorted(wanted))
    return f"; did you mean '{plain[near[0]]}'?" if near else ""


class ExportError(Exception):
    """The root of the tree."""

    @property
    def public_message(self) -> str:
        """What went wrong in words that are safe to show to anyone."""
        return "The export failed."


class Gs1Error(ExportError, ValueError):
    """Data that a rule of the GS1 General Specifications or GS1 Digital Link forbids.

    Args:
        rule: A stable name, GS1's own where its Syntax Dictionary has one, such as
            ``incorrect_check_digit``.
        expectation: What was expected, and what came instead, without the whole value.
        ai: The application identifier concerned, empty where none is.
        value: The offending value or text.
    """

    def __init__(self, rule: str, expectation: str, ai: str = "", value: str = "") -> None:
        super().__init__(rule, expectation, ai, value)
        self.rule = rule
        self.expectation = expectation
        self.ai = ai
        self.value = value

    def __str__(self) -> str:
        subject = f"({self.ai}) {shown(self.value)}" if self.ai else shown(self.value)
        return f"{subject}: {self.expectation}"

    @property
    def public_message(self) -> str:
        """The rule that is broken, without the value that breaks it."""
        return f"({self.ai}): {self.expectation}" if self.ai else self.expectation


class Problem(NamedTuple):
    """One thing that is wrong with a payload."""

    path: str
    """Where, in dotted form, such as ``filters.gtins[3]``; empty for the payload itself."""
    message: str
    """What was expected there, and what came instead."""

    def __str__(self) -> str:
        return f"{self.path}: {self.message}" if self.path else self.message


class RequestError(ExportError, ValueError):
    """A payload that breaks the contract, with every problem it has."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__(self.problems)

    def __str__(self) -> str:
        return "\n".join(map(str, self.problems))

    @property
    def public_message(self) -> str:
        """The problems go back to whoever sent the payload, so they may quote it."""
        return str(self)


class CatalogError(ExportError, ValueError):
    """An input file that cannot be read as a catalogue; the message names file and line."""

    @property
    def public_message(self) -> str:
        """The fact alone: a message with file names is for whoever supplied the file."""
        return "The catalogue cannot be read."


class RendererError(ExportError):
    """Something is wrong with a renderer, or a renderer found something wrong."""

    @property
    def public_message(self) -> str:
        """The fact alone: the message may quote a plugin's own words."""
        return "The renderer for this export failed."


class UnknownRendererError(RendererError, LookupError):
    """No renderer is registered for a pair; the message lists what is accepted instead."""


class RendererConflictError(RendererError):
    """Several distributions claim one pair; the message says how to prefer one."""


class RendererLoadError(RendererError):
    """An entry point cannot be imported, or what it names is not a renderer."""


class RenderError(RendererError):
    """A subject that a renderer cannot draw, for a reason that is safe to show."""

    @property
    def public_message(self) -> str:
        """The message itself, which its author has promised to be safe."""
        return str(self)


class TraceError(ExportError):
    """A lot cannot be traced, or its trace cannot be written."""

    @property
    def public_message(self) -> str:
        """The fact alone: the message may quote a partner's events."""
        return "The traceability export failed."


class EventDocumentError(TraceError, ValueError):
    """An EPCIS document or event that cannot be read.

    The message names the document, the event's index, the field and what was expected there.
    """

    @property
    def public_message(self) -> str:
        """The fact alone: a message with file names is for whoever supplied the document."""
        return "The EPCIS events cannot be read."


class EventSourceError(TraceError):
    """A source of events that cannot give those it is asked for, such as a store that is down.

    It is `retryable` if the same may go well later.
    """

    def __init__(self, *message: object, retryable: bool = False) -> None:
        super().__init__(*message)
        self.retryable = retryable

    @property
    def public_message(self) -> str:
        """The fact alone: the message may name the host's machines."""
        return "The EPCIS events cannot be fetched."


class MasterDataError(TraceError, ValueError):
    """A file that describes places or products and cannot be read; the message names all problems."""

    @property
    def public_message(self) -> str:
        """The fact alone: a message with file names is for whoever supplied the file."""
        return "The descriptions of places and products cannot be read."


class TraceLimitError(TraceError):
    """A walk from lot to lot that would pass one of its limits; the message says which."""

    @property
    def public_message(self) -> str:
        """The message itself, which names a limit and no event."""
        return str(self)


class TraceWriterError(TraceError):
    """A writer of traces that cannot be used, or one that cannot write.

    Several distributions claim its format, or it cannot be imported, or what its entry point names
    is no writer: the message says which, and whose it is.
    """

    @property
    def public_message(self) -> str:
        """The fact alone: the message may quote a plugin's own words."""
        return "The writer for this format failed."


class UnknownTraceWriterError(TraceWriterError, LookupError):
    """No writer is registered for a format; the message lists what is accepted instead."""


class JobError(ExportError):
    """A job was asked for something that it cannot do."""


class InvalidTransitionError(JobError):
    """A job's state does not allow the change that was asked for."""


class JobNotFoundError(JobError, LookupError):
    """There is no job with an id, or it is another owner's: the two cannot be told apart."""

    @property
    def public_message(self) -> str:
        """The same for every id."""
        return "There is no such job."


class StaleJobError(JobError):
    """A job was changed by somebody else meanwhile, or is theirs to work on."""


class IdempotencyConflictError(JobError, ValueError):
    """An idempotency key was used before, for another request."""

    @property
    def public_message(self) -> str:
        """The fact alone."""
        return "The idempotency key was used before, for another request."


class ArtifactError(ExportError):
    """An artifact cannot be read or written; the message names it and says what was expected.

    It is `retryable` if the same may go well later, as when a disk is full or a server is away.
    """

    def __init__(self, *message: object, retryable: bool = False) -> None:
        super().__init__(*message)
        self.retryable = retryable


class ArtifactNotFoundError(ArtifactError, LookupError):
    """There is no artifact with a key."""


class SignatureError(ArtifactError):
    """An address that was not signed here, was changed since, or has expired: all look the same."""

    @property
    def public_message(self) -> str:
        """The same for every cause."""
        return "The address is not valid, or it has expired."


class StoreError(ExportError):
    """A database cannot be used just now: it is locked, cannot be reached, or had to undo the work."""

    retryable = True
    """Trying again may help."""
