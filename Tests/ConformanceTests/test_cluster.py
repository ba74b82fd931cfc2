"""Several replicas, each a process: what one acknowledged all have, whoever dies, and nobody's clients notice but its own."""

import os
import socket
import threading
import time

import pytest
from kazoo.client import KazooState
from kazoo.exceptions import NodeExistsError

from support.bystander import Bystander
from support.clients import kazoo
from support.cluster import Cluster, Replica, free_ports
from support.disturbances import contents_below
from support.server import wait_until
from support.wire import EPHEMERAL, Closed, Op, Wire, create_body

CONFIGURATION_IS_WRONG = 78


@pytest.fixture
def cluster(tmp_path):
    """Three replicas that serve."""
    with Cluster(tmp_path, 3) as three:
        yield three.start()
        three.check_no_crash()


def last_change(replica, bystander) -> tuple[bytes, int]:
    """What a replica has of a bystander's znode, and its version."""
    with Wire(replica.port) as wire:
        wire.connect()
        assert wire.sync(bystander.path).error == 0
        data, stat = wire.get(bystander.path).body
        wire.close_session()
    return data, stat.version


def check_changes(replicas, bystanders):
    """Every change that was acknowledged is there, once, on every replica."""
    for bystander in bystanders:
        for replica in replicas:
            data, version = last_change(replica, bystander)
            assert version == bystander.count and data == b"%d" % (version - 1), replica.name


