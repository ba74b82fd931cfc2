"""Bytes that no client sends: each has a defined answer, and nobody else notices."""

import random
import socket
import struct
import time

import pytest

from support.bystander import Bystander
from support.clients import fresh_path
from support.jute import Writer
from support.server import wait_until
from support.wire import OPEN_ACL, Closed, Op, Wire, create_body

HTTP = b"GET / HTTP/1.1\r\nHost: localhost:2181\r\nUser-Agent: curl/8.0\r\nAccept: */*\r\n\r\n"
# The first flight of a TLS 1.3 client: handshake record, client hello.
TLS_HELLO = bytes.fromhex("16030100c8010000c40303") + bytes(range(32)) + bytes.fromhex("20") + bytes(165)


@pytest.fixture
def seed(request):
    return request.config.getoption("--seed") or random.SystemRandom().randrange(1 << 32)


@pytest.fixture(autouse=True)
def bystander(shared):
    """Every test here runs beside a client that must not be disturbed."""
    with Bystander(shared.port) as other:
        wait_until(lambda: other.count or other.failure, 10, "the other client works")
        yield other


def send_and_drain(port: int, data: bytes, seconds: float = 5.0) -> bytes:
    """What the server says to these bytes until it closes; fails if it does not close in time."""
    with socket.create_connection(("127.0.0.1", port), timeout=seconds) as connection:
        answer = b""
        try:
            connection.sendall(data)
            while piece := connection.recv(65536):
                answer += piece
        except (ConnectionResetError, BrokenPipeError):
            pass
        return answer


def test_garbage(shared, seed, report):
    """Random bytes: closed at once when they claim an impossible length, otherwise waited for; never an answer."""
    generator = random.Random(seed)
    for _ in range(200):
        data = generator.randbytes(generator.choice([1, 3, 4, 5, 44, 100, 4096]))
        with socket.create_connection(("127.0.0.1", shared.port), timeout=5) as connection:
            connection.sendall(data)
            length = struct.unpack(">i", data[:4])[0] if len(data) >= 4 else 0
            if length < 0 or length > 1_048_575:
                try:
                    assert connection.recv(1) == b"", f"seed {seed}: an answer to {data[:20]!r}"
                except ConnectionResetError:
                    pass


@pytest.mark.parametrize("length", [-1, -(2**31), 2**31 - 1, 1_048_576, 16 * 1_048_576, 0x41424344])
def test_impossible_lengths(shared, length):
    """A negative or oversized length closes the connection, before and after the handshake."""
    assert send_and_drain(shared.port, struct.pack(">i", length) + b"x" * 100) == b""
    with Wire(shared.port) as wire:
        wire.connect()
        wire.send(struct.pack(">i", length) + b"x" * 100)
        assert wire.is_closed()


def test_impossible_length_is_named_in_the_log(server, bystander):
    """The log says how long the frame was to be, how long it may be, and which setting changes that."""
    server.start()
    send_and_drain(server.port, struct.pack(">i", 5_000_000))
    wait_until(lambda: "5000000" in server.output and "jute.maxbuffer" in server.output, 5, "the log names the length")


@pytest.mark.parametrize("data", [HTTP, TLS_HELLO], ids=["http", "tls"])
def test_other_protocols(shared, data):
    """An HTTP request or a TLS hello is no ZooKeeper client: closed, with an answer that a human understands or none."""
    answer = send_and_drain(shared.port, data)
    assert answer == b"" or b"ZooKeeper" in answer or answer[:1] == b"\x15"
    with Wire(shared.port) as wire:
        wire.connect()
        wire.close_session()


@pytest.mark.parametrize("data,name", [(HTTP, "HTTP"), (TLS_HELLO, "TLS")], ids=["http", "tls"])
def test_other_protocols_are_named_in_the_log(server, data, name):
    server.start()
    send_and_drain(server.port, data)
    wait_until(lambda: name in server.output, 5, f"the log says that somebody spoke {name} here")


