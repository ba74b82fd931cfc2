"""A client that sends any bytes at all and gives back what came, decoded by the operation that was asked.

It knows no retries, no heartbeats and no watches of its own: what it shows is what the server said, in its order.
"""

import dataclasses
import socket
import struct

from .jute import Reader, Writer

OPEN_ACL = [(31, "world", "anyone")]

PERSISTENT, EPHEMERAL, SEQUENTIAL, EPHEMERAL_SEQUENTIAL, CONTAINER, TTL, TTL_SEQUENTIAL = range(7)

EVENT_XID, PING_XID, AUTH_XID, SET_WATCHES_XID = -1, -2, -4, -8


class Op:
    """Operation codes."""

    CREATE, DELETE, EXISTS, GET_DATA, SET_DATA, GET_ACL, SET_ACL, GET_CHILDREN, SYNC = range(1, 10)
    PING, GET_CHILDREN_2, CHECK, MULTI, CREATE_2, RECONFIG = 11, 12, 13, 14, 15, 16
    CHECK_WATCHES, REMOVE_WATCHES, CREATE_CONTAINER, DELETE_CONTAINER, CREATE_TTL, MULTI_READ = 17, 18, 19, 20, 21, 22
    AUTH, SET_WATCHES, SASL, GET_EPHEMERALS, GET_ALL_CHILDREN_NUMBER, SET_WATCHES_2, ADD_WATCH, WHO_AM_I = range(100, 108)
    CREATE_SESSION, CLOSE_SESSION, ERROR = -10, -11, -1


class Closed(Exception):
    """The server closed the connection."""


@dataclasses.dataclass
class Stat:
    """The 68 bytes of a Stat, in the order of the wire."""

    czxid: int
    mzxid: int
    ctime: int
    mtime: int
    version: int
    cversion: int
    aversion: int
    ephemeral_owner: int
    data_length: int
    child_count: int
    pzxid: int

    @classmethod
    def read(cls, reader: Reader):
        return cls(*struct.unpack(">qqqqiiiqiiq", reader.raw(68)))


@dataclasses.dataclass
class Reply:
    """An answer: its header, and its body by the operation. `rest` are bytes that no field accounts for."""

    xid: int
    zxid: int
    error: int
    body: object = None
    rest: bytes = b""


@dataclasses.dataclass
class Event:
    """A watch that fired."""

    zxid: int
    type: int
    state: int
    path: str


@dataclasses.dataclass
class Session:
    """The answer to a connect request."""

    protocol_version: int
    timeout: int
    session_id: int
    password: bytes
    byte_count: int
    read_only: bool | None


def _multi(reader: Reader) -> list:
    results = []
    while True:
        op, done, error = reader.int32(), reader.boolean(), reader.int32()
        if done:
            return results + [("end", op, error)]
        body = reader.int32() if op == Op.ERROR else BODIES[op](reader) if op in BODIES else None
        results.append((op, error, body))


BODIES = {
    Op.CREATE: lambda r: r.string(),
    Op.CREATE_2: lambda r: (r.string(), Stat.read(r)),
    Op.CREATE_CONTAINER: lambda r: (r.string(), Stat.read(r)),
    Op.CREATE_TTL: lambda r: (r.string(), Stat.read(r)),
    Op.EXISTS: Stat.read,
    Op.GET_DATA: lambda r: (r.buffer(), Stat.read(r)),
    Op.SET_DATA: Stat.read,
    Op.GET_ACL: lambda r: (r.acl(), Stat.read(r)),
    Op.SET_ACL: Stat.read,
    Op.GET_CHILDREN: lambda r: sorted(r.strings()),
    Op.GET_CHILDREN_2: lambda r: (sorted(r.strings()), Stat.read(r)),
    Op.SYNC: lambda r: r.string(),
    Op.MULTI: _multi,
    Op.MULTI_READ: _multi,
    Op.GET_EPHEMERALS: lambda r: sorted(r.strings()),
    Op.GET_ALL_CHILDREN_NUMBER: lambda r: r.int32(),
    Op.ADD_WATCH: lambda r: r.int32(),
    Op.WHO_AM_I: lambda r: sorted((r.string(), r.string()) for _ in range(r.int32())),
}


