"""Fixtures of the black-box tests. Every test runs aviaryd as its users do: as a process, over its port."""

import pathlib

import pytest

from support.server import Aviary, ZooKeeper


REPORT = pytest.StashKey[list[str]]()


def pytest_addoption(parser):
    parser.addoption("--aviaryd", help="the aviaryd to test; the one built in this checkout otherwise")
    parser.addoption("--kills", type=int, default=None, help="how often servers are killed under load")
    parser.addoption("--writes", type=int, default=None, help="how many writes a replica misses that was away")
    parser.addoption("--seed", type=int, default=None, help="the seed of a workload, to play it again")
    parser.addoption(
        "--server", choices=["aviaryd", "zookeeper"], default="aviaryd",
        help="whom the client tests talk to; zookeeper shows that a test itself is right",
    )


def pytest_configure(config):
    if config.getoption("--aviaryd"):
        Aviary.executable = pathlib.Path(config.getoption("--aviaryd")).resolve()


def pytest_terminal_summary(terminalreporter, config):
    for line in config.stash.get(REPORT, []):
        terminalreporter.write_line(line)


@pytest.fixture
def report(request):
    """Takes a line that the run prints at its end: a seed, a figure."""
    return request.config.stash.setdefault(REPORT, []).append


@pytest.fixture(scope="session")
def server_kind(request):
    return ZooKeeper if request.config.getoption("--server") == "zookeeper" else Aviary


@pytest.fixture(scope="session")
def oracle(tmp_path_factory):
    """One ZooKeeper for all comparisons."""
    with ZooKeeper(tmp_path_factory.mktemp("zookeeper")) as server:
        yield server.start()


@pytest.fixture(scope="session")
def _shared(tmp_path_factory, server_kind):
    servers = []

    def running():
        if not servers or not servers[-1].is_running:
            servers.append(server_kind(tmp_path_factory.mktemp("shared")).start())
        return servers[-1]

    yield running
    for server in servers:
        server.__exit__()


@pytest.fixture
def shared(_shared):
    """A server that tests share, each in a part of the tree of its own; a new one when the last has died."""
    server = _shared()
    yield server
    assert server.is_running, f"{server.name} ended during the test:\n{server.output[-4000:]}"


@pytest.fixture
def server(tmp_path, server_kind):
    """A server of the test's own, not started yet."""
    with server_kind(tmp_path) as own:
        yield own
