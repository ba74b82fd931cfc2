"""Sessions of real clients: they live over a reconnect, end when they should, and take their ephemerals along."""

import threading
import time

import pytest
from kazoo.client import KazooClient, KazooState
from kazoo.exceptions import NoNodeError

from support.clients import fresh_path, kazoo
from support.server import wait_until
from support.wire import EPHEMERAL, Wire


@pytest.fixture
def client(shared):
    with kazoo(shared) as connected:
        yield connected


@pytest.fixture
def path(client, request):
    path = fresh_path(request.node.originalname)
    client.create(path, b"")
    return path


def drop_connection(client: KazooClient):
    """Cuts the client's connection under its feet; the client connects again by itself."""
    client._connection._socket.shutdown(2)


def test_a_session_lives_over_a_reconnect(shared, client, path):
    with kazoo(shared) as owner:
        owner.create(f"{path}/e", b"x", ephemeral=True)
        session = owner.client_id
        states = []
        owner.add_listener(states.append)
        drop_connection(owner)
        wait_until(lambda: KazooState.CONNECTED in states, 15, "the client is connected again")
        assert owner.client_id == session
        assert client.get(f"{path}/e")[1].ephemeralOwner == session[0]
        owner.delete(f"{path}/e")


def test_a_session_is_taken_over_with_id_and_password(shared, client, path):
    with kazoo(shared) as owner:
        owner.create(f"{path}/e", b"x", ephemeral=True)
        session = owner.client_id
        with kazoo(shared, client_id=session) as heir:
            assert heir.client_id == session
            heir.set(f"{path}/e", b"y")
            assert client.get(f"{path}/e")[0] == b"y"
            heir.delete(f"{path}/e")


def test_a_wrong_password_gets_another_session(shared, client, path):
    with kazoo(shared) as owner:
        owner.create(f"{path}/e", b"x", ephemeral=True)
        with kazoo(shared, client_id=(owner.client_id[0], b"p" * 16)) as thief:
            assert thief.client_id[0] != owner.client_id[0]
        assert client.exists(f"{path}/e").ephemeralOwner == owner.client_id[0]


def test_closing_removes_ephemerals_at_once(shared, client, path):
    with kazoo(shared) as owner:
        owner.create(f"{path}/e", b"x", ephemeral=True)
        owner.create(f"{path}/e-", b"x", ephemeral=True, sequence=True)
    assert client.get_children(path) == []


def test_data_watches_follow_over_a_reconnect(shared, client, path):
    """kazoo's DataWatch asks anew after a reconnect: nothing that happened meanwhile escapes it."""
    seen, last = [], threading.Event()
    with kazoo(shared) as watcher:

        @watcher.DataWatch(path)
        def changed(data, _):
            seen.append(data)
            if data == b"last":
                last.set()

        drop_connection(watcher)
        client.set(path, b"last")
        assert last.wait(15), seen


@pytest.mark.slow
def test_a_silent_session_expires_and_takes_its_ephemerals(shared, client, path):
    """No ping for the session's time: gone within twice that time and a tick, and not before it."""
    deleted = threading.Event()
    with Wire(shared.port) as silent:
        session = silent.connect(timeout=4000)
        assert session.timeout == 4000
        silent.create(f"{path}/e", flags=EPHEMERAL)
        last_heard = time.monotonic()
        assert client.exists(f"{path}/e", watch=lambda _: deleted.set())
        assert deleted.wait(12), "the ephemeral znode outlived its session"
        lived = time.monotonic() - last_heard
        assert 3.9 < lived < 11, f"the session lived for {lived:.1f} s of silence"
        with pytest.raises(NoNodeError):
            client.get(f"{path}/e")
        with Wire(shared.port) as late:
            assert late.attach(session).session_id == 0


@pytest.mark.slow
def test_pings_keep_a_session(shared, client, path):
    """Pinged more often than its time, a session lives well beyond that time."""
    with Wire(shared.port) as pinging:
        pinging.connect(timeout=4000)
        pinging.create(f"{path}/e", flags=EPHEMERAL)
        started = time.monotonic()
        while time.monotonic() - started < 9:
            assert pinging.ping().error == 0
            time.sleep(1)
        assert client.exists(f"{path}/e")
        pinging.close_session()


def test_a_dropped_connection_does_not_end_its_session(shared, client, path):
    """The session waits for its client for the session's time, and can be attached until then."""
    with Wire(shared.port) as first:
        session = first.connect(timeout=8000)
        first.create(f"{path}/e", flags=EPHEMERAL)
    with Wire(shared.port) as second:
        assert second.attach(session).session_id == session.session_id
        assert second.exists(f"{path}/e").error == 0
        second.close_session()
    assert client.exists(f"{path}/e") is None


@pytest.mark.slow
def test_sessions_and_ephemerals_live_over_a_restart(server, tmp_path):
    """A server that comes back in time finds its sessions waiting, and lets them end afterwards as always."""
    server.start()
    with Wire(server.port) as first, Wire(server.port) as other:
        session = first.connect(timeout=10_000)
        abandoned = other.connect(timeout=4000)
        first.create("/e", b"x", flags=EPHEMERAL)
        other.create("/f", b"x", flags=EPHEMERAL)
        server.kill()
    server.start()
    with Wire(server.port) as second:
        assert second.attach(session).session_id == session.session_id
        assert second.exists("/e").body.ephemeral_owner == session.session_id
        assert second.exists("/f").body.ephemeral_owner == abandoned.session_id

        def gone():
            second.ping()
            return second.exists("/f").error == -101

        wait_until(gone, 20, "the session that did not come back has expired", pause=0.5)
        assert second.exists("/e").error == 0