class Wire:
    """One connection. Requests take the next xid by themselves; replies are decoded by the request of their xid."""

    def __init__(self, port: int, seconds: float = 10.0):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=seconds)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.next_xid = 1
        self.pending: dict[int, int] = {}
        self.session: Session | None = None

    # Bytes

    def send(self, data: bytes):
        self.socket.sendall(data)

    def send_frame(self, payload: bytes):
        self.send(struct.pack(">i", len(payload)) + payload)

    def _receive_exactly(self, count: int) -> bytes:
        data = b""
        while len(data) < count:
            try:
                piece = self.socket.recv(count - len(data))
            except ConnectionResetError:
                piece = b""
            if not piece:
                raise Closed(f"closed after {len(data)} of {count} bytes")
            data += piece
        return data

    def receive_frame(self) -> bytes:
        """The next frame's payload; `Closed` when the server closed, `TimeoutError` when it says nothing."""
        return self._receive_exactly(struct.unpack(">i", self._receive_exactly(4))[0])

    def is_closed(self, seconds: float = 10.0) -> bool:
        """Whether the server closes this connection within the time, without another byte."""
        self.socket.settimeout(seconds)
        try:
            return self.socket.recv(1) == b""
        except ConnectionResetError:
            return True
        except TimeoutError:
            return False

    def close(self):
        """Drops the connection; the session lives on."""
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    # Session

    def connect(self, timeout=10_000, session_id=0, password=bytes(16), seen=0, read_only=False, version=0) -> Session:
        """Opens or attaches a session. `read_only=None` leaves the last byte away, as clients before 3.4 do."""
        request = Writer().int32(version).int64(seen).int32(timeout).int64(session_id).buffer(password)
        if read_only is not None:
            request.boolean(read_only)
        self.send_frame(request.bytes)
        frame = self.receive_frame()
        reader = Reader(frame)
        fields = reader.int32(), reader.int32(), reader.int64(), reader.buffer()
        self.session = Session(*fields, len(frame), reader.boolean() if reader.rest else None)
        return self.session

    def attach(self, session: Session, **options) -> Session:
        return self.connect(session_id=session.session_id, password=session.password, **options)

    # Requests

    def submit(self, op: int, body: bytes = b"", xid: int | None = None) -> int:
        """Sends a request and does not wait. Gives its xid."""
        if xid is None:
            xid, self.next_xid = self.next_xid, self.next_xid + 1
        self.pending[xid] = op
        self.send_frame(Writer().int32(xid).int32(op).bytes + body)
        return xid

    def receive(self) -> Reply | Event:
        """The next thing the server says."""
        reader = Reader(self.receive_frame())
        xid, zxid, error = reader.int32(), reader.int64(), reader.int32()
        if xid == EVENT_XID:
            return Event(zxid, reader.int32(), reader.int32(), reader.string())
        op = self.pending.pop(xid, None)
        body = BODIES[op](reader) if error == 0 and op in BODIES else None
        return Reply(xid, zxid, error, body, reader.rest)

    def call(self, op: int, body: bytes = b"", xid: int | None = None) -> Reply:
        """Sends a request and gives its reply, which must be the next thing the server says."""
        self.submit(op, body, xid)
        reply = self.receive()
        assert isinstance(reply, Reply), f"an event before the reply: {reply}"
        return reply

    # Operations by name

    def create(self, path, data=b"", acl=OPEN_ACL, flags=PERSISTENT, op=Op.CREATE, **options):
        return self.call(op, create_body(path, data, acl, flags), **options)

    def create_ttl(self, path, ttl, data=b"", acl=OPEN_ACL, flags=TTL):
        return self.call(Op.CREATE_TTL, create_body(path, data, acl, flags) + struct.pack(">q", ttl))

    def delete(self, path, version=-1):
        return self.call(Op.DELETE, Writer().string(path).int32(version).bytes)

    def exists(self, path, watch=False):
        return self.call(Op.EXISTS, Writer().string(path).boolean(watch).bytes)

    def get(self, path, watch=False):
        return self.call(Op.GET_DATA, Writer().string(path).boolean(watch).bytes)

    def set(self, path, data, version=-1):
        return self.call(Op.SET_DATA, Writer().string(path).buffer(data).int32(version).bytes)

    def get_acl(self, path):
        return self.call(Op.GET_ACL, Writer().string(path).bytes)

    def set_acl(self, path, acl, version=-1):
        return self.call(Op.SET_ACL, Writer().string(path).acl(acl).int32(version).bytes)

    def children(self, path, watch=False, op=Op.GET_CHILDREN_2):
        return self.call(op, Writer().string(path).boolean(watch).bytes)

    def sync(self, path):
        return self.call(Op.SYNC, Writer().string(path).bytes)

    def ping(self):
        return self.call(Op.PING, xid=PING_XID)

    def auth(self, scheme, credentials, xid=AUTH_XID):
        return self.call(Op.AUTH, Writer().int32(0).string(scheme).buffer(credentials).bytes, xid)

    def multi(self, *operations: tuple[int, bytes], op=Op.MULTI):
        return self.call(op, multi_body(*operations))

    def set_watches(self, relative_zxid, data=[], exist=[], child=[]):
        body = Writer().int64(relative_zxid).strings(data).strings(exist).strings(child)
        return self.call(Op.SET_WATCHES, body.bytes, SET_WATCHES_XID)

    def close_session(self):
        return self.call(Op.CLOSE_SESSION)


def create_body(path, data=b"", acl=OPEN_ACL, flags=PERSISTENT) -> bytes:
    return Writer().string(path).buffer(data).acl(acl).int32(flags).bytes


def multi_body(*operations: tuple[int, bytes]) -> bytes:
    """The operations of a multi, each behind its header, and the header that ends them."""
    writer = Writer()
    for op, body in operations:
        writer.int32(op).boolean(False).int32(-1).raw(body)
    return writer.int32(-1).boolean(True).int32(-1).bytes


def multi_create(path, data=b"", acl=OPEN_ACL, flags=PERSISTENT, op=Op.CREATE):
    return op, create_body(path, data, acl, flags)


def multi_delete(path, version=-1):
    return Op.DELETE, Writer().string(path).int32(version).bytes


def multi_set(path, data, version=-1):
    return Op.SET_DATA, Writer().string(path).buffer(data).int32(version).bytes


def multi_check(path, version=-1):
    return Op.CHECK, Writer().string(path).int32(version).bytes


def multi_get(path, watch=False, op=Op.GET_DATA):
    return op, Writer().string(path).boolean(watch).bytes
