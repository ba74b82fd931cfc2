"""A replica that was away, or is damaged, or was wiped: it comes back by itself, serves again, and the others go on.

With `--writes 1000000` at the size that people have; by default a run of seconds. Printed: the time until it served, and
until it had everything; and the bytes that it took.
"""

import contextlib
import random
import shutil
import subprocess
import time

import pytest

from support.bystander import Bystander
from support.cluster import Cluster
from support.disturbances import contents_below
from support.server import wait_until
from support.wire import Closed, Wire, multi_create, multi_set

BATCH = 500
NODES = 2_000
DATA = bytes(range(100))
BLOCK = 4096
DAMAGED = 65
#: Enough for logs that are to be short to begin later than they did.
LOG_MEGABYTES = 200


@pytest.fixture
def writes(request) -> int:
    return request.config.getoption("--writes") or 20_000


def figures(replica) -> dict[str, str]:
    lines = replica.word(b"mntr").splitlines()
    return dict(line.split("\t", 1) for line in lines if "\t" in line)


def await_figure(replica, name: str, value: str, seconds: float = 120):
    def is_so():
        assert replica.is_running, f"{replica.name} ended:\n{replica.output[-4000:]}"
        try:
            return figures(replica).get(name) == value
        except OSError:
            return False

    try:
        wait_until(is_so, seconds, f"{name} of {replica.name} is {value}", pause=0.02)
    except AssertionError as failure:
        raise AssertionError(f"{failure}\n{replica.cluster.outputs()}") from None


def write(replica, count: int):
    """So many sets of 100 bytes over some thousand znodes, many in a transaction."""
    with Wire(replica.port, seconds=60) as wire:
        wire.connect()
        made = wire.create("/load")
        if made.error == 0:
            for first in range(0, NODES, BATCH):
                numbers = range(first, min(first + BATCH, NODES))
                assert wire.multi(*(multi_create(f"/load/{number}", DATA) for number in numbers)).error == 0
        for first in range(0, count, BATCH):
            numbers = range(first, min(first + BATCH, count))
            sets = (multi_set(f"/load/{number % NODES}", b"%d" % number + DATA) for number in numbers)
            assert wire.multi(*sets).error == 0
        wire.close_session()


def fill(replica, megabytes: int):
    """So many megabytes of log, and little in the tree: logs are recycled by segments of 64 MiB."""
    with Wire(replica.port, seconds=60) as wire:
        wire.connect()
        wire.create("/large")
        generator = random.Random(7)
        for _ in range(megabytes * 2):
            assert wire.set("/large", generator.randbytes(500_000)).error == 0
        wire.close_session()


def await_return(cluster, victim, begun: float) -> tuple[float, float]:
    """Seconds until it served, and until it had everything that the others have."""
    victim.wait_until_serving(seconds=120)
    served = time.monotonic() - begun
    cluster.wait_until_equal(seconds=120)
    return served, time.monotonic() - begun


def describe(victim, served: float, equal: float) -> str:
    found = figures(victim)
    values = int(found["zk_log_written_bytes"]) / 1e6
    snapshot = int(found["zk_snapshot_bytes_received"]) / 1e6
    return (
        f"served after {served:.2f} s, equal after {equal:.2f} s; log written {values:.1f} MB, snapshot"
        f" {snapshot:.1f} MB, values repaired {found['zk_damaged_slots']}"
    )


def check_equal(cluster):
    cluster.wait_until_equal()
    found = [contents_below(replica, "/load") for replica in cluster]
    assert found[0] == found[1] == found[2]
    cluster.check_no_crash()


def flip_blocks(path, count: int, generator: random.Random, first: int = BLOCK):
    """Flips a bit in some blocks that hold something."""
    data = bytearray(path.read_bytes())
    used = [start for start in range(first, len(data), BLOCK) if any(data[start : start + BLOCK])]
    chosen = generator.sample(used, min(count, len(used)))
    with open(path, "r+b") as file:
        for start in chosen:
            place = start + generator.randrange(BLOCK)
            file.seek(place)
            file.write(bytes([data[place] ^ 1 << generator.randrange(8)]))
    return len(chosen)


@pytest.fixture
def cluster(tmp_path):
    with Cluster(tmp_path, 3) as three:
        yield three.start()


@pytest.fixture
def short_logs(tmp_path):
    """Logs that are recycled as soon as checkpoint and snapshot allow it."""
    settings = {"aviary.peerLogMegabytes": 0, "aviary.snapshotMegabytes": 1, "snapCount": 100}
    with Cluster(tmp_path, 3, settings=settings) as three:
        yield three.start()


@pytest.mark.slow
def test_one_that_was_away_catches_up(cluster, writes, report):
    victim = cluster.followers()[0]
    write(cluster.leader(), 1_000)
    victim.kill()
    with Bystander(cluster.leader().port):
        write(cluster.leader(), writes)
        begun = time.monotonic()
        victim.launch()
        served, equal = await_return_beside(cluster, victim, begun)
    report(f"away for {writes} writes: {describe(victim, served, equal)}")
    check_equal(cluster)


def await_return_beside(cluster, victim, begun: float) -> tuple[float, float]:
    """While somebody writes, equal is: it has what the leader had when it served."""
    victim.wait_until_serving(seconds=120)
    served = time.monotonic() - begun
    leader = cluster.leader()
    target = cluster.zxids()[leader.number]
    wait_until(lambda: cluster.zxids().get(victim.number, 0) >= target, 120, "it has caught up", pause=0.02)
    return served, time.monotonic() - begun


