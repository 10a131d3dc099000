"""Reports of traces, to be written."""

from attrs import evolve
from hypothesis import strategies as st

from closient_export.adapters.memory import MemoryEventSource, MemoryMasterData
from closient_export.epcis import BusinessDocument, Event
from closient_export.requests import Direction
from closient_export.testing.event_builders import place
from closient_export.testing.strategies.descriptions import master_data
from closient_export.testing.strategies.networks import lots_of, networks
from closient_export.testing.strategies.text import hostile_text
from closient_export.trace.report import TraceReport, trace_lots
from closient_export.trace.selection import Selection

__all__ = ["hostile_reports", "trace_reports"]


@st.composite
def _placed(draw: st.DrawFn) -> list[Event]:
    """A network whose events say where they happened, most of them."""
    places = st.sampled_from(["", *map(place, range(4))])
    return [
        evolve(event, read_point=event.read_point or draw(places)) for event in draw(networks(6))
    ]


def _report(
    events: list[Event], described: MemoryMasterData, direction: Direction, everything: bool
) -> TraceReport:
    lots = () if everything else tuple(lots_of(events)[:2])
    return trace_lots(MemoryEventSource(events), described, Selection(lots=lots), direction)


def trace_reports() -> st.SearchStrategy[TraceReport]:
    """What traces of `networks` find, of two lots or of all: few rows and many findings."""
    return st.builds(_report, _placed(), master_data(), st.sampled_from(Direction), st.booleans())


@st.composite
def hostile_reports(draw: st.DrawFn) -> TraceReport:
    """The same of events and master data that say hostile things, surrogates among them."""
    text = hostile_text()
    events = [
        evolve(
            event,
            event_id=f"{draw(text)}-{number}",
            documents=(BusinessDocument(draw(text), draw(text)),),
            biz_step=draw(st.just(event.biz_step) | text),
            extensions={draw(text): draw(text)},
        )
        for number, event in enumerate(draw(_placed()))
    ]
    return _report(events, draw(master_data(text)), Direction.BOTH, everything=True)
