"""The bundled catalogue and supply chain, in the host's database."""

from importlib.resources import as_file, files

from closient_export.host.hosting import Host

__all__ = ["OWNER", "take_in_demo"]

OWNER = "demo"


def take_in_demo(host: Host) -> str:
    """Take everything in, as far as it is not there, and return the text of a new key for it."""
    folder = files("closient_export") / "demo"
    with (folder / "catalog.csv").open("rb") as file:
        host.import_catalog(OWNER, file)
    for resource in sorted((folder / "chain").iterdir(), key=lambda each: each.name):
        with as_file(resource) as path, path.open("rb") as file:
            if path.suffix == ".jsonld":
                host.captures.add(OWNER, file)
            else:
                host.import_master_data(OWNER, file)
    _, text = host.keys.add(OWNER, note="demo")
    return text
