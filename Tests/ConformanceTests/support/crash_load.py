"""A mixed write load whose outcome can be judged after the server was killed at any moment.

Each client writes in a part of the tree of its own and keeps a model of it. It has several requests outstanding; a
kill leaves those undecided. A session's requests are executed in their order, so after a restart the client's part
must look like the model with every acknowledged request done and *the first k* of the undecided ones, for some k.
Anything else is a lost write, a torn multi, a reordering or an execution out of thin air.
"""

import copy
import dataclasses
import random
import threading
import time

from .jute import Writer
from .wire import (
    EPHEMERAL,
    SEQUENTIAL,
    Closed,
    Op,
    Reply,
    Session,
    Wire,
    create_body,
    multi_body,
    multi_check,
    multi_create,
    multi_delete,
    multi_set,
)

WINDOW = 8
LIVE_ZNODES = 120
SESSION_MILLISECONDS = 30_000
TURNS = "/turns"


@dataclasses.dataclass
class Znode:
    data: bytes
    version: int = 0
    owner: int = 0


@dataclasses.dataclass
class Model:
    """What a client's part of the tree holds: its znodes by path, and the tokens of its sequential znodes."""

    znodes: dict[str, Znode] = dataclasses.field(default_factory=dict)
    turns: set[bytes] = dataclasses.field(default_factory=set)


@dataclasses.dataclass
class Request:
    """A request, what it does to the model, and what its reply must say."""

    op: int
    body: bytes
    apply: object
    check: object = None
    token: bytes | None = None


class Ledger:
    """What all clients have seen together: zxids are never used twice, nor are sequence numbers."""

    def __init__(self):
        self.lock = threading.Lock()
        self.zxids: set[int] = set()
        self.highest_zxid = 0
        self.turns: dict[str, bytes] = {}
        self.acknowledged = 0
        self.undecided = 0
        self.lives_begin_after = 0

    def acknowledge(self, zxid: int):
        with self.lock:
            assert zxid not in self.zxids, f"zxid {zxid} was given to two writes"
            assert zxid > self.lives_begin_after, f"zxid {zxid} was below {self.lives_begin_after}, seen in an earlier life"
            self.zxids.add(zxid)
            self.highest_zxid = max(self.highest_zxid, zxid)
            self.acknowledged += 1

    def take_turn(self, name: str, token: bytes):
        with self.lock:
            known = self.turns.setdefault(name, token)
            assert known == token, f"{name} was given to {known!r} and again to {token!r}"

    def begin_life(self):
        with self.lock:
            self.lives_begin_after = self.highest_zxid


