"""ZooKeeper's C client, from Debian's libzookeeper-mt, built and run here."""

import pathlib
import shutil
import subprocess

import pytest

from support.clients import fresh_path, kazoo

SOURCE = pathlib.Path(__file__).parent / "clients" / "client.c"
EXPECTED = """\
create 0
again -110
get 0
data one version 0
set 0
stale set -103
sequence 0
created /s-0000000000
children 0
count 1 first s-0000000000
multi 0
failing multi -110
exists 0
version 1 length 2
auth 0
private 0
missing -101
close 0
"""


@pytest.fixture(scope="module")
def program(tmp_path_factory):
    assert shutil.which("gcc"), "gcc is missing: install gcc (Tools/test does)"
    program = tmp_path_factory.mktemp("client") / "client"
    built = subprocess.run(
        ["gcc", "-std=c11", "-D_GNU_SOURCE", "-DTHREADED", "-Wall", "-Wextra", "-o", program, SOURCE, "-lzookeeper_mt", "-lpthread"],
        capture_output=True,
        text=True,
    )
    assert built.returncode == 0, f"the C client needs libzookeeper-mt-dev (Tools/test installs it):\n{built.stderr}"
    return program


def test_c_client(program, shared):
    path = fresh_path("c-client")
    ran = subprocess.run([program, shared.hosts, path], capture_output=True, text=True, timeout=60)
    assert ran.stdout == EXPECTED and ran.returncode == 0, ran.stderr
    with kazoo(shared) as client:
        assert sorted(client.get_children(path)) == ["m", "p"], "the ephemeral znode went with its session"
        assert client.get(path)[0] == b"two"
