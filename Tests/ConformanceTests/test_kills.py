"""The server is killed with -9 under load, again and again: nothing acknowledged is lost, nothing is torn or doubled.

`--kills 50` for the long run; `--seed` plays a failed run again, as far as the clients decide.
"""

import random
import threading
import time

import pytest

from support.crash_load import TURNS, Client, Ledger, abandon_session, run_until_killed
from support.server import wait_until
from support.wire import SEQUENTIAL, Wire

SHORTEST_SESSION_SECONDS = 4.0
TICK_SECONDS = 2.0


@pytest.fixture
def kills(request):
    return request.config.getoption("--kills") or 12


@pytest.fixture
def seed(request):
    return request.config.getoption("--seed") or random.SystemRandom().randrange(1 << 32)


@pytest.mark.slow
def test_kills_under_load(server, kills, seed, report):
    report(f"kills: seed {seed}")
    moments = random.Random(seed)
    ledger = Ledger()
    clients = [Client(index, ledger, seed) for index in range(4)]
    restarts = []
    server.start()
    with Wire(server.port) as wire:
        wire.connect()
        for path in (TURNS, "/abandoned"):
            assert wire.create(path).error == 0
        wire.close_session()
    started = time.monotonic()
    for kill in range(kills):
        for client in clients:
            client.connect(server.port)
            client.settle()
        abandon_session(server.port, f"/abandoned/{kill}")
        run_until_killed(server, clients, moments.uniform(0.05, 0.8))
        ledger.begin_life()
        begun = time.monotonic()
        server.start()
        restarts.append(time.monotonic() - begun)
    for client in clients:
        client.connect(server.port)
        client.settle()
    report(
        f"kills: {kills} in {time.monotonic() - started:.1f} s; {ledger.acknowledged} writes acknowledged,"
        f" {ledger.undecided} undecided; restart median {sorted(restarts)[kills // 2]:.3f} s, worst {max(restarts):.3f} s"
    )
    assert ledger.acknowledged > 50 * kills, "too little was written for this to show anything"
    check_ephemerals(server, clients)
    assert server.stop() in server.good_exits


def check_ephemerals(server, clients):
    """Those of abandoned sessions go in bounded time; those of living sessions stay."""
    bound = SHORTEST_SESSION_SECONDS + 2 * TICK_SECONDS + 4

    def gone():
        for client in clients:
            assert client.wire.ping().error == 0
        return clients[0].wire.children("/abandoned").body[0] == []

    wait_until(gone, bound, "no ephemeral znode outlives its session", pause=0.2)
    for client in clients:
        client.settle()
        client.wire.close_session()
    with Wire(server.port) as wire:
        wire.connect()
        for client in clients:
            for name in wire.children(client.path).body[0]:
                owner = wire.exists(f"{client.path}/{name}").body.ephemeral_owner
                assert owner == 0, f"{client.path}/{name} outlives its closed session"
        wire.close_session()


def lose_a_znode(wire, client):
    wire.delete(next(path for path in client.model.znodes if path not in client.pair))


def lose_a_change(wire, client):
    path = client.pair[0]
    wire.set(path, client.model.znodes[path].data)


def tear_a_multi(wire, client):
    wire.set(client.pair[1], b"torn")


def do_something_twice(wire, client):
    wire.create(f"{TURNS}/t-", sorted(client.model.turns)[0], flags=SEQUENTIAL)


def lose_a_turn(wire, client):
    wire.delete(client.own_turns[0])


@pytest.mark.parametrize("harm", [lose_a_znode, lose_a_change, tear_a_multi, do_something_twice, lose_a_turn])
def test_the_checker_notices(harm, server, seed):
    """The judge is judged: harm that a bad recovery could do is found."""
    server.start()
    client = Client(0, Ledger(), seed)
    with Wire(server.port) as wire:
        wire.connect()
        assert wire.create(TURNS).error == 0
        client.connect(server.port)
        stop = threading.Event()
        runner = threading.Thread(target=client.run, args=(stop,))
        runner.start()
        wait_until(lambda: client.own_turns and client.pair[0] in client.model.znodes, 20, "a little of everything")
        stop.set()
        runner.join(20)
        assert client.failure is None
        client.settle()
        harm(wire, client)
        with pytest.raises(AssertionError):
            client.settle()