def test_half_frames_and_silence(shared):
    """Two hundred connections that stop in the middle of a frame cost nobody anything."""
    halves = []
    for index in range(200):
        connection = socket.create_connection(("127.0.0.1", shared.port), timeout=5)
        connection.sendall((struct.pack(">i", 45) + bytes(44))[: index % 48])
        halves.append(connection)
    with Wire(shared.port) as wire:
        wire.connect()
        path = fresh_path("beside")
        assert wire.create(path).error == 0
        wire.close_session()
    for connection in halves:
        connection.close()


@pytest.mark.slow
def test_silence_is_ended(shared):
    """A connection that never becomes a session is closed after a while; one with a session is not."""
    with socket.create_connection(("127.0.0.1", shared.port), timeout=30) as silent, Wire(shared.port) as wire:
        wire.connect(timeout=40_000)
        silent.sendall(b"\0\0")
        assert silent.recv(1) == b""
        assert wire.ping().error == 0
        wire.close_session()


def test_half_a_request_and_a_close(shared):
    """A client that goes away in the middle of a request has not made it."""
    path = fresh_path("half")
    body = create_body(path, b"x" * 500_000)
    for fraction in (0.001, 0.5, 0.999):
        with Wire(shared.port) as wire:
            wire.connect()
            frame = struct.pack(">iii", len(body) + 8, 1, Op.CREATE) + body
            wire.send(frame[: int(len(frame) * fraction)])
    with Wire(shared.port) as wire:
        wire.connect()
        assert wire.exists(path).error == -101
        wire.close_session()


def test_one_byte_at_a_time(shared):
    """A client as slow as it gets is served all the same."""
    path = fresh_path("slow")
    with Wire(shared.port) as wire:
        request = Writer().int32(0).int64(0).int32(10_000).int64(0).buffer(bytes(16)).boolean(False).bytes
        for byte in struct.pack(">i", len(request)) + request:
            wire.send(bytes([byte]))
        assert len(wire.receive_frame()) == 37
        body = create_body(path)
        for byte in struct.pack(">iii", len(body) + 8, 1, Op.CREATE) + body:
            wire.send(bytes([byte]))
        reply = wire.receive_frame()
        assert struct.unpack(">i", reply[12:16]) == (0,) and reply.endswith(path.encode())


def test_many_frames_in_one_write(shared):
    """A thousand requests in one write, the handshake among them, are all answered in order."""
    path = fresh_path("burst")
    handshake = Writer().int32(0).int64(0).int32(10_000).int64(0).buffer(bytes(16)).boolean(False).bytes
    frames = [struct.pack(">i", len(handshake)) + handshake]
    bodies = [create_body(f"{path}", b"")] + [create_body(f"{path}/{index}", b"x") for index in range(999)]
    frames += [struct.pack(">iii", len(body) + 8, xid, Op.CREATE) + body for xid, body in enumerate(bodies)]
    with Wire(shared.port) as wire:
        wire.send(b"".join(frames))
        assert len(wire.receive_frame()) == 37
        for xid in range(1000):
            assert struct.unpack(">i", wire.receive_frame()[:4]) == (xid,)


