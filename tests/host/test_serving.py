"""The commands of the host, and what they say when something is wrong."""

import re
import socket
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hosts import serving

from closient_export.cli import main


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, arguments)


def test_keys_are_made_listed_and_revoked(tmp_path: Path) -> None:
    data = ["--data", str(tmp_path / "data")]
    made = run("keys", "add", *data, "--owner", "acme", "--permission", "labels", "--note", "x y")
    assert made.stderr.startswith(f"{data[1]}: a new host\nKey ")
    assert re.fullmatch(r"ce_[0-9A-Za-z]{12}_[\w-]{43}\n", made.stdout)
    key_id = made.stdout.split("_")[1]
    assert run("keys", "list", *data).stdout == f"{key_id}\tacme\tlabels\tgood\tx y\n"
    assert run("keys", "revoke", *data, key_id).exit_code == 0
    assert "\trevoked 20" in run("keys", "list", *data).stdout
    again = run("keys", "revoke", *data, key_id)
    assert again.exit_code == 2
    assert f"there is no good key '{key_id}'" in again.output
    assert made.stdout.strip() not in run("keys", "list", *data).output


@pytest.mark.parametrize("command", [("keys", "list"), ("keys", "revoke", "x"), ("worker",)])
def test_a_mistyped_folder_does_not_become_a_host(tmp_path: Path, command: tuple[str, ...]) -> None:
    folder = tmp_path / "nodata"
    done = run(*command, "--data", str(folder))
    assert done.exit_code == 2
    assert f"{folder} is no data folder of a host" in done.output
    assert not folder.exists()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            ["--database", "postgres"],
            "--database: expected postgresql://USER:PASSWORD@MACHINE/NAME",
        ),
        (["--database", "mysql://a/b"], "expected a URL of SQLite or PostgreSQL, got one of mysql"),
        (["--secret", "short"], "--secret: expected 32 characters or more"),
        (["--rate", "many"], "expected CALLS/SECONDS such as 3000/60, got 'many'"),
        (["--host", "192.0.2.1"], "192.0.2.1:0: Cannot assign requested address"),
    ],
)
def test_what_cannot_be_served_is_said_in_a_sentence(
    tmp_path: Path, options: list[str], message: str
) -> None:
    done = run("serve", "--data", str(tmp_path), "--port", "0", *options)
    assert isinstance(done.exception, SystemExit)
    assert message in done.output


def test_an_unreachable_database_is_named_without_its_password(tmp_path: Path) -> None:
    url = "postgresql://user:secret@127.0.0.1:1/exports"
    done = run("keys", "add", "--data", str(tmp_path), "--database", url, "--owner", "acme")
    assert "postgresql://user:***@127.0.0.1:1/exports cannot be opened" in done.output
    assert "secret" not in done.output


def test_a_port_that_is_taken_makes_no_key_and_says_so(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        done = run("serve", "--data", str(tmp_path / "data"), "--demo", "--port", port)
    assert done.exit_code == 2
    assert f"127.0.0.1:{port}: Address already in use" in done.output
    assert "ce_" not in done.output
    assert not (tmp_path / "data").exists()


def test_a_server_without_keys_says_how_to_make_one(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    with serving(folder, demo=False) as server:
        assert f"closient-export keys add --data {folder} --owner" in server.text
