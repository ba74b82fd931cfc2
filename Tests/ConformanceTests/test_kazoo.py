"""kazoo, as its users use it: data, watches, transactions, sequences, access."""

import threading

import pytest
from kazoo.exceptions import (
    BadVersionError,
    InvalidACLError,
    NoAuthError,
    NodeExistsError,
    NoNodeError,
    NotEmptyError,
    RolledBackError,
    RuntimeInconsistency,
)
from kazoo.protocol.states import EventType
from kazoo.security import make_acl, make_digest_acl

from support.clients import fresh_path, kazoo


@pytest.fixture
def client(shared):
    with kazoo(shared) as connected:
        yield connected


@pytest.fixture
def path(client, request):
    path = fresh_path(request.node.originalname)
    client.create(path, b"")
    return path


class Events:
    """Collects watch events, and waits for the n-th."""

    def __init__(self):
        self.list = []
        self.arrived = threading.Condition()

    def __call__(self, event):
        with self.arrived:
            self.list.append((event.type, event.path))
            self.arrived.notify_all()

    def wait(self, count: int):
        with self.arrived:
            in_time = self.arrived.wait_for(lambda: len(self.list) >= count, 10)
            assert in_time, f"{len(self.list)} of {count} events: {self.list}"
            return self.list[:count]


def test_create_read_set_delete(client, path):
    assert client.create(f"{path}/a", b"one") == f"{path}/a"
    data, stat = client.get(f"{path}/a")
    assert (data, stat.version, stat.dataLength, stat.numChildren, stat.ephemeralOwner) == (b"one", 0, 3, 0, 0)
    assert stat.czxid == stat.mzxid == stat.pzxid and stat.ctime == stat.mtime
    changed = client.set(f"{path}/a", b"two!", version=0)
    assert (changed.version, changed.dataLength, changed.czxid) == (1, 4, stat.czxid)
    assert changed.mzxid > stat.mzxid
    with pytest.raises(BadVersionError):
        client.set(f"{path}/a", b"three", version=0)
    with pytest.raises(BadVersionError):
        client.delete(f"{path}/a", version=7)
    client.delete(f"{path}/a", version=1)
    assert client.exists(f"{path}/a") is None
    with pytest.raises(NoNodeError):
        client.get(f"{path}/a")


def test_create_with_parents_and_its_errors(client, path):
    with pytest.raises(NoNodeError):
        client.create(f"{path}/a/b/c", b"x")
    client.create(f"{path}/a/b/c", b"x", makepath=True)
    with pytest.raises(NodeExistsError):
        client.create(f"{path}/a/b/c", b"x")
    with pytest.raises(NotEmptyError):
        client.delete(f"{path}/a")
    client.delete(f"{path}/a", recursive=True)
    assert client.get_children(path) == []


def test_create_answers_with_stat(client, path):
    created, stat = client.create(f"{path}/a", b"abc", include_data=True)
    assert created == f"{path}/a" and stat.version == 0 and stat.dataLength == 3


def test_children_with_stat(client, path):
    for name in "cab":
        client.create(f"{path}/{name}")
    children, stat = client.get_children(path, include_data=True)
    assert sorted(children) == ["a", "b", "c"]
    assert (stat.numChildren, stat.cversion) == (3, 3)


def test_unicode_names_and_binary_data(client, path):
    client.create(f"{path}/\u00e4\u4e2d \u00df", bytes(range(256)))
    assert client.get_children(path) == ["\u00e4\u4e2d \u00df"]
    assert client.get(f"{path}/\u00e4\u4e2d \u00df")[0] == bytes(range(256))


def test_sequences(client, path):
    names = [client.create(f"{path}/s-", sequence=True) for _ in range(5)]
    assert names == [f"{path}/s-{number:010d}" for number in range(5)]
    client.delete(names[2])
    assert client.create(f"{path}/s-", sequence=True, ephemeral=True) == f"{path}/s-0000000005"


def test_sequences_of_many_clients_are_distinct(shared, path):
    made, failed = [], []

    def run():
        try:
            with kazoo(shared) as client:
                for _ in range(50):
                    made.append(client.create(f"{path}/s-", sequence=True))
        except Exception as error:
            failed.append(error)

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed
    assert sorted(made) == [f"{path}/s-{number:010d}" for number in range(200)]


def test_watches_fire_once_and_in_order(client, path):
    events = Events()
    assert client.exists(f"{path}/a", watch=events) is None
    client.get_children(path, watch=events)
    client.create(f"{path}/a", b"1")
    assert sorted(events.wait(2)) == [(EventType.CHILD, path), (EventType.CREATED, f"{path}/a")]
    client.set(f"{path}/a", b"2")
    client.get(f"{path}/a", watch=events)
    client.set(f"{path}/a", b"3")
    assert events.wait(3)[2] == (EventType.CHANGED, f"{path}/a")
    client.set(f"{path}/a", b"4")
    client.exists(f"{path}/a", watch=events)
    client.delete(f"{path}/a")
    assert events.wait(4)[3] == (EventType.DELETED, f"{path}/a")
    client.create(f"{path}/a", b"5")
    client.sync(path)
    assert len(events.list) == 4


