"""That every `closient_export.plugins.Renderer` makes the same bytes of the same subjects, as tests.

Needs pytest and Hypothesis.
"""
# ruff: noqa: D102, S101 - these are tests

from itertools import cycle, islice
from pathlib import Path
from typing import Any, get_args

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from closient_export.compression import Compression
from closient_export.plugins import ArtifactConfig, Renderer
from closient_export.subjects import Subject
from closient_export.testing.artifact_checks import same_bytes
from closient_export.testing.contract_tools import examples
from closient_export.testing.elsewhere import CIRCUMSTANCES, called_elsewhere
from closient_export.testing.renderer_checks import (
    MANY,
    artifact_of,
    artifacts_of,
    examples_of,
    made,
    pickled,
)
from closient_export.wire import renderer_config

__all__ = ["RendererDeterminism"]


class RendererDeterminism:
    """The tests of `closient_export.testing.contracts.RendererContract` that draw the same again.

    In another order, in other parts, after a pickle, in another process elsewhere.
    """

    @examples(10)
    @given(data=st.data())
    def test_renderer_knobs_and_parts_can_be_pickled(
        self,
        renderer: Renderer,
        subjects: st.SearchStrategy[Subject],
        knobs: st.SearchStrategy[dict[str, Any]],
        data: st.DataObject,
    ) -> None:
        some = data.draw(st.lists(subjects, min_size=1, max_size=4))
        config = renderer_config(renderer, data.draw(knobs))
        part = renderer.render_part(some, config, 0)
        twin, knobs_of_twin, copy = pickled((renderer, config, part))
        assert copy == part, "a part must come back from a pickle as it was"
        assert twin.render_part(some, knobs_of_twin, 0) == part, (
            "renderer and knobs must draw the same after a pickle"
        )
        same_bytes(
            artifact_of(renderer, [part]),
            artifact_of(twin, [copy]),
            "renderer and parts must make the same artifact after a pickle",
        )

    @examples(10)
    @given(data=st.data())
    def test_a_part_depends_on_its_arguments_alone(
        self,
        renderer: Renderer,
        subjects: st.SearchStrategy[Subject],
        knobs: st.SearchStrategy[dict[str, Any]],
        data: st.DataObject,
    ) -> None:
        work = [
            (
                data.draw(st.lists(subjects, min_size=1, max_size=3)),
                renderer_config(renderer, data.draw(knobs)),
                data.draw(st.integers(0, 10**6)),
            )
            for _ in range(3)
        ]
        first = [renderer.render_part(*each) for each in work]
        again = [renderer.render_part(iter(some), *more) for some, *more in reversed(work)]
        assert first == again[::-1], (
            "a part must depend on its arguments alone: made twice, in another order, it differs"
        )

    @examples(15)
    @given(data=st.data())
    def test_bytes_do_not_depend_on_how_subjects_are_cut_into_parts(
        self,
        renderer: Renderer,
        subjects: st.SearchStrategy[Subject],
        knobs: st.SearchStrategy[dict[str, Any]],
        data: st.DataObject,
    ) -> None:
        some = data.draw(st.lists(subjects, min_size=2, max_size=9))
        config = renderer_config(renderer, data.draw(knobs))
        cuts = data.draw(st.sets(st.integers(1, len(some) - 1), min_size=1))
        same_bytes(
            artifact_of(renderer, made(renderer, some, config)),
            artifact_of(renderer, made(renderer, some, config, sorted(cuts))),
            f"the artifact must not depend on how {len(some)} subjects were cut into parts",
        )

    @examples(15)
    @given(data=st.data())
    def test_the_same_subjects_make_the_same_bytes(
        self,
        renderer: Renderer,
        subjects: st.SearchStrategy[Subject],
        knobs: st.SearchStrategy[dict[str, Any]],
        data: st.DataObject,
    ) -> None:
        some = data.draw(st.lists(subjects, min_size=1, max_size=5))
        config = renderer_config(renderer, data.draw(knobs))
        same_bytes(
            artifact_of(renderer, made(renderer, some, config)),
            artifact_of(renderer, made(renderer, some, config)),
            "the same subjects and knobs must make the same bytes each time",
        )

    @pytest.mark.parametrize("circumstances", CIRCUMSTANCES, ids=lambda each: each["TZ"])
    def test_another_process_makes_the_same_bytes(
        self,
        renderer: Renderer,
        subjects: st.SearchStrategy[Subject],
        knobs: st.SearchStrategy[dict[str, Any]],
        circumstances: dict[str, str],
        tmp_path: Path,
    ) -> None:
        wanted = examples_of(st.tuples(st.lists(subjects, min_size=1, max_size=6), knobs), 8)
        work = [(some, renderer_config(renderer, chosen)) for some, chosen in wanted]
        here = artifacts_of(renderer, work)
        there = called_elsewhere(
            artifacts_of, renderer, work, circumstances=circumstances, folder=tmp_path
        )
        for ours, theirs in zip(here, there, strict=True):
            said = ", ".join(f"{name}={value}" for name, value in circumstances.items())
            same_bytes(ours, theirs, f"another process must make the same bytes, with {said}")

    @pytest.mark.parametrize("compression", get_args(Compression))
    def test_many_small_parts_make_what_one_large_part_makes(
        self,
        renderer: Renderer,
        subjects: st.SearchStrategy[Subject],
        compression: Compression,
    ) -> None:
        # Compressors may make other bytes of other pieces, which shows only where there are many.
        config = renderer.config()
        if isinstance(config, ArtifactConfig):
            config = evolve(config, compression=compression)
        some = list(islice(cycle(examples_of(subjects, 30)), MANY))
        whole = artifact_of(renderer, made(renderer, some, config))
        for size in (97, 400):
            same_bytes(
                whole,
                artifact_of(renderer, made(renderer, some, config, range(size, MANY, size))),
                f"the artifact must not depend on whether {MANY} subjects are one part or many",
            )