def test_every_server_serves(cluster):
    """Created on one, read and watched on the others, and a lock that all three want."""
    seen, held = [], []
    with kazoo(cluster[1]) as one, kazoo(cluster[2]) as two, kazoo(cluster[3]) as three:
        one.create("/a", b"1")
        for client in (two, three):
            client.sync("/a")
            fired = threading.Event()
            assert client.get("/a", watch=lambda event, fired=fired: fired.set())[0] == b"1"
            seen.append(fired)
        two.set("/a", b"2", version=0)
        assert all(fired.wait(5) for fired in seen), "a watch did not fire"
        one.sync("/a")
        assert one.get("/a")[0] == b"2" and one.get("/a")[1].version == 1
        with pytest.raises(NodeExistsError):
            three.create("/a")

        def take_turns(client):
            for _ in range(3):
                with client.Lock("/lock"):
                    held.append(client)
                    time.sleep(0.005)
                    held.append(client)

        threads = [threading.Thread(target=take_turns, args=(client,)) for client in (one, two, three)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(20)
        assert len(held) == 18
        assert all(first is second for first, second in zip(held[::2], held[1::2])), "two held the lock together"


def test_modes_are_said(cluster):
    modes = sorted(cluster.modes().values())
    assert modes == ["follower", "follower", "leader"]


def test_a_client_moves_with_its_session(cluster):
    """From server to server, by id and password: the ephemerals stay, and the order of its writes."""
    with Wire(cluster[1].port) as wire:
        session = wire.connect(timeout=10_000)
        assert wire.create("/e", b"0", flags=EPHEMERAL).error == 0
    for turn, number in enumerate((2, 3, 1, 3, 2)):
        with Wire(cluster[number].port) as wire:
            assert wire.attach(session, timeout=10_000).session_id == session.session_id
            data, stat = wire.get("/e").body
            assert (stat.version, stat.ephemeral_owner) == (turn, session.session_id)
            assert wire.set("/e", b"x", version=turn).error == 0
    with Wire(cluster[1].port) as last, Wire(cluster[3].port) as other:
        last.attach(session)
        assert last.close_session().error == 0
        other.connect()
        other.sync("/")
        assert other.exists("/e").error == -101
        other.close_session()


def test_who_moved_is_closed_where_it_was(cluster):
    """A session has one connection, in the whole cluster."""
    with Wire(cluster[1].port) as old, Wire(cluster[2].port) as new:
        session = old.connect(timeout=10_000)
        assert new.attach(session).session_id == session.session_id
        assert old.is_closed(5), "the former connection lives on"
        assert new.create("/moved").error == 0
        new.close_session()


def test_leader_is_killed(cluster, report):
    """Under writes at both others: they see a short pause and nothing else. It comes back, and has everything."""
    leader, (one, two) = cluster.leader(), cluster.followers()
    with kazoo(one) as client:
        states = []
        client.add_listener(states.append)
        client.create("/e", b"", ephemeral=True)
        with Bystander(one.port) as first, Bystander(two.port) as second:
            time.sleep(0.3)
            leader.kill()
            time.sleep(0.7)
            count = first.count
            cluster.start(leader)
            wait_until(lambda: first.count > count, 5, "writes go on")
        check_changes(cluster, [first, second])
        assert states == [], "a client of another replica lost its connection"
        assert client.exists("/e").ephemeralOwner == client.client_id[0]
        report(f"leader killed: the longest wait of a client {max(first.worst, second.worst) * 1e3:.0f} ms")
    cluster.wait_until_equal()


def test_leader_stops(cluster, report):
    """SIGTERM: the lead is handed over, and nobody waits for a time-out."""
    leader, (one, two) = cluster.leader(), cluster.followers()
    with Bystander(one.port) as first, Bystander(two.port) as second:
        time.sleep(0.2)
        assert leader.stop() == 0
        assert cluster.leader() is not leader
        time.sleep(0.2)
        cluster.start(leader)
    worst = max(first.worst, second.worst)
    report(f"leader stopped: the longest wait of a client {worst * 1e3:.0f} ms")
    assert worst < 0.3, f"a hand-over took {worst:.3f} s: an election's time-out"
    check_changes(cluster, [first, second])


def test_leader_hangs(cluster, report):
    """SIGSTOP: the others go on within a second; when it wakes it neither leads nor answers what is no longer true."""
    leader, (one, two) = cluster.leader(), cluster.followers()
    with Wire(leader.port, seconds=20) as wire:
        wire.connect(timeout=20_000)
        wire.create("/a", b"old")
        with Bystander(one.port) as first, Bystander(two.port) as second:
            time.sleep(0.2)
            leader.pause()
            # Asked while it hangs: answered when it wakes.
            wire.submit(Op.SYNC, create_path("/a"))
            wire.submit(Op.GET_DATA, create_path("/a") + b"\0")
            wait_until(lambda: "leader" in (one.mode, two.mode), 5, "another leads")
            with Wire(one.port) as other:
                other.connect()
                assert other.set("/a", b"new").error == 0
                other.close_session()
            leader.resume()
            assert wire.receive().error == 0
            assert wire.receive().body[0] == b"new", "a synced read of a past that others had left"
            # Less than a third of the session's time, so its own clients keep their connection too.
            assert wire.set("/a", b"newer").error == 0
        wire.close_session()
    report(f"leader hangs: the longest wait of a client {max(first.worst, second.worst) * 1e3:.0f} ms")
    check_changes(cluster, [first, second])


def create_path(path: str) -> bytes:
    """A path as the requests begin that take nothing else."""
    return len(path).to_bytes(4, "big") + path.encode()


def test_follower_is_killed(cluster):
    leader, (one, two) = cluster.leader(), cluster.followers()
    with Bystander(leader.port) as first, Bystander(two.port) as second:
        one.kill()
        time.sleep(0.3)
        cluster.start(one)
        assert cluster.leader() is leader, "the death of a follower changed the leader"
    check_changes(cluster, [first, second])
    assert max(first.worst, second.worst) < 0.3, "writes waited for a follower"
    cluster.wait_until_equal()


def test_all_are_killed(cluster):
    """At one moment, under writes: all that was acknowledged is there again, and so are the sessions."""
    written = []
    with Wire(cluster[2].port) as wire:
        session = wire.connect(timeout=20_000)
        assert wire.create("/e", flags=EPHEMERAL).error == 0

        def write():
            try:
                while True:
                    name = f"/n{len(written)}"
                    assert wire.create(name, name.encode()).error == 0
                    written.append(name)
            except (Closed, OSError):
                pass

        writer = threading.Thread(target=write)
        writer.start()
        time.sleep(0.4)
        for replica in cluster:
            replica.process.kill()
        for replica in cluster:
            replica.kill()
        writer.join(10)
    cluster.start()
    assert len(written) > 20
    for replica in cluster:
        with Wire(replica.port) as wire:
            assert wire.attach(session, timeout=20_000).session_id == session.session_id
            assert wire.exists("/e").body.ephemeral_owner == session.session_id
            wire.sync("/")
            for name in written:
                assert wire.get(name).body[0] == name.encode()


def test_five_serve_while_two_are_dead(tmp_path):
    with Cluster(tmp_path, 5) as cluster:
        cluster.start()
        dead = [cluster.leader(), cluster.followers()[0]]
        living = [replica for replica in cluster if replica not in dead]
        with Bystander(living[0].port) as first, Bystander(living[2].port) as second:
            for replica in dead:
                replica.kill()
            time.sleep(1)
            cluster.start(*dead)
        check_changes(cluster, [first, second])
        cluster.check_no_crash()


@pytest.mark.slow
def test_without_a_majority_nothing_is_acknowledged(cluster):
    """Writes wait; after a third of its time a session is cut off; when a majority is back it is there, and goes on."""
    left, *dead = cluster
    with Wire(left.port, seconds=20) as wire:
        session = wire.connect(timeout=6000)
        wire.create("/e", b"1", flags=EPHEMERAL)
        # Both at once, and the time from before: with the leader gone nobody confirms one, and it can take a
        # while until a process has ended.
        begun = time.monotonic()
        for replica in dead:
            replica.process.kill()
        for replica in dead:
            replica.kill()
        wire.submit(Op.CREATE, create_body("/waits"))
        with pytest.raises(Closed):
            wire.receive()
        waited = time.monotonic() - begun
        assert 1.5 < waited < 3.5, f"cut off after {waited:.1f} s, a third of 6 s was promised"
        assert left.mode == "leaderelection"
    cluster.start(*dead)
    with Wire(left.port) as wire:
        assert wire.attach(session, timeout=6000).session_id == session.session_id
        assert wire.get("/e").body[0] == b"1"
        assert wire.set("/e", b"2").error == 0
        wire.close_session()


def test_an_observer_serves_and_does_not_vote(tmp_path):
    with Cluster(tmp_path, 3, observers=1) as cluster:
        cluster.start()
        observer = cluster[4]
        assert observer.mode == "observer"
        leader = cluster.leader()
        with Bystander(observer.port) as bystander:
            leader.kill()
            time.sleep(0.3)
            assert cluster.leader() is not observer
        check_changes([observer, *cluster.followers()], [bystander])
        # One voter of three and the observer are no majority.
        cluster.followers()[0].kill()
        with Wire(observer.port, seconds=1) as wire:
            with pytest.raises((TimeoutError, Closed)):
                wire.connect(timeout=30_000)
        cluster.check_no_crash()


def test_a_first_start_waits_for_all(tmp_path):
    """Two of three empty directories are no cluster: there might be one, and the third know of it."""
    with Cluster(tmp_path, 3) as cluster:
        cluster[1].launch()
        cluster[2].launch()
        wait_until(lambda: "missing: 3\n" in cluster[1].output, 10, "it says who is missing")
        time.sleep(0.5)
        assert cluster[1].mode not in ("leader", "follower") and cluster[2].mode not in ("leader", "follower")
        cluster[3].launch()
        for replica in cluster:
            replica.wait_until_serving()
        # From now on two are enough.
        for replica in cluster:
            assert replica.stop() == 0
        cluster.start(cluster[1], cluster[2])
        with Wire(cluster[1].port) as wire:
            wire.connect()
            assert wire.create("/a").error == 0
            wire.close_session()


def test_other_voters_are_refused(cluster):
    """After the first start the cluster knows its members, and a configuration that names others is a mistake."""
    replica = cluster[2]
    assert replica.stop() == 0
    stranger = Replica(cluster.folder / "stranger", cluster, 4, *free_ports(2), observes=False)
    cluster.replicas.append(stranger)
    try:
        text = replica.refuse()
        assert "1, 2, 3, 4" in text and "1, 2, 3" in text.replace("1, 2, 3, 4", ""), text
    finally:
        cluster.replicas.remove(stranger)
    cluster.start(replica)
    with Wire(replica.port) as wire:
        wire.connect()
        assert wire.create("/a").error == 0
        wire.close_session()


def test_garbage_on_the_peers_port(cluster):
    """Anything at all, from anybody: no replica falls, none loses its leader, no client notices."""
    leader, (one, two) = cluster.leader(), cluster.followers()
    garbage = [
        b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
        b"\0" * 64,
        b"\xff" * 70_000,
        b"\x7f\xff\xff\xff" + b"x" * 100,
        b"\0\0\0\x10" + b"y" * 15,
        *(os.urandom(size) for size in (1, 4, 50, 3000, 200_000)),
    ]
    silent = []
    try:
        with Bystander(leader.port) as first, Bystander(one.port) as second:
            for replica in cluster:
                for _ in range(80):
                    silent.append(socket.create_connection(("127.0.0.1", replica.peer_port), timeout=5))
                for data in garbage:
                    with socket.create_connection(("127.0.0.1", replica.peer_port), timeout=5) as connection:
                        try:
                            connection.sendall(data)
                            connection.shutdown(socket.SHUT_WR)
                            while connection.recv(65536):
                                pass
                        except OSError:
                            pass
        assert cluster.leader() is leader, "garbage changed the leader"
        check_changes(cluster, [first, second])
        assert max(first.worst, second.worst) < 1
    finally:
        for connection in silent:
            connection.close()
    # A replica still finds its way in.
    two.kill()
    cluster.start(two)
    cluster.wait_until_equal()


def test_a_client_follows_the_living(cluster):
    """kazoo with all addresses: whoever it was on dies, and it goes on with its session on another."""
    with kazoo(cluster[1], timeout=10) as client:
        client.set_hosts(cluster.hosts())
        session = client.client_id
        client.create("/e", b"", ephemeral=True)
        states = []
        client.add_listener(states.append)
        cluster[1].kill()
        wait_until(lambda: KazooState.CONNECTED in states, 15, "the client is connected again")
        assert client.client_id == session and KazooState.LOST not in states
        assert client.exists("/e").ephemeralOwner == session[0]
        client.set("/e", b"x")


def test_all_replicas_tell_the_same(cluster):
    with kazoo(cluster[1]) as one, kazoo(cluster[3]) as three:
        for index in range(30):
            one.create(f"/a/b{index % 5}/n-", b"%d" % index, makepath=True, sequence=True)
            three.create(f"/c{index}", b"x" * index * 100)
    cluster.wait_until_equal()
    trees = [contents_below(replica, "/") for replica in cluster]
    assert trees[0] == trees[1] == trees[2] and len(trees[0]) > 60
