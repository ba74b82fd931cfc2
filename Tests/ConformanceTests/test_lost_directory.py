"""A replica loses its whole data directory: it comes back with an empty one, catches up, and is a voter again."""

import shutil
import time

import pytest

from support.clients import kazoo
from support.cluster import Cluster
from support.disturbances import contents_below
from support.server import wait_until

WRITES = 300


@pytest.fixture
def cluster(tmp_path):
    """Three replicas that serve."""
    with Cluster(tmp_path, 3) as three:
        yield three.start()
        three.check_no_crash()


def figures(replica) -> dict[str, str]:
    lines = replica.word(b"mntr").splitlines()
    return dict(line.split("\t", 1) for line in lines if "\t" in line)


def lose_directory(replica):
    replica.kill()
    shutil.rmtree(replica.data)
    replica.launch()


def wait_until_voting(replica, seconds: float = 30.0):
    def votes():
        assert replica.is_running, replica.output[-4000:]
        return figures(replica).get("zk_voting") == "1"

    wait_until(votes, seconds, f"{replica.name} votes again")


def test_a_lost_directory_is_readmitted(cluster, report):
    victim = cluster.followers()[0]
    with kazoo(cluster.leader()) as client:
        client.create("/kept", b"1")
        for number in range(WRITES):
            client.create(f"/n{number}", b"%d" % number)
        before = time.monotonic()
        lose_directory(victim)
        victim.wait_until_serving()
        serving = time.monotonic() - before
        wait_until_voting(victim)
        report(
            f"a replica whose directory was lost served after {serving:.1f} s and voted after"
            f" {time.monotonic() - before:.1f} s; {WRITES} znodes"
        )
        assert "is readmitted as incarnation" in victim.output
        assert figures(victim)["zk_readmissions"] == "1"
        client.set("/kept", b"2")
    cluster.wait_until_equal()
    found = [contents_below(replica, "/") for replica in cluster]
    assert found[0] == found[1] == found[2]
    # The other follower dies: only with the readmitted one there is a quorum.
    others = [replica for replica in cluster.followers() if replica is not victim]
    others[0].kill()
    with kazoo(victim) as client:
        client.sync("/kept")
        assert client.get("/kept")[0] == b"2"
        client.create("/after", b"3")
    others[0].launch()
    others[0].wait_until_serving()
    cluster.wait_until_equal()


def test_a_cluster_is_founded_by_two_of_three_if_somebody_vouches_for_it(tmp_path):
    """The third one, which was not there, gets its vote when it comes."""
    with Cluster(tmp_path, 3) as cluster:
        cluster[1].options = ["--initialize"]
        cluster.start(cluster[1], cluster[2])
        with kazoo(cluster[2]) as client:
            client.create("/early", b"1")
        cluster[3].launch()
        cluster[3].wait_until_serving()
        wait_until_voting(cluster[3])
        cluster[1].kill()
        with kazoo(cluster[3]) as client:
            client.sync("/early")
            assert client.get("/early")[0] == b"1"
            client.create("/late", b"2")
        cluster.check_no_crash()


def test_every_directory_in_turn_and_a_restart_of_all(cluster, report):
    before = time.monotonic()
    for number in (1, 2, 3):
        with kazoo(cluster[number % 3 + 1]) as client:
            client.create(f"/before-{number}", b"x")
        lose_directory(cluster[number])
        cluster[number].wait_until_serving()
        wait_until_voting(cluster[number])
    report(f"three directories lost one after the other: {time.monotonic() - before:.1f} s")
    for replica in cluster:
        assert replica.stop() == 0
    cluster.start()
    for replica in cluster:
        wait_until_voting(replica)
        with kazoo(replica) as client:
            assert {f"before-{number}" for number in (1, 2, 3)} <= set(client.get_children("/"))
