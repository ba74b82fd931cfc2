"""Every package of this machine becomes a znode with a child per field; the server is killed while they are loaded."""

import collections
import pathlib
import random
import subprocess
import threading
import time

import pytest
from kazoo.exceptions import KazooException, NodeExistsError

from support.clients import kazoo
from support.dpkg import packages
from support.server import Aviary, wait_until

WINDOW = 200
ROOT = "/packages"


class Load:
    """Creates znodes with many requests outstanding, and remembers which were acknowledged."""

    def __init__(self, client, wanted: list[tuple[str, bytes]], acknowledged: dict[str, int]):
        self.client = client
        self.wanted = wanted
        self.acknowledged = acknowledged
        self.outstanding = collections.deque()
        self.broken = False

    def run(self):
        """Until all is there or the connection breaks. A znode that is there already was made before the break."""
        for path, data in self.wanted:
            if path in self.acknowledged:
                continue
            if self.broken:
                return
            self.outstanding.append((path, self.client.create_async(path, data, include_data=True)))
            if len(self.outstanding) >= WINDOW:
                self.take()
        while self.outstanding:
            self.take()

    def take(self):
        path, result = self.outstanding.popleft()
        try:
            created, stat = result.get(30)
            assert created == path and stat.version == 0
            self.acknowledged[path] = stat.czxid
        except NodeExistsError:
            self.acknowledged[path] = self.client.exists(path).czxid
        except KazooException:
            self.broken = True


def check(client, wanted: dict[str, bytes], acknowledged: dict[str, int]):
    """Everything acknowledged is there, with its data and the Stat of a znode that was made once and never changed."""
    reads = collections.deque()
    children = collections.Counter(path.rsplit("/", 1)[0] for path in acknowledged)

    def judge(path, read):
        data, stat = read.get(30)
        assert data == wanted[path], f"{path}: other data"
        assert (stat.czxid, stat.mzxid, stat.version, stat.ephemeralOwner) == (acknowledged[path], acknowledged[path], 0, 0)
        assert stat.dataLength == len(data) and stat.ctime == stat.mtime and stat.ctime <= time.time() * 1000 + 1000
        assert stat.numChildren >= children[path] and stat.cversion == stat.numChildren, f"{path}: {stat}"

    for path in acknowledged:
        reads.append((path, client.get_async(path)))
        if len(reads) >= WINDOW:
            judge(*reads.popleft())
    while reads:
        judge(*reads.popleft())


@pytest.mark.slow
def test_load_survives_a_kill(server, report):
    wanted = {ROOT: b""}
    for name, fields in packages().items():
        wanted[f"{ROOT}/{name}"] = fields["Version"]
        wanted |= {f"{ROOT}/{name}/{field}": value for field, value in fields.items()}
    order = list(wanted.items())
    acknowledged: dict[str, int] = {}

    server.start()
    begun = time.monotonic()
    with kazoo(server, connection_retry={"max_tries": 0}) as client:
        load = Load(client, order, acknowledged)
        runner = threading.Thread(target=load.run)
        runner.start()
        wait_until(lambda: len(acknowledged) > len(order) // 2, 120, "half of the packages are loaded")
        server.kill()
        client.stop()
        runner.join(60)
    assert len(order) // 2 < len(acknowledged) < len(order)
    before_kill = len(acknowledged)

    killed = time.monotonic()
    server.start()
    restarted = time.monotonic() - killed
    with kazoo(server) as client:
        check(client, wanted, acknowledged)
        load = Load(client, order, acknowledged)
        load.run()
        assert not load.broken and len(acknowledged) == len(order)
        check(client, wanted, acknowledged)
        assert len(client.get_children(ROOT)) == len(packages())
    report(
        f"dpkg: {len(order)} znodes, {before_kill} acknowledged before the kill, restart {restarted:.3f} s,"
        f" {time.monotonic() - begun:.1f} s in all"
    )
    assert server.stop() in server.good_exits
    server.start()
    with kazoo(server) as client:
        check(client, wanted, acknowledged)


def embedded(tmp_path: pathlib.Path) -> subprocess.Popen:
    """A program with an embedded store that loads all packages, or goes on with it."""
    program = Aviary.executable.parent / "embedded-workload"
    assert program.exists(), f"{program} is not built: swift build --product embedded-workload"
    return subprocess.Popen(
        [program, tmp_path / "store", tmp_path / "znodes", tmp_path / "acknowledged"],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )


def line_count(path: pathlib.Path) -> int:
    return path.read_bytes().count(b"\n") if path.exists() else 0


@pytest.mark.slow
def test_embedded_load_survives_kills(tmp_path, report):
    lines = []
    # Several times over: one load is done in a fifth of a second.
    for copy in range(4):
        root = f"{ROOT}-{copy}"
        lines.append(f"{root} ")
        for name, fields in packages().items():
            lines.append(f"{root}/{name} {fields['Version'].hex()}")
            lines += [f"{root}/{name}/{field} {value.hex()}" for field, value in fields.items()]
    (tmp_path / "znodes").write_text("\n".join(lines) + "\n")
    acknowledged = tmp_path / "acknowledged"
    kills = 6
    for number in range(kills):
        program = embedded(tmp_path)
        goal = line_count(acknowledged) + random.randrange(1, len(lines) // (kills + 4))
        end = time.monotonic() + 120
        while line_count(acknowledged) < goal and program.poll() is None and time.monotonic() < end:
            time.sleep(0.001)
        if program.poll() is not None:
            pytest.fail(f"ended with {program.returncode} before it was killed:\n{program.stdout.read()}")
        program.kill()
        assert "verified" in program.communicate()[0]
    before = line_count(acknowledged)
    assert before < len(lines)
    begun = time.monotonic()
    said = embedded(tmp_path).communicate(timeout=300)[0]
    assert said.endswith("done\n"), said
    assert line_count(acknowledged) >= len(lines)
    report(
        f"dpkg, embedded: {len(lines)} znodes, {before} acknowledged in {kills} lives that were killed,"
        f" the rest in {time.monotonic() - begun:.1f} s"
    )
