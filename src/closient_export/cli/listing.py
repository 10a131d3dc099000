"""``renderers`` and ``templates`` say what there is, ``verify`` what an artifact says."""

import json
from collections.abc import Callable, Hashable, Iterable, Iterator
from pathlib import Path
from typing import TypeVar

import click

from closient_export.cli.console import FailedExport, counted, read_pairs
from closient_export.errors import RendererError, TraceWriterError
from closient_export.plugins import Renderer
from closient_export.registry import PluginRegistry, RendererRegistry, TraceWriterRegistry
from closient_export.renderers.sheets.templates import built_in_templates
from closient_export.wire.knob_descriptions import describe_knobs

__all__ = ["renderers", "templates", "verify"]

K = TypeVar("K", bound=Hashable)
P = TypeVar("P")


@click.command()
@click.option(
    "--prefer",
    multiple=True,
    metavar="NAME=DISTRIBUTION",
    callback=read_pairs,
    help="Which distribution's renderer or trace writer to take for a pair or format that several "
    "claim.",
)
def renderers(prefer: dict[str, str]) -> None:
    """List the registered renderers and trace writers.

    Of each renderer: pair, distribution, scopes, and knobs with their defaults, values and
    meanings. Of each trace writer: format, distribution, and the extension of its files.
    """
    pairs = {name: to for name, to in prefer.items() if "." in name}
    formats = {name: to for name, to in prefer.items() if "." not in name}
    made_by = RendererRegistry(prefer=pairs)
    _list(made_by, lambda key: _describe(made_by.renderer(key)))
    click.echo("\nTrace writers:\n")
    written_by = TraceWriterRegistry(prefer=formats)
    _list(written_by, lambda key: [f"--out FILE.{written_by.writer(key).extension}"])


def _list(registry: PluginRegistry[K, P], describe: Callable[[K], Iterable[str]]) -> None:
    for claim in registry.registrations():
        click.echo(f"{claim.key}  {claim.distribution} {claim.version}".rstrip())
        try:
            if registry.resolve(claim.key) != claim:
                click.echo("    not preferred")
                continue
            for line in describe(claim.key):
                click.echo(f"    {line}")
        except (RendererError, TraceWriterError) as error:
            click.echo(f"    broken: {error}")
    for misnomer in registry.misnomers():
        click.echo(f"{misnomer.name}  {misnomer.distribution} {misnomer.version}".rstrip())
        click.echo(f"    broken: {misnomer.problem}")


def _describe(renderer: Renderer) -> Iterator[str]:
    yield f"scopes: {', '.join(sorted(renderer.scopes))}"
    for knob in describe_knobs(renderer):
        default = knob.default if isinstance(knob.default, str) else json.dumps(knob.default)
        yield f"--config {knob.name}={'' if knob.default is None else default}"
        meaning = f": {knob.meaning.replace('``', '')}" if knob.meaning else ""
        yield f"    {knob.values}{meaning}"


@click.command()
@click.argument("artifact", type=click.Path(path_type=Path, dir_okay=False))
def verify(artifact: Path) -> None:
    """Read back every symbol of ARTIFACT, a ZIP or PDF, and compare it with its manifest.

    The reader is zxing-cpp, which has nothing to do with what made the symbols. Exits with 1 if any
    symbol does not say what the manifest says.
    """
    from closient_export.adapters.verify import verify as read_back  # noqa: PLC0415 - an extra

    count = wrong = 0
    try:
        for finding in read_back(artifact):
            count += 1
            if finding.problem is not None:
                wrong += 1
                click.echo(f"{finding.place}: {finding.problem}")
    except ModuleNotFoundError as error:
        raise click.ClickException(
            f"reading symbols back needs {error.name}: pip install 'closient-export[verify]'"
        ) from error
    if count == 0:
        raise FailedExport(f"{artifact} has no symbols to read back")
    if wrong:
        raise FailedExport(f"{artifact}: {wrong:,} of {counted(count, 'symbol')} wrong")
    click.echo(f"{artifact}: {counted(count, 'symbol')} read back, all right")


@click.command()
def templates() -> None:
    """List the built-in label stock for sheets."""
    for key, template in built_in_templates().items():
        size = f"{template.label_width_mm:g} x {template.label_height_mm:g} mm"
        also = f"  ({', '.join(template.also)})" if template.also else ""
        shape = "round" if template.shape == "round" else "rectangular"
        click.echo(f"{key}: {template.count} labels, {size}, {shape}{also}")