class Client:
    """One client: its session over all lives of the server, its model, and its undecided requests."""

    def __init__(self, index: int, ledger: Ledger, seed: int):
        self.index = index
        self.path = f"/client-{index}"
        self.pair = (f"{self.path}/one", f"{self.path}/other")
        self.ledger = ledger
        self.random = random.Random(seed * 1000 + index)
        self.session: Session | None = None
        self.model = Model()
        self.ahead = Model()
        self.outstanding: list[tuple[int, Request]] = []
        self.own_turns: list[str] = []
        self.ordinal = 0
        self.last_zxid = 0
        self.wire: Wire | None = None
        self.failure: BaseException | None = None

    # Lives

    def connect(self, port: int):
        self.wire = Wire(port)
        if self.session is None:
            self.session = self.wire.connect(timeout=SESSION_MILLISECONDS)
            assert self.wire.create(self.path).error == 0
        else:
            attached = self.wire.attach(self.session, timeout=SESSION_MILLISECONDS, seen=self.last_zxid)
            assert attached.session_id == self.session.session_id, f"client {self.index}: the session is gone"

    def run(self, stop: threading.Event):
        """Writes until told to stop or until the connection breaks. What is outstanding then stays undecided."""
        try:
            while not stop.is_set():
                while len(self.outstanding) < WINDOW:
                    request = self.make_request()
                    request.apply(self.ahead)
                    self.outstanding.append((self.wire.submit(request.op, request.body), request))
                self.receive()
            while self.outstanding:
                self.receive()
        except (Closed, OSError):
            pass
        except BaseException as failure:
            self.failure = failure

    def receive(self):
        reply = self.wire.receive()
        xid, request = self.outstanding[0]
        assert isinstance(reply, Reply) and reply.xid == xid, f"client {self.index}: {reply} is no answer to {xid}"
        self.outstanding.pop(0)
        request.apply(self.model)
        request.check(reply)
        assert reply.zxid > self.last_zxid, f"client {self.index}: zxid {reply.zxid} came after {self.last_zxid}"
        self.last_zxid = reply.zxid
        self.ledger.acknowledge(reply.zxid)

    # Requests

    def make_request(self) -> Request:
        self.ordinal += 1
        single = [path for path in self.ahead.znodes if path not in self.pair]
        stable = [path for path in single if self.ahead.znodes[path].owner == 0]
        if len(single) > LIVE_ZNODES:
            return self.make_delete(self.random.choice(single))
        choice = self.random.random()
        if choice < 0.30 or not stable:
            return self.make_create(ephemeral=self.random.random() < 0.2)
        if choice < 0.55:
            return self.make_set(self.random.choice(stable))
        if choice < 0.65:
            return self.make_delete(self.random.choice(single))
        if choice < 0.80:
            return self.make_multi()
        if choice < 0.85:
            return self.make_failing_multi(self.random.choice(stable))
        if len(self.own_turns) < 20:
            return self.make_turn()
        return self.make_turn_end()

    def data(self) -> bytes:
        return b"%d-%d-" % (self.index, self.ordinal) + b"x" * self.random.choice([0, 1, 80, 900, 3000])

    def make_create(self, ephemeral: bool) -> Request:
        path, data = f"{self.path}/n{self.ordinal}", self.data()
        owner = self.session.session_id if ephemeral else 0

        def apply(model: Model):
            model.znodes[path] = Znode(data, 0, owner)

        def check(reply: Reply):
            assert reply.error == 0 and reply.body == path, f"create {path}: {reply}"

        return Request(Op.CREATE, create_body(path, data, flags=EPHEMERAL if ephemeral else 0), apply, check)

    def make_set(self, path: str) -> Request:
        data, version = self.data(), self.ahead.znodes[path].version

        def apply(model: Model):
            model.znodes[path] = Znode(data, version + 1)

        def check(reply: Reply):
            assert reply.error == 0 and reply.body.version == version + 1, f"set {path}: {reply}"

        return Request(Op.SET_DATA, Writer().string(path).buffer(data).int32(version).bytes, apply, check)

    def make_delete(self, path: str) -> Request:
        version = self.ahead.znodes[path].version

        def apply(model: Model):
            del model.znodes[path]

        def check(reply: Reply):
            assert reply.error == 0, f"delete {path}: {reply}"

        return Request(Op.DELETE, Writer().string(path).int32(version).bytes, apply, check)

    def make_multi(self) -> Request:
        """Two znodes that always change together, and one that is made beside them."""
        (one, other), beside, data = self.pair, f"{self.path}/m{self.ordinal}", self.data()
        known, last = self.ahead.znodes.get(one), None
        if known is None:
            parts = [multi_create(one, data), multi_create(other, data), multi_create(beside, data)]
            version = 0
        else:
            version = known.version + 1
            parts = [multi_set(one, data, known.version), multi_create(beside, data), multi_set(other, data, known.version)]
            if earlier := [path for path in self.ahead.znodes if path.startswith(f"{self.path}/m")]:
                last = self.random.choice(earlier)
                parts.append(multi_delete(last))

        def apply(model: Model):
            if last is not None:
                del model.znodes[last]
            model.znodes |= {path: Znode(data, version) for path in (one, other)} | {beside: Znode(data)}

        def check(reply: Reply):
            assert reply.error == 0 and all(error == 0 for _, error, _ in reply.body[:-1]), f"multi: {reply}"

        return Request(Op.MULTI, multi_body(*parts), apply, check)

    def make_failing_multi(self, path: str) -> Request:
        parts = [multi_set(path, b"torn"), multi_create(f"{self.path}/torn"), multi_check(path, 1_000_000)]

        def check(reply: Reply):
            assert [error for _, error, _ in reply.body[:-1]] == [0, 0, -103], f"failing multi: {reply}"

        return Request(Op.MULTI, multi_body(*parts), lambda model: None, check)

    def make_turn(self) -> Request:
        token = b"%d:%d" % (self.index, self.ordinal)

        def apply(model: Model):
            model.turns.add(token)

        def check(reply: Reply):
            assert reply.error == 0, f"sequential create: {reply}"
            self.ledger.take_turn(reply.body, token)
            self.own_turns.append(reply.body)

        return Request(Op.CREATE, create_body(f"{TURNS}/t-", token, flags=SEQUENTIAL), apply, check, token)

    def make_turn_end(self) -> Request:
        name = self.own_turns.pop(0)
        token = self.ledger.turns[name]

        def apply(model: Model):
            model.turns.discard(token)

        def check(reply: Reply):
            assert reply.error == 0, f"delete {name}: {reply}"

        return Request(Op.DELETE, Writer().string(name).int32(-1).bytes, apply, check)

    # Judgement

    def settle(self):
        """Compares what is there with the model; decides the undecided requests, or fails."""
        found = self.read_own_part()
        candidate = copy.deepcopy(self.model)
        differences = [explain(candidate, found)]
        decided = 0
        while differences[-1] and decided < len(self.outstanding):
            self.outstanding[decided][1].apply(candidate)
            decided += 1
            differences.append(explain(candidate, found))
        assert not differences[-1], (
            f"client {self.index}: the tree is that of no prefix of its {len(self.outstanding)} undecided requests."
            f" With none of them: {differences[0]}. With all: {differences[-1]}"
        )
        self.ledger.undecided += len(self.outstanding)
        self.outstanding = []
        self.model, self.ahead = candidate, copy.deepcopy(candidate)
        own = {token: name for name, token in self.ledger.turns.items()}
        self.own_turns = sorted(own[token] for token in self.model.turns)

    def read_own_part(self) -> Model:
        """What the tree holds of this client, read back in full, with Stat checked for what the model cannot know."""
        found = Model()
        names, stat = self.wire.children(self.path).body
        assert stat.child_count == len(names)
        for path in (f"{self.path}/{name}" for name in names):
            data, stat = self.wire.get(path).body
            assert stat.data_length == len(data) and stat.czxid <= stat.mzxid, f"{path}: {stat}"
            assert (stat.version == 0) == (stat.czxid == stat.mzxid), f"{path}: {stat}"
            found.znodes[path] = Znode(data, stat.version, stat.ephemeral_owner)
        own = b"%d:" % self.index
        for name in self.wire.children(TURNS).body[0]:
            token, _ = self.wire.get(f"{TURNS}/{name}").body
            self.ledger.take_turn(f"{TURNS}/{name}", token)
            if token.startswith(own):
                assert token not in found.turns, f"{token!r} was executed twice"
                found.turns.add(token)
        return found


