"""What every `closient_export.plugins.Renderer` must do, as tests for its author.

Needs pytest and Hypothesis.
"""
# ruff: noqa: D102, S101 - these are tests

import io
import json
from itertools import cycle, islice
from pathlib import Path
from typing import Any, BinaryIO, ClassVar, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from closient_export.errors import ExportError
from closient_export.plugins import ManifestRenderer, Renderer
from closient_export.registry import RendererRegistry
from closient_export.requests import RendererKey
from closient_export.subjects import Subject
from closient_export.testing.artifact_checks import (
    check_archive,
    check_kind,
    check_manifest,
    check_well_formed,
    same_bytes,
)
from closient_export.testing.contract_tools import HEAVY, Pipe, examples, loaded_modules, raised
from closient_export.testing.elsewhere import called_elsewhere
from closient_export.testing.leftovers import nothing_left
from closient_export.testing.renderer_checks import (
    MANY,
    artifact_of,
    check_counts,
    check_knobs,
    check_secrecy,
    examples_of,
    hostile_examples,
    made,
    part_of,
    undrawable,
)
from closient_export.testing.renderer_determinism import RendererDeterminism
from closient_export.testing.strategies import (
    HOSTILE,
    hostile_subjects,
    hostile_text,
    json_values,
    knobs,
    subjects,
)
from closient_export.wire import default_knobs, renderer_config, to_json

__all__ = ["RendererContract"]

ODD: tuple[Any, ...] = (
    None, True, False, 0, -1, 1, 2**31, 10**400, 0.0, -0.5, 1e-9, 1e308, "", "x", "0", "\ud800",
    "\x00", "=1+1", [], [None], [0], [[]], {}, {"": None}, {"x": 1},
)  # fmt: skip
"""Values that somebody may send for a knob."""


