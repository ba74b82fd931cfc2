"""ZooKeeper's own command line, from Debian's package: the Java client."""

import pathlib
import re
import shutil
import subprocess

import pytest

from support.clients import fresh_path, kazoo
from support.server import LOG_JAR, ZOOKEEPER_JAR

SCRIPT = pathlib.Path("/usr/share/zookeeper/bin/zkCli.sh")


def run(server, *lines: str) -> list[str]:
    """Plays the lines to one zkCli and gives what it answered, without its prompts and greetings."""
    java = shutil.which("java")
    assert java, "java is missing: install default-jre-headless (Tools/test does)"
    assert ZOOKEEPER_JAR.exists() and SCRIPT.exists(), "zkCli is missing: install Debian's zookeeper (Tools/test does)"
    ran = subprocess.run(
        [java, "-XX:TieredStopAtLevel=1", "-cp", f"{ZOOKEEPER_JAR}:{LOG_JAR}", "org.apache.zookeeper.ZooKeeperMain"]
        + ["-waitforconnection", "-timeout", "10000", "-server", server.hosts],
        input="\n".join(lines) + "\nquit\n",
        capture_output=True,
        text=True,
        timeout=90,
    )
    return (ran.stdout + ran.stderr).splitlines()


@pytest.fixture
def path(shared):
    return fresh_path("zkcli")


def test_create_get_set_delete(shared, path):
    lines = run(
        shared,
        f"create {path} one", f"create -s {path}/s- two", f"create -e {path}/e three", f"get -s {path}", f"set {path} four",
        f"get {path}", f"set -v 0 {path} five", f"ls {path}", f"stat {path}", f"delete {path}/e", f"ls {path}",
        f"delete {path}", f"deleteall {path}", f"get {path}",
    )  # fmt: skip
    text = "\n".join(lines)
    assert f"Created {path}" in lines
    assert f"Created {path}/s-0000000000" in lines
    assert f"Created {path}/e" in lines
    assert "one" in lines and "four" in lines
    assert "dataVersion = 0" in lines and "dataLength = 3" in lines and "numChildren = 2" in lines
    assert f"version No is not valid : {path}" in lines
    assert "[e, s-0000000000]" in lines and "[s-0000000000]" in lines
    assert f"Node not empty: {path}" in text
    assert f"Node does not exist: {path}" in text


def test_watch_acl_and_transactions_of_types(shared, path):
    lines = run(
        shared,
        f"create {path} one", f"get -w {path}", f"set {path} two", f"addauth digest bob:pw", f"create {path}/p x auth::cdrwa",
        f"getAcl {path}/p", f"create -c {path}/container", f"create -t 60000 {path}/ttl", f"sync {path}", f"ls -R {path}",
    )  # fmt: skip
    text = "\n".join(lines)
    assert re.search(rf"WatchedEvent state:SyncConnected type:NodeDataChanged path:{path}\b", text)
    assert "'digest,'bob:ikIaKsbtGweaHnb/jKn7OHqbunM=" in text
    assert f"Created {path}/container" in lines
    assert f"Created {path}/ttl" in lines
    assert "Sync is OK" in text
    assert lines.count(f"{path}/container") == 1


def test_java_ephemerals_end_with_the_session(shared, path):
    run(shared, f"create {path} x", f"create -e {path}/e x")
    with kazoo(shared) as client:
        assert client.get_children(path) == []
