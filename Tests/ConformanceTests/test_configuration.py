"""zoo.cfg, as ZooKeeper's users have it: what means something is obeyed, what does not is said, nonsense is refused."""

import pytest

from support.clients import kazoo
from support.server import Aviary
from support.wire import Wire

CONFIGURATION_IS_WRONG = 78


@pytest.fixture
def server(tmp_path):
    with Aviary(tmp_path) as own:
        yield own


def configure(server, *lines: str):
    """Lets the server read a zoo.cfg of these lines, its data directory and port, and nothing else."""
    path = server.folder / "zoo.cfg"
    path.write_text("\n".join(lines) + "\n")
    server.command = lambda: [str(Aviary.find()), "--config", str(path)]
    return path


def usual(server) -> list[str]:
    return [f"dataDir={server.data}", f"clientPort={server.port}", "clientPortAddress=127.0.0.1"]


def test_the_usual_file(server):
    configure(server, "# a comment", "tickTime=1000", "", "initLimit=10", "syncLimit = 5", *usual(server))
    server.start()
    with kazoo(server) as client:
        client.create("/a", b"x")
    with Wire(server.port) as wire:
        assert wire.connect(timeout=1).timeout == 2000, "two ticks at least"
        wire.close_session()
    with Wire(server.port) as wire:
        assert wire.connect(timeout=10**6).timeout == 20_000, "twenty ticks at most"
        wire.close_session()
    assert (server.data / "log").is_dir()


def test_session_bounds(server):
    configure(server, *usual(server), "minSessionTimeout=6000", "maxSessionTimeout=7000")
    server.start()
    for asked, given in ((1, 6000), (6500, 6500), (100_000, 7000)):
        with Wire(server.port) as wire:
            assert wire.connect(timeout=asked).timeout == given
            wire.close_session()


def test_separate_log_directory(server, tmp_path):
    configure(server, *usual(server), f"dataLogDir={tmp_path / 'log-disk'}")
    server.start()
    with kazoo(server) as client:
        client.create("/a", b"x")
    server.kill()
    assert any((tmp_path / "log-disk").rglob("*"))
    server.start()
    with kazoo(server) as client:
        assert client.get("/a")[0] == b"x"


def test_frame_limit(server):
    configure(server, *usual(server), "jute.maxbuffer=2000000")
    server.start()
    with Wire(server.port) as wire:
        wire.connect()
        assert wire.create("/a", b"x" * 1_900_000).error == 0
        assert len(wire.get("/a").body[0]) == 1_900_000
        wire.close_session()


def test_connections_of_one_address(server):
    configure(server, *usual(server), "maxClientCnxns=3")
    server.start()
    wires = [Wire(server.port) for _ in range(3)]
    for wire in wires:
        wire.connect()
    with Wire(server.port) as further:
        assert further.is_closed()
    for wire in wires:
        wire.close()


@pytest.mark.parametrize("line", ["someDay=maybe", "electionAlg=3", "quorumListenOnAllIPs=true"])
def test_what_means_nothing_here_is_said(server, line):
    configure(server, *usual(server), line)
    server.start()
    key = line.split("=")[0]
    assert key in server.output and "zoo.cfg:4" in server.output, server.output


@pytest.mark.parametrize(
    "line",
    [
        "tickTime=soon", "tickTime=0", "tickTime=-5", "clientPort=99999", "clientPort=", "clientPortAddress=nowhere.invalid",
        "maxClientCnxns=-1", "minSessionTimeout=x", "jute.maxbuffer=12", "no equals sign", "dataDir=",
        "maxSessionTimeout=1",
    ],
)  # fmt: skip
def test_nonsense_is_refused(server, line):
    """With the file, the line, the key, and what would be right."""
    key = line.split("=")[0]
    lines = [other for other in usual(server) if not other.startswith(f"{key}=")]
    path = configure(server, "# first", *lines, line)
    said = server.refuse(status=CONFIGURATION_IS_WRONG)
    assert f"{path}:{len(lines) + 2}" in said and key in said, said
    assert not server.data.exists(), "nothing is made before the configuration is right"


def test_missing_file(server):
    server.command = lambda: [str(Aviary.find()), "--config", str(server.folder / "missing.cfg")]
    assert "missing.cfg" in server.refuse(status=CONFIGURATION_IS_WRONG)


def test_no_data_directory(server):
    path = configure(server, f"clientPort={server.port}")
    said = server.refuse(status=CONFIGURATION_IS_WRONG)
    assert "dataDir" in said and str(path) in said


def cluster(server, *lines: str):
    """A zoo.cfg of three servers, of which this is the second."""
    server.data.mkdir()
    (server.data / "myid").write_text("2\n")
    servers = [f"server.{number}=10.0.0.{number}:2888:3888" for number in (1, 2, 3)]
    return configure(server, *usual(server), *servers, *lines)


@pytest.mark.parametrize(
    ("mode", "content", "said_of_it"),
    [(0o644, "0" * 32, "chmod 600"), (0o600, "0" * 15 + "\n", "16 to 4096"), (0o600, "0" * 5000, "longer than")],
)
def test_secret_of_a_cluster(server, mode, content, said_of_it):
    """It must be private and neither short nor endless; and it is never printed."""
    secret = server.folder / "secret"
    secret.write_text(content)
    secret.chmod(mode)
    cluster(server, f"aviary.peerSecretFile={secret}")
    said = server.refuse(status=CONFIGURATION_IS_WRONG)
    assert str(secret) in said and said_of_it in said and content.strip() not in said, said
    assert [path.name for path in server.data.iterdir()] == ["myid"], "nothing is made before the configuration is right"


def test_cluster_without_secret_or_number(server):
    path = cluster(server)
    assert f"{path}:4: server.1 is reached over a network" in server.refuse(status=CONFIGURATION_IS_WRONG)
    (server.data / "myid").unlink()
    assert f"{server.data / 'myid'}: the file is missing" in server.refuse(status=CONFIGURATION_IS_WRONG)