def test_watch_of_another_client_sees_the_new_data(shared, client, path):
    seen, done = [], threading.Event()
    client.create(f"{path}/a", b"0")

    with kazoo(shared) as watcher:

        def read(_=None):
            seen.append(watcher.get(f"{path}/a", watch=lambda _: watcher.handler.spawn(read))[0])
            if seen[-1] == b"20":
                done.set()

        read()
        for number in range(1, 21):
            client.set(f"{path}/a", b"%d" % number)
        assert done.wait(10)
    assert seen == sorted(set(seen), key=int), "a watch was followed by data older than before"


def test_data_watch_and_children_watch_recipes(client, path):
    values, lists, done = [], [], threading.Event()
    client.create(f"{path}/a", b"0")

    @client.DataWatch(f"{path}/a")
    def changed(data, stat):
        values.append(data)
        if data == b"2":
            done.set()

    @client.ChildrenWatch(path)
    def listed(children):
        lists.append(sorted(children))

    client.set(f"{path}/a", b"1")
    client.set(f"{path}/a", b"2")
    client.create(f"{path}/b")
    assert done.wait(10)
    client.delete(f"{path}/b")
    assert values[0] == b"0" and values[-1] == b"2"
    assert lists[0] == ["a"]


def test_transaction_all_or_nothing(client, path):
    client.create(f"{path}/a", b"1")
    transaction = client.transaction()
    transaction.create(f"{path}/b", b"2")
    transaction.set_data(f"{path}/a", b"11")
    transaction.check(f"{path}/a", version=1)
    transaction.delete(f"{path}/b")
    created, stat, checked, deleted = transaction.commit()
    assert (created, stat.version, checked, deleted) == (f"{path}/b", 1, True, True)

    transaction = client.transaction()
    transaction.create(f"{path}/c")
    transaction.check(f"{path}/a", version=99)
    transaction.delete(f"{path}/a")
    results = transaction.commit()
    assert [type(result) for result in results] == [RolledBackError, BadVersionError, RuntimeInconsistency]
    assert client.exists(f"{path}/c") is None and client.get(f"{path}/a")[0] == b"11"


def test_digest_access(shared, client, path):
    private = make_digest_acl("bob", "secret", all=True)
    client.create(f"{path}/a", b"x", acl=[private])
    with pytest.raises(NoAuthError):
        client.get(f"{path}/a")
    with pytest.raises(NoAuthError):
        client.set(f"{path}/a", b"y")
    with kazoo(shared, auth_data=[("digest", "bob:secret")]) as bob:
        assert bob.get(f"{path}/a")[0] == b"x"
        assert bob.get_acls(f"{path}/a")[0] == [private]
        bob.set_acls(f"{path}/a", [private, make_acl("world", "anyone", read=True)])
    assert client.get(f"{path}/a")[0] == b"x"
    client.add_auth("digest", "bob:secret")
    client.set(f"{path}/a", b"y")


def test_access_lists_that_are_refused(client, path):
    with pytest.raises(InvalidACLError):
        client.create(f"{path}/a", acl=[make_acl("world", "somebody", all=True)])
    with pytest.raises(InvalidACLError):
        client.create(f"{path}/a", acl=[make_acl("auth", "", all=True)])


def test_large_and_empty_data(client, path):
    for count in (0, 1, 1024, 1025, 100_000, 1_000_000):
        client.create(f"{path}/{count}", b"\xa5" * count)
        data, stat = client.get(f"{path}/{count}")
        assert data == b"\xa5" * count and stat.dataLength == count


def test_many_requests_at_once(client, path):
    results = [client.create_async(f"{path}/{number}", b"%d" % number) for number in range(500)]
    assert [result.get(30) for result in results] == [f"{path}/{number}" for number in range(500)]
    reads = [client.get_async(f"{path}/{number}") for number in range(500)]
    assert [read.get(30)[0] for read in reads] == [b"%d" % number for number in range(500)]
    zxids = [read.get()[1].czxid for read in reads]
    assert zxids == sorted(set(zxids)), "requests of one client were not executed in their order"


def test_sync_and_four_letter_words(client, path):
    assert client.sync(path) == path
    assert "Mode: standalone" in client.command(b"srvr")
    assert client.command(b"ruok") == "imok"
    assert "zk_znode_count" in client.command(b"mntr")
