"""The bundled catalogue and supply chain, in the host's database."""

from importlib.resources import as_file, files

from closient_export.host.hosting import Host

__all__ = ["OWNER", "take_in_demo"]

OWNER = "demo"


def take_in_demo(host: Host) -> str:
    """Take everything in, as far as it is not there, and return the text of a new key for it."""
    with as_file(files("closient_export") / "demo") as folder:
        with (folder / "catalog.csv").open("rb") as file:
            host.import_catalog(OWNER, file)
        for path in sorted((folder / "chain").glob("*.jsonld")):
            with path.open("rb") as file:
                host.captures.add(OWNER, file)
        with (folder / "chain" / "master_data.json").open("rb") as file:
            host.import_master_data(OWNER, file)
    _, text = host.keys.add(OWNER, note="demo")
    return text
