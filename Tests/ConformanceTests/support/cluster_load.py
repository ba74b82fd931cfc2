"""kazoo clients of one replica, under a mixed load, in a process of their own; all they do is written down.

The process writes a history of JSON lines. Times are those of the
monotonic clock, which all processes of a machine share. A first line on standard input ends the load, a second one the
sessions. An operation of which the client learned nothing has the
outcome "unknown"; what it did is found out by those who read afterwards (`cluster_history`).
"""

import dataclasses
import json
import logging
import random
import sys
import threading
import time

from kazoo.client import KazooClient, KazooState
from kazoo.exceptions import (
    BadVersionError,
    ConnectionClosedError,
    ConnectionLoss,
    NodeExistsError,
    NoNodeError,
    OperationTimeoutError,
    SessionExpiredError,
)
from kazoo.handlers.threading import KazooTimeoutError

ROOT = "/load"
SHARED = [f"{ROOT}/shared/{index}" for index in range(4)]
RACED = [f"{ROOT}/raced/{index}" for index in range(3)]
TURNS = f"{ROOT}/turns"
OWN_REGISTERS = ("a", "b")
PAIR = ("one", "other")
SESSION_SECONDS = 12.0
THINKING_SECONDS = 0.004
#: No operation takes longer, unless nobody leads.
PATIENCE_SECONDS = 60.0

UNKNOWN = (ConnectionLoss, ConnectionClosedError, OperationTimeoutError, SessionExpiredError, KazooTimeoutError)
REFUSALS = {NoNodeError: "no node", NodeExistsError: "exists", BadVersionError: "bad version"}


def own_path(client: str) -> str:
    return f"{ROOT}/{client}"


def prepare(client: KazooClient, names: list[str]):
    """The tree that the clients work in; the registers have version 0 and their own name as data."""
    for path in (ROOT, f"{ROOT}/shared", f"{ROOT}/raced", TURNS, *map(own_path, names)):
        client.create(path)
    for path in registers(names):
        client.create(path, path.encode())


def registers(names: list[str]) -> list[str]:
    """The znodes that are there from the beginning to the end, and only change."""
    own = [f"{own_path(name)}/{part}" for name in names for part in (*OWN_REGISTERS, *PAIR)]
    return SHARED + own


@dataclasses.dataclass
class Known:
    """What a client believes of a znode that only it writes."""

    version: int
    owner: int = 0