@pytest.mark.slow
def test_one_that_was_away_for_longer_than_the_logs_takes_a_snapshot(short_logs, writes, report):
    cluster = short_logs
    victim = cluster.followers()[0]
    write(cluster.leader(), 1_000)
    victim.kill()
    write(cluster.leader(), writes)
    fill(cluster.leader(), LOG_MEGABYTES)
    with Bystander(cluster.leader().port):
        begun = time.monotonic()
        victim.launch()
        await_figure(victim, "zk_snapshots_installed", "1")
        served, equal = await_return_beside(cluster, victim, begun)
    report(f"away for {writes} writes and {LOG_MEGABYTES} MB, logs gone: {describe(victim, served, equal)}")
    check_equal(cluster)


@pytest.mark.slow
@pytest.mark.parametrize("is_leader", [False, True])
def test_a_damaged_log_is_repaired(cluster, writes, report, request, is_leader):
    seed = request.config.getoption("--seed") or random.SystemRandom().randrange(1 << 32)
    write(cluster.leader(), writes)
    victim = cluster.leader() if is_leader else cluster.followers()[0]
    victim.kill()
    segments = sorted((victim.data / "log").glob("*.segment")) or sorted(
        path for path in (victim.data / "log").iterdir() if path.is_file())
    segment = max(segments, key=lambda path: path.stat().st_mtime)
    flipped = flip_blocks(segment, 20, random.Random(seed))
    begun = time.monotonic()
    victim.launch()
    served, equal = await_return(cluster, victim, begun)
    kind = "former leader's" if is_leader else "follower's"
    report(f"{flipped} blocks of a {kind} log damaged (seed {seed}): {describe(victim, served, equal)}")
    check_equal(cluster)


@pytest.mark.slow
@pytest.mark.parametrize("has_logs", [True, False])
def test_a_damaged_store_is_made_anew(writes, report, request, has_logs):
    cluster = request.getfixturevalue("cluster" if has_logs else "short_logs")
    seed = request.config.getoption("--seed") or random.SystemRandom().randrange(1 << 32)
    write(cluster.leader(), writes)
    if not has_logs:
        fill(cluster.leader(), LOG_MEGABYTES)
    victim = cluster.followers()[0]
    assert victim.stop() == 0
    if not has_logs:
        shutil.rmtree(victim.data / "snapshots")
    flipped = flip_blocks(victim.data / "store" / "znodes.mdb", 50 if has_logs else 100_000, random.Random(seed), 2 * BLOCK)
    begun = time.monotonic()
    victim.launch()
    served, equal = await_return(cluster, victim, begun)
    how = "with its logs" if has_logs else "without snapshots and logs"
    report(f"{flipped} pages of a store damaged, {how} (seed {seed}): {describe(victim, served, equal)}")
    assert "the store" in victim.output
    check_equal(cluster)


@pytest.mark.slow
def test_a_store_damaged_while_it_serves_is_replaced(cluster, report):
    """Nobody knows before a page is read; then a snapshot of another replica takes its place, without a restart."""
    victim = cluster.followers()[0]
    write(cluster.leader(), 5_000)
    # A start, after which nothing of the tree is in memory.
    assert victim.stop() == 0
    victim.launch()
    victim.wait_until_serving()
    file = victim.data / "store" / "znodes.mdb"
    data = file.read_bytes()
    with open(file, "r+b") as opened:
        place = data.find(DATA)
        while place >= 0:
            opened.seek(place + 50)
            opened.write(b"!")
            place = data.find(DATA, place + 1)
    begun = time.monotonic()
    with Bystander(cluster.leader().port):
        with Wire(victim.port) as wire:
            wire.connect()
            with contextlib.suppress(Closed):
                answer = wire.get("/load/7")
                assert answer.error != 0 or answer.body[0].endswith(DATA), "a damaged value was read"
        await_figure(victim, "zk_snapshots_installed", "1")
        victim.wait_until_serving()
        elapsed = time.monotonic() - begun
    report(f"a store damaged while it served: replaced after {elapsed:.2f} s")
    check_equal(cluster)


@pytest.mark.slow
def test_a_wiped_replica_with_much_to_learn(short_logs, writes, report):
    cluster = short_logs
    write(cluster.leader(), writes)
    fill(cluster.leader(), LOG_MEGABYTES)
    victim = cluster.followers()[0]
    victim.kill()
    shutil.rmtree(victim.data)
    begun = time.monotonic()
    victim.launch()
    served, equal = await_return(cluster, victim, begun)
    await_figure(victim, "zk_voting", "1")
    votes = time.monotonic() - begun
    report(f"wiped: {describe(victim, served, equal)}; voted after {votes:.2f} s")
    assert figures(victim)["zk_snapshots_installed"] == "1"
    check_equal(cluster)


def test_aviaryctl_knows_a_replica_of_a_cluster(cluster):
    """Whole when nothing is damaged; and what it empties the next start fills."""
    write(cluster.leader(), 2_000)
    victim = cluster.followers()[0]
    assert victim.stop() == 0
    control = [str(victim.find().with_name("aviaryctl"))]

    def run(*arguments: str):
        return subprocess.run(control + list(arguments), capture_output=True, text=True, timeout=60)

    whole = run("verify", str(victim.data))
    assert whole.returncode == 0, whole.stdout + whole.stderr
    assert "founded by 1, 2, 3" in whole.stdout
    flip_blocks(victim.data / "store" / "znodes.mdb", 100_000, random.Random(5), 2 * BLOCK)
    damaged = run("verify", str(victim.data))
    assert damaged.returncode == DAMAGED and "DAMAGED store" in damaged.stdout
    rebuilt = run("rebuild", str(victim.data))
    assert rebuilt.returncode == 0, rebuilt.stdout + rebuilt.stderr
    victim.launch()
    victim.wait_until_serving()
    check_equal(cluster)