class RendererContract(RendererDeterminism):
    """Subclass it as ``Test…`` and override the fixture `renderer`.

    Override `subjects` if it draws only some of what its scopes have, and `knobs` if types do not
    tell which values of a knob are good. Each test is named for what it asks of a renderer.
    """

    heavy: ClassVar[tuple[str, ...]] = HEAVY
    """Modules that must not be imported before the first label is drawn."""

    @pytest.fixture
    def renderer(self) -> Renderer:
        """The renderer under test."""
        raise NotImplementedError

    @pytest.fixture
    def subjects(self, renderer: Renderer) -> st.SearchStrategy[Subject]:
        """What it is to draw: a strategy of single subjects, most of which it can draw."""
        return subjects(renderer.scopes)

    @pytest.fixture
    def knobs(self, renderer: Renderer) -> st.SearchStrategy[dict[str, Any]]:
        """Values of its knobs, as in ``asset_config``: a strategy of mappings that it accepts."""
        return knobs(renderer)

    def test_the_registry_takes_it(self, renderer: Renderer) -> None:
        registry = RendererRegistry(registrations=())
        key = RendererKey("contract", "file")
        error = raised(lambda: registry.register(key, lambda: renderer), ExportError)
        assert error is None, f"a renderer must have the attributes and methods of its API: {error}"

    def test_every_knob_has_a_default_that_json_can_say(self, renderer: Renderer) -> None:
        defaults = default_knobs(renderer)
        again = renderer_config(renderer, json.loads(json.dumps(defaults)))
        assert again == renderer.config(), (
            f"the defaults of the knobs must be what their JSON says, got {again!r}"
        )

    @examples(30)
    @given(data=st.data())
    def test_knobs_that_json_says_are_those_that_were_meant(
        self, renderer: Renderer, knobs: st.SearchStrategy[dict[str, Any]], data: st.DataObject
    ) -> None:
        config = renderer_config(renderer, data.draw(knobs))
        text = json.dumps(to_json(config))
        assert renderer_config(renderer, json.loads(text)) == config, (
            f"knobs must come back from JSON as they were, got {text}"
        )

    def test_no_value_of_a_knob_is_a_crash(self, renderer: Renderer) -> None:
        for name in (*default_knobs(renderer), "no_such_knob"):
            for value in ODD:
                check_knobs(renderer, {name: value})

    @examples(60)
    @given(data=st.data())
    def test_knobs_that_do_not_fit_are_problems_and_no_crash(
        self, renderer: Renderer, data: st.DataObject
    ) -> None:
        names = st.sampled_from(sorted(default_knobs(renderer)) or ["x"]) | hostile_text()
        values = st.sampled_from(ODD) | json_values(hostile_text())
        check_knobs(renderer, data.draw(st.dictionaries(names, values, min_size=1, max_size=3)))

    def test_none_one_and_many(
        self, renderer: Renderer, subjects: st.SearchStrategy[Subject]
    ) -> None:
        config = renderer.config()
        nothing = renderer.render_part([], config, 0)
        assert (nothing.item_count, nothing.failed) == (0, ()), (
            f"a part of no subjects has no items, got {nothing}"
        )
        artifact_of(renderer, [])
        found = examples_of(subjects, 30)
        for count in (1, MANY):
            (part,) = made(renderer, list(islice(cycle(found), count)), config)
            assert part.item_count == count, (
                f"a part must count its {count} subjects, got {part.item_count}"
            )

    def test_what_cannot_be_drawn_is_counted_and_does_not_raise(
        self, renderer: Renderer, subjects: st.SearchStrategy[Subject]
    ) -> None:
        drawable = cycle(examples_of(subjects, 10))
        some = [each for bad in undrawable(renderer.scopes) for each in (next(drawable), bad)]
        config = renderer.config()
        part = part_of(renderer, some, config, "a subject that cannot be drawn must not raise")
        check_counts(part, some)
        alone = [renderer.render_part([each], config, 0) for each in some]
        failed = tuple(place for place, each in enumerate(alone) if each.failed)
        assert part.failed == failed, (
            "a subject that cannot be drawn must not change what becomes of the others: "
            f"together {part.failed} failed, alone {failed}"
        )

    def test_a_failure_is_safe_to_show(self, renderer: Renderer) -> None:
        check_secrecy(renderer, renderer.scopes)

    @pytest.mark.parametrize("kind", HOSTILE)
    def test_each_kind_of_hostile_text_is_drawn_or_counted(
        self, renderer: Renderer, kind: str, tmp_path: Path
    ) -> None:
        _draw_hostile(renderer, hostile_examples(kind, renderer.scopes), tmp_path)

    @examples(25)
    @given(data=st.data())
    def test_hostile_text_is_drawn_or_counted(
        self, renderer: Renderer, data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
    ) -> None:
        some = data.draw(st.lists(hostile_subjects(renderer.scopes), min_size=1, max_size=6))
        _draw_hostile(renderer, some, tmp_path_factory.mktemp("hostile"))

    @examples(10)
    @given(data=st.data())
    def test_the_artifact_is_what_its_manifest_says(
        self,
        renderer: Renderer,
        subjects: st.SearchStrategy[Subject],
        knobs: st.SearchStrategy[dict[str, Any]],
        data: st.DataObject,
        tmp_path_factory: pytest.TempPathFactory,
    ) -> None:
        forbidden = st.sampled_from(undrawable(renderer.scopes))
        some = data.draw(st.lists(subjects | forbidden, min_size=1, max_size=8))
        config = renderer_config(renderer, data.draw(knobs))
        parts = made(renderer, some, config, [len(some) // 2] if len(some) > 1 else ())
        artifact = artifact_of(renderer, parts)
        members = None
        if renderer.media_type == "application/zip":
            members = check_archive(artifact, tmp_path_factory.mktemp("archive"))
        within = None if members is None else members.pop("manifest.csv", None)
        if isinstance(renderer, ManifestRenderer) and renderer.writes_manifest:
            beside, out = io.BytesIO(), io.BytesIO()
            renderer.assemble(parts, out, beside)
            same_bytes(artifact, out.getvalue(), "a manifest beside must not change the artifact")
            if within is not None:
                same_bytes(within, beside.getvalue(), "the manifest beside must be the one within")
            within = beside.getvalue()
        if within is not None:
            check_manifest(within, parts, members)

    def test_extension_media_type_and_content_belong_together(
        self, renderer: Renderer, subjects: st.SearchStrategy[Subject]
    ) -> None:
        parts = made(renderer, examples_of(subjects, 5), renderer.config())
        check_kind(renderer.media_type, renderer.extension, artifact_of(renderer, parts))

    def test_no_file_is_left_open_or_behind(
        self, renderer: Renderer, subjects: st.SearchStrategy[Subject], tmp_path: Path
    ) -> None:
        config = renderer.config()
        some = list(islice(cycle(examples_of(subjects, 10)), 100))
        artifact_of(renderer, made(renderer, some, config))  # what is loaded once, is loaded now
        with nothing_left(tmp_path / "drawing"):
            artifact_of(renderer, made(renderer, some, config, [30, 60]))

    def test_an_output_that_fails_is_told_and_leaves_nothing_behind(
        self, renderer: Renderer, subjects: st.SearchStrategy[Subject], tmp_path: Path
    ) -> None:
        parts = made(renderer, examples_of(subjects, 10), renderer.config())
        size = len(artifact_of(renderer, parts))
        for room in (0, size // 2, size - 1):
            with nothing_left(tmp_path / str(room)):
                out = cast("BinaryIO", Pipe(room))
                error = raised(lambda out=out: renderer.assemble(iter(parts), out))  # type: ignore[misc]
                assert isinstance(error, OSError), (
                    f"an error of the output must be told as it is, got {error!r}"
                )

    def test_parts_come_once_and_the_output_need_not_be_seekable(
        self, renderer: Renderer, subjects: st.SearchStrategy[Subject]
    ) -> None:
        parts = made(renderer, examples_of(subjects, 6), renderer.config(), [2, 4])
        pipe = Pipe()
        error = raised(lambda: renderer.assemble(iter(parts), cast("BinaryIO", pipe)))
        assert error is None, (
            "parts are read once, and the output need not be seekable: assembling must do with "
            f"that, got {error!r}"
        )
        same_bytes(
            artifact_of(renderer, parts),
            b"".join(pipe.chunks),
            "parts that are read once, and an output that is a pipe, must make the same artifact",
        )

    def test_loading_it_imports_nothing_heavy(self, renderer: Renderer, tmp_path: Path) -> None:
        loaded = called_elsewhere(
            loaded_modules, renderer, self.heavy, circumstances={}, folder=tmp_path
        )
        assert not loaded, (
            "what a renderer needs to draw must be imported when it first draws; "
            f"loading {type(renderer).__name__} imports {', '.join(loaded)}"
        )


def _draw_hostile(renderer: Renderer, some: list[Subject], folder: Path) -> None:
    part = part_of(renderer, some, renderer.config(), "hostile text must not crash a renderer")
    check_counts(part, some)
    artifact = artifact_of(renderer, [part])
    check_well_formed(f"artifact.{renderer.extension}", artifact)
    if renderer.media_type == "application/zip":
        check_archive(artifact, folder)