class LoadClient:
    """One session and its operations, one at a time."""

    def __init__(self, name: str, hosts: str, seed: str, write):
        self.name, self.path, self.write = name, own_path(name), write
        self.random = random.Random(seed)
        self.client = KazooClient(
            hosts=hosts,
            timeout=SESSION_SECONDS,
            connection_retry={"max_tries": -1, "delay": 0.05, "backoff": 1.5, "max_jitter": 0.2, "max_delay": 0.3},
        )
        self.client.add_listener(self.note_state)
        self.stop = threading.Event()
        self.ordinal = 0
        self.known = {f"{self.path}/{part}": Known(0) for part in (*OWN_REGISTERS, *PAIR)}
        self.turns: list[str] = []
        #: Of an operation that nothing was learned of: to be looked at.
        self.doubtful: set[str] = set()
        self.ended = False

    def note_state(self, state: KazooState):
        if not self.ended:
            self.write({"state": str(state), "c": self.name, "t": time.monotonic()})

    # One operation

    def perform(self, kind: str, keys: list[str], call, **details):
        """Performs it and writes down when, and what came of it. Gives the outcome and the result."""
        begun = time.monotonic()
        result = None
        try:
            result = call()
            outcome = "done"
        except tuple(REFUSALS) as refusal:
            outcome = REFUSALS[type(refusal)]
        except UNKNOWN as failure:
            outcome = "unknown"
            details["why"] = type(failure).__name__
        ended = time.monotonic()
        record = {"k": kind, "keys": keys, "c": self.name, "i": begun, "r": ended, "o": outcome, "x": self.client.last_zxid}
        record |= details
        if outcome == "done" and result is not None:
            record["result"] = describe(kind, result)
        self.write(record)
        return outcome, result

    def data(self) -> bytes:
        self.ordinal += 1
        return b"%s-%d" % (self.name.encode(), self.ordinal)

    def create(self, path: str, **options):
        data = self.data()
        call = lambda: self.client.create(path, data, include_data=True, **options)
        kind = "turn" if options.get("sequence") else "create"
        outcome, result = self.perform(kind, [path], call, data=data.decode(), ephemeral=bool(options.get("ephemeral")))
        return outcome, result

    def set(self, path: str, version: int):
        data = self.data()
        call = lambda: self.client.set(path, data, version)
        return self.perform("set", [path], call, data=data.decode(), version=version)

    def delete(self, path: str, version: int):
        return self.perform("delete", [path], lambda: self.client.delete(path, version), version=version)

    def read(self, path: str, synced: bool):
        def call():
            if synced:
                self.client.sync(path)
            return self.client.get(path)

        return self.perform("synced read" if synced else "read", [path], call)

    def change_pair(self):
        """Two znodes that always change together, and one that is made beside them."""
        paths = [f"{self.path}/{part}" for part in PAIR]
        data, version = self.data(), self.known[paths[0]].version
        paths.append(f"{self.path}/m{self.ordinal}")

        def call():
            multi = self.client.transaction()
            multi.set_data(paths[0], data, version)
            multi.create(paths[2], data)
            multi.set_data(paths[1], data, version)
            results = multi.commit()
            failed = [result for result in results if isinstance(result, Exception)]
            if failed:
                raise next((failure for failure in failed if isinstance(failure, tuple(REFUSALS))), failed[0])
            return results

        outcome, _ = self.perform("multi", paths, call, data=data.decode(), version=version)
        if outcome == "done":
            for path in paths[:2]:
                self.known[path] = Known(version + 1)
            self.known[paths[2]] = Known(0)
        elif outcome == "unknown":
            self.doubtful |= set(paths)

    # The load

    def run(self):
        try:
            while not self.stop.is_set():
                if self.doubtful:
                    self.look_again()
                else:
                    self.do_something()
                self.stop.wait(self.random.expovariate(1 / THINKING_SECONDS))
            while self.doubtful:
                self.look_again()
            self.check_own()
        except BaseException as failure:
            self.write({"failure": repr(failure), "c": self.name, "t": time.monotonic()})
            raise

    def do_something(self):
        choice = self.random.random()
        if choice < 0.22:
            self.change_own()
        elif choice < 0.34:
            self.change_shared()
        elif choice < 0.44:
            self.create_or_delete_own()
        elif choice < 0.54:
            self.race()
        elif choice < 0.62:
            self.change_pair()
        elif choice < 0.69:
            self.take_turn()
        else:
            self.read(self.some_path(), synced=choice < 0.84)

    def some_path(self) -> str:
        own = self.random.choice(list(self.known))
        return self.random.choice([*SHARED, *RACED, own])

    def change_own(self):
        path = f"{self.path}/{self.random.choice(OWN_REGISTERS)}"
        outcome, _ = self.set(path, self.known[path].version)
        if outcome == "done":
            self.known[path].version += 1
        else:
            self.doubtful.add(path)

    def change_shared(self):
        path = self.random.choice(SHARED)
        if self.random.random() < 0.4:
            self.set(path, -1)
            return
        outcome, result = self.read(path, synced=False)
        if outcome == "done":
            self.set(path, result[1].version)

    def race(self):
        path = self.random.choice(RACED)
        if self.random.random() < 0.5:
            self.create(path)
        else:
            self.delete(path, -1)

    def create_or_delete_own(self):
        single = [path for path in self.known if path.rsplit("/", 1)[1][0] in "nme" and path.rsplit("/", 1)[1][1:].isdigit()]
        if len(single) > 12 or (single and self.random.random() < 0.4):
            path = self.random.choice(single)
            outcome, _ = self.delete(path, self.known[path].version)
            if outcome == "done":
                del self.known[path]
                return
        else:
            ephemeral = self.random.random() < 0.4
            path = f"{self.path}/{'e' if ephemeral else 'n'}{self.ordinal + 1}"
            outcome, _ = self.create(path, ephemeral=ephemeral)
            if outcome == "done":
                self.known[path] = Known(0, self.client.client_id[0] if ephemeral else 0)
                return
        self.doubtful.add(path)

    def take_turn(self):
        if len(self.turns) < 6:
            outcome, result = self.create(f"{TURNS}/t-", sequence=True)
            if outcome == "done":
                self.turns.append(result[0])
        else:
            path = self.turns.pop(self.random.randrange(len(self.turns)))
            self.delete(path, -1)

    def look_again(self):
        """Finds out what the operations that nothing was learned of have done."""
        path = next(iter(self.doubtful))
        outcome, result = self.read(path, synced=True)
        if outcome == "done":
            self.known[path] = Known(result[1].version, result[1].ephemeralOwner)
        elif outcome == "no node":
            self.known.pop(path, None)
        if outcome != "unknown":
            self.doubtful.discard(path)

    def check_own(self):
        """At the end: reads all that is its own, ephemerals among it."""
        for path in [*self.known, *self.turns]:
            for _ in range(20):
                outcome, _ = self.read(path, synced=True)
                if outcome != "unknown":
                    break


def describe(kind: str, result) -> dict:
    """What the checker wants to know of a result."""
    if kind in ("create", "turn"):
        path, stat = result
        return {"path": path} | describe_stat(stat)
    if kind == "set":
        return describe_stat(result)
    if kind in ("read", "synced read"):
        return {"data": result[0].decode()} | describe_stat(result[1])
    if kind == "multi":
        first, created, second = result
        return {"path": created, "mzxids": [first.mzxid, second.mzxid], "versions": [first.version, second.version]}
    return {}


def describe_stat(stat) -> dict:
    return {"czxid": stat.czxid, "mzxid": stat.mzxid, "version": stat.version, "owner": stat.ephemeralOwner}


def main():
    logging.disable(logging.CRITICAL)
    settings = json.loads(sys.argv[1])
    lock = threading.Lock()
    with open(settings["history"], "w") as history:

        def write(record: dict):
            line = json.dumps(record) + "\n"
            with lock:
                history.write(line)

        clients = [
            LoadClient(name, settings["hosts"], f"{settings['seed']}-{name}", write) for name in settings["names"]
        ]
        for client in clients:
            client.client.start(timeout=20)
        print("ready", flush=True)
        threads = [threading.Thread(target=client.run) for client in clients]
        for thread in threads:
            thread.start()
        sys.stdin.readline()
        for client in clients:
            client.stop.set()
        for thread in threads:
            thread.join(PATIENCE_SECONDS)
        stuck = [client.name for client, thread in zip(clients, threads) if thread.is_alive()]
        for client in clients:
            client.ended = True
        if not stuck:
            write({"sessions": {client.name: client.client.client_id[0] for client in clients}})
        history.flush()
        print(json.dumps({"stuck": stuck}), flush=True)
        # The parent looks at the tree while the sessions live, and then says that they may end.
        sys.stdin.readline()
        for client in clients:
            client.client.stop()
            client.client.close()


if __name__ == "__main__":
    main()
