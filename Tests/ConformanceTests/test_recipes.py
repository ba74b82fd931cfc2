"""kazoo's recipes: what users build from znodes, sequences, ephemerals and watches."""

import threading
import time

import pytest
from kazoo.exceptions import LockTimeout
from kazoo.recipe.barrier import DoubleBarrier
from kazoo.recipe.cache import TreeCache

from support.clients import fresh_path, kazoo
from support.server import wait_until


@pytest.fixture
def path(request):
    return fresh_path(request.node.originalname)


def in_threads(count, run):
    """Runs `run(index)` in as many threads, and raises what one of them raised."""
    failures = []

    def guarded(index):
        try:
            run(index)
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=guarded, args=(index,)) for index in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
        assert not thread.is_alive(), "a client is stuck"
    if failures:
        raise failures[0]


def test_lock_is_held_by_one(shared, path):
    held, most, total = 0, 0, 0

    def run(index):
        nonlocal held, most, total
        with kazoo(shared) as client:
            for _ in range(10):
                with client.Lock(f"{path}/lock", f"client {index}"):
                    held += 1
                    most = max(most, held)
                    total += 1
                    time.sleep(0.001)
                    held -= 1

    in_threads(4, run)
    assert (most, total) == (1, 40)


def test_lock_passes_on_when_its_holder_is_gone(shared, path):
    with kazoo(shared) as holder, kazoo(shared) as waiter:
        assert holder.Lock(f"{path}/lock").acquire()
        with pytest.raises(LockTimeout):
            waiter.Lock(f"{path}/lock").acquire(timeout=0.3)
        holder.stop()
        assert waiter.Lock(f"{path}/lock").acquire(timeout=15)


def test_read_write_locks(shared, path):
    with kazoo(shared) as one, kazoo(shared) as two:
        first, second = one.ReadLock(f"{path}/lock"), two.ReadLock(f"{path}/lock")
        assert first.acquire(timeout=5) and second.acquire(timeout=5)
        with pytest.raises(LockTimeout):
            two.WriteLock(f"{path}/lock").acquire(timeout=0.3)
        first.release()
        second.release()
        assert two.WriteLock(f"{path}/lock").acquire(timeout=5)


def test_semaphore(shared, path):
    held, most = 0, 0
    guard = threading.Lock()

    def run(index):
        nonlocal held, most
        with kazoo(shared) as client:
            with client.Semaphore(f"{path}/semaphore", f"client {index}", max_leases=2):
                with guard:
                    held += 1
                    most = max(most, held)
                time.sleep(0.05)
                with guard:
                    held -= 1

    in_threads(5, run)
    assert 1 <= most <= 2


def test_election_elects_one_after_the_other(shared, path):
    order = []

    def run(index):
        with kazoo(shared) as client:
            client.Election(f"{path}/election", f"client {index}").run(lambda: order.append(index))

    in_threads(4, run)
    assert sorted(order) == [0, 1, 2, 3]


def test_queue_gives_every_item_once_and_in_order(shared, path):
    with kazoo(shared) as producer:
        queue = producer.Queue(f"{path}/queue")
        for number in range(40):
            queue.put(b"%d" % number)
        assert len(queue) == 40
    taken = [[], []]

    def run(index):
        with kazoo(shared) as client:
            while (item := client.Queue(f"{path}/queue").get()) is not None:
                taken[index].append(int(item))

    in_threads(2, run)
    assert sorted(taken[0] + taken[1]) == list(range(40))
    assert all(items == sorted(items) for items in taken)


def test_locking_queue(shared, path):
    with kazoo(shared) as client:
        queue = client.LockingQueue(f"{path}/queue")
        queue.put_all([b"a", b"b"])
        queue.put(b"first", priority=1)
        assert queue.get(5) == b"first"
        assert queue.consume()
        assert queue.get(5) == b"a"
        assert queue.consume()


def test_party_lists_who_is_there(shared, path):
    with kazoo(shared) as one, kazoo(shared) as two:
        one.Party(f"{path}/party", "one").join()
        party = two.Party(f"{path}/party", "two")
        party.join()
        assert sorted(party) == ["one", "two"]
        one.stop()
        assert list(party) == ["two"]


def test_barriers(shared, path):
    passed = []

    def run(index):
        with kazoo(shared) as client:
            barrier = DoubleBarrier(client, f"{path}/barrier", 3, f"client {index}")
            barrier.enter()
            passed.append(index)
            barrier.leave()

    in_threads(3, run)
    assert sorted(passed) == [0, 1, 2]


def test_counter_counts_every_increment(shared, path):
    def run(_):
        with kazoo(shared) as client:
            counter = client.Counter(f"{path}/counter")
            for _ in range(10):
                counter += 1

    in_threads(4, run)
    with kazoo(shared) as client:
        assert client.Counter(f"{path}/counter").value == 40


def test_tree_cache_follows_the_tree(shared, path):
    with kazoo(shared) as client:
        client.create(f"{path}/a", b"1", makepath=True)
        cache = TreeCache(client, path)
        cache.start()
        try:
            wait_until(lambda: cache.get_data(f"{path}/a"), 10, "the cache holds the znode")
            client.set(f"{path}/a", b"2")
            client.create(f"{path}/a/b", b"3")
            wait_until(lambda: cache.get_data(f"{path}/a/b"), 10, "the cache holds the new child")
            wait_until(lambda: cache.get_data(f"{path}/a").data == b"2", 10, "the cache holds the new data")
        finally:
            cache.close()