def test_mutated_requests(shared, seed):
    """Valid requests with bytes changed: an answer or a close, and the server lives."""
    generator = random.Random(seed)
    path = fresh_path("mutated")
    bodies = [
        (Op.CREATE, create_body(path, b"data")),
        (Op.SET_DATA, Writer().string(path).buffer(b"x").int32(-1).bytes),
        (Op.GET_DATA, Writer().string(path).boolean(True).bytes),
        (Op.GET_CHILDREN_2, Writer().string("/").boolean(False).bytes),
        (Op.SET_ACL, Writer().string(path).acl(OPEN_ACL).int32(-1).bytes),
        (Op.MULTI, Writer().int32(1).boolean(False).int32(-1).raw(create_body(path)).int32(-1).boolean(True).int32(-1).bytes),
        (Op.SET_WATCHES, Writer().int64(0).strings([path]).strings([path]).strings([path]).bytes),
        (Op.AUTH, Writer().int32(0).string("digest").buffer(b"a:b").bytes),
        (Op.CREATE_TTL, create_body(path, flags=5) + struct.pack(">q", 1000)),
        (Op.DELETE, Writer().string(path).int32(-1).bytes),
    ]
    wire = None
    answered = 0
    for _ in range(600):
        if wire is None:
            wire = Wire(shared.port, seconds=5)
            wire.connect(timeout=4000)
        op, body = generator.choice(bodies)
        frame = bytearray(struct.pack(">ii", answered + 1, op) + body)
        for _ in range(generator.choice([1, 1, 2, 4])):
            frame[generator.randrange(4, len(frame))] = generator.choice([0, 1, 0x7F, 0x80, 0xFF, generator.randrange(256)])
        try:
            wire.send_frame(bytes(frame))
            while struct.unpack(">i", wire.receive_frame()[:4])[0] == -1:
                pass
            answered += 1
        except (Closed, OSError) as closed:
            assert not isinstance(closed, TimeoutError), f"seed {seed}: neither an answer nor a close to {bytes(frame)!r}"
            wire.close()
            wire = None
    assert answered > 100


def test_a_reader_that_does_not_read(shared, bystander):
    """A client that asks for much and reads nothing is bounded, and costs the others nothing."""
    path = fresh_path("large")
    with Wire(shared.port) as wire:
        wire.connect()
        assert wire.create(path, b"x" * 1_000_000).error == 0
        wire.socket.setblocking(False)
        body = struct.pack(">ii", 1, Op.GET_DATA) + Writer().string(path).boolean(False).bytes
        frame = struct.pack(">i", len(body)) + body
        before, deadline = bystander.count, time.monotonic() + 20
        for _ in range(400):
            try:
                wire.socket.send(frame)
            except BlockingIOError:
                break
            except OSError:
                break
        wait_until(lambda: bystander.count > before + 50, deadline - time.monotonic(), "the other client goes on")
        assert resident_megabytes(shared.process.pid) < 700


def resident_megabytes(pid: int) -> float:
    with open(f"/proc/{pid}/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS:")) / 1024


def test_many_connections_come_and_go(shared):
    """Sessions opened and dropped in hundreds leave nothing behind that stops the next one."""
    for _ in range(10):
        wires = [Wire(shared.port) for _ in range(40)]
        for wire in wires:
            wire.connect(timeout=4000)
        for index, wire in enumerate(wires):
            if index % 2:
                wire.close_session()
            wire.close()


def test_too_many_connections_of_one_address(server):
    """Beyond maxClientCnxns a further connection of the same address is closed; the others stay."""
    server.settings = {}
    server.start()
    wires = []
    try:
        for _ in range(60):
            wires.append(Wire(server.port))
            wires[-1].connect()
        with Wire(server.port) as further:
            with pytest.raises((Closed, OSError)):
                further.connect()
        assert all(wire.ping().error == 0 for wire in wires)
        wires.pop().close()

        def served_again():
            with Wire(server.port) as further:
                try:
                    return further.connect().session_id
                except (Closed, OSError):
                    return None

        wait_until(served_again, 10, "a place that became free is given again", pause=0.1)
    finally:
        for wire in wires:
            wire.close()


def test_four_letter_words_of_odd_kinds(shared):
    """A word in pieces, an unknown word, a word and more bytes."""
    with socket.create_connection(("127.0.0.1", shared.port), timeout=5) as connection:
        for byte in b"ruok":
            connection.sendall(bytes([byte]))
        assert connection.recv(100) == b"imok"
    assert send_and_drain(shared.port, b"ruok\n") == b"imok"
    assert send_and_drain(shared.port, b"xyzw") == b""