def explain(model: Model, found: Model) -> str:
    """The first difference between what should be and what is; empty when there is none."""
    for path in sorted(model.znodes.keys() | found.znodes.keys()):
        expected, actual = model.znodes.get(path), found.znodes.get(path)
        if expected != actual:
            return f"{path}: expected {brief(expected)}, found {brief(actual)}"
    if model.turns != found.turns:
        return f"sequential znodes: missing {model.turns - found.turns}, unexpected {found.turns - model.turns}"
    return ""


def brief(node: Znode | None) -> str:
    return "nothing" if node is None else f"{node.data[:24]!r} version {node.version} owner {node.owner:#x}"


def abandon_session(port: int, path: str) -> Session:
    """A session of the shortest time with an ephemeral znode, whose client is never heard of again."""
    with Wire(port) as wire:
        session = wire.connect(timeout=1)
        reply = wire.create(path, b"abandoned", flags=EPHEMERAL)
        assert reply.error == 0, reply
        return session


def run_until_killed(server, clients: list[Client], seconds: float):
    """Lets all clients write, kills the server after `seconds`, and waits for the clients to notice."""
    stop = threading.Event()
    threads = [threading.Thread(target=client.run, args=(stop,), daemon=True) for client in clients]
    for thread in threads:
        thread.start()
    time.sleep(seconds)
    server.kill()
    stop.set()
    for thread in threads:
        thread.join(30)
    for client in clients:
        client.wire.close()
        if client.failure:
            raise client.failure
