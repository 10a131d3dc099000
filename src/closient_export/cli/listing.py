"""``renderers`` and ``templates`` say what there is, ``verify`` what an artifact says."""

import json
from pathlib import Path

import click

from closient_export.cli.console import FailedExport, counted, prefer_option
from closient_export.errors import RendererError
from closient_export.registry import RendererRegistry
from closient_export.renderers.sheets.templates import built_in_templates
from closient_export.wire import default_knobs

__all__ = ["renderers", "templates", "verify"]


@click.command()
@prefer_option
def renderers(prefer: dict[str, str]) -> None:
    """List the registered renderers: pair, distribution, scopes, knobs with their defaults."""
    registry = RendererRegistry(prefer=prefer)
    for claim in registry.registrations():
        click.echo(f"{claim.key}  {claim.distribution} {claim.version}".rstrip())
        try:
            if registry.resolve(claim.key) != claim:
                click.echo("    not preferred")
                continue
            renderer = registry.renderer(claim.key)
        except RendererError as error:
            click.echo(f"    broken: {error}")
            continue
        click.echo(f"    scopes: {', '.join(sorted(renderer.scopes))}")
        for knob, default in default_knobs(renderer).items():
            written = default if isinstance(default, str) else json.dumps(default)
            click.echo(f"    --config {knob}={'' if default is None else written}")


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
