"""``init`` and ``import``: a catalogue that is kept, in a SQLite file."""

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import click

from closient_export.adapters.file_kinds import FileKind, kind_of
from closient_export.cli.console import check_distinct
from closient_export.errors import CatalogError

if TYPE_CHECKING:
    from closient_export.cli.stored import StoredCatalog

__all__ = ["import_", "init", "is_stored", "open_stored", "spooled"]

_SQLITE = b"SQLite format 3\0"
_FILE = click.Path(path_type=Path, dir_okay=False)


@click.command()
@click.argument("catalog", type=_FILE)
def init(catalog: Path) -> None:
    """Make CATALOG, an empty catalogue in a SQLite file."""
    if is_stored(catalog):
        with open_stored(catalog):
            click.echo(f"{catalog}: a catalogue already")
        return
    if catalog.exists() and catalog.stat().st_size:
        raise CatalogError(f"{catalog} is another file: expected a name that is free")
    with _database(catalog):
        from closient_export.adapters.sql import open_sqlite  # noqa: PLC0415 - slow to load

        open_sqlite(catalog)
    click.echo(f"{catalog}: an empty catalogue")


@click.command("import")
@click.argument("catalog", type=_FILE)
@click.argument("files", type=_FILE, nargs=-1, required=True)
def import_(catalog: Path, files: Sequence[Path]) -> None:
    """Take FILES into CATALOG, a file that `init` has made: each one as a whole or not at all.

    What a file holds is seen from its content: lots and serials as CSV, as `labels` reads them;
    EPCIS 2.0 documents, as `trace` reads them; places and products as JSON or CSV, as
    --master-data. What is there already is there once; where a file says something else of it, the
    later file counts.
    """
    check_distinct({"CATALOG": catalog, **{f"FILES {path.name}": path for path in set(files)}})
    with open_stored(catalog) as stored:
        for path in files:
            with path.open("rb") as file, _seekable(file) as content:
                click.echo(f"{path}: {_take_in(stored, content, path.name)}")


def _take_in(stored: "StoredCatalog", file: BinaryIO, name: str) -> str:
    take_in = {
        FileKind.EVENTS: stored.import_events,
        FileKind.ENTITIES: stored.import_entities,
        FileKind.DESCRIPTIONS: stored.import_descriptions,
    }
    return take_in[kind_of(file)](file, name)


def is_stored(path: Path) -> bool:
    """Whether a file is a SQLite database."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(len(_SQLITE)) == _SQLITE


@contextmanager
def open_stored(path: Path) -> "Iterator[StoredCatalog]":
    """The catalogue in a SQLite file.

    Raises:
        CatalogError: it is none, or the database fails.
    """
    if not is_stored(path):
        missing = "is no catalogue" if path.exists() else "is not there"
        raise CatalogError(f"{path} {missing}: make one with `closient-export init {path}`")
    with _database(path):
        from sqlalchemy import URL  # noqa: PLC0415 - slow to load

        from closient_export.adapters.sql import open_engine, open_sqlite  # noqa: PLC0415
        from closient_export.adapters.sql.engines import schema_version  # noqa: PLC0415
        from closient_export.cli.stored import StoredCatalog  # noqa: PLC0415

        if schema_version(open_engine(URL.create("sqlite", database=str(path)))) is None:
            raise CatalogError(f"{path} is a SQLite database of something else than a catalogue")
        yield StoredCatalog(open_sqlite(path))


@contextmanager
def _database(path: Path) -> Iterator[None]:
    """What goes wrong with the database, in words."""
    try:
        from sqlalchemy.exc import DBAPIError  # noqa: PLC0415 - an extra
    except ModuleNotFoundError as error:
        package = str(error.name).partition(".")[0]
        raise click.ClickException(
            f"catalogues need {package}: pip install 'closient-export[cli]'"
        ) from error
    try:
        yield
    except DBAPIError as error:
        raise CatalogError(f"{path}: {error.orig}") from error


@contextmanager
def _seekable(file: BinaryIO) -> Iterator[BinaryIO]:
    if file.seekable():
        yield file
    else:
        with spooled(file) as copy:
            yield copy


@contextmanager
def spooled(stream: BinaryIO) -> Iterator[BinaryIO]:
    """A copy of what can be read only once."""
    with tempfile.TemporaryFile() as copy:
        shutil.copyfileobj(stream, copy)
        copy.seek(0)
        yield copy
