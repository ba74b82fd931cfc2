"""Connecting, attaching, closing, and what is said outside of any request."""

import struct

from support.differential import Stage
from support.jute import Writer
from support.wire import AUTH_XID, EPHEMERAL, Op


def connect_lengths(stage: Stage):
    """The reply is 36 or 37 bytes, as the request was 44 or 45."""
    stage.probe(connect=False).connect()
    stage.probe(connect=False).connect(read_only=None)
    stage.probe(connect=False).connect(read_only=True)


def connect_timeouts(stage: Stage):
    """The session's timeout is kept between two and twenty ticks."""
    for timeout in (1, 0, -5, 4000, 5000, 10**9):
        stage.probe(connect=False).connect(timeout=timeout)


def connect_versions(stage: Stage):
    """Another protocol version is answered with version 0."""
    stage.probe(connect=False).connect(version=1)
    stage.probe(connect=False).connect(version=-1)


def connect_passwords(stage: Stage):
    """A new session takes no notice of the password that the client sent."""
    for password in (b"", None, b"short", bytes(100)):
        stage.probe(connect=False).connect(password=password)


def connect_from_the_future(stage: Stage):
    """A client that has seen more than this server is sent away."""
    stage.probe(connect=False).connect(seen=stage.base_zxid + 1_000_000)
    present = stage.probe()
    seen = present.exists(stage.path).zxid
    again = stage.probe(connect=False)
    again.connect(seen=seen)


def attach(stage: Stage):
    """The right password brings back the session, with its ephemeral znodes, on a new connection."""
    first = stage.probe()
    session = first.wire.session
    first.create(f"{stage.path}/e", flags=EPHEMERAL)
    second = stage.probe(connect=False)
    second.attach(session)
    first.expect_close()
    second.exists(f"{stage.path}/e")
    second.create(f"{stage.path}/f", flags=EPHEMERAL)
    third = stage.probe(connect=False)
    third.attach(session, timeout=20_000)
    third.delete(f"{stage.path}/e")


def attach_with_wrong_password(stage: Stage):
    """The wrong password gets no session."""
    owner = stage.probe()
    owner.create(f"{stage.path}/e", flags=EPHEMERAL)
    thief = stage.probe(connect=False)
    thief.connect(session_id=owner.wire.session.session_id, password=b"x" * 16)
    thief.expect_close()
    owner.exists(f"{stage.path}/e")


def attach_unknown_session(stage: Stage):
    """A session that was never there, or was closed, is answered as expired."""
    unknown = stage.probe(connect=False)
    unknown.connect(session_id=0x7711223344556677, password=b"y" * 16)
    unknown.expect_close()
    closed = stage.probe()
    session = closed.wire.session
    closed.close_session()
    closed.expect_close()
    late = stage.probe(connect=False)
    late.attach(session)
    late.expect_close()


def close_session(stage: Stage):
    """Closing deletes the session's ephemeral znodes in one transaction, is answered, and then closes."""
    leaving, watching = stage.probe(), stage.probe()
    leaving.create(f"{stage.path}/e1", flags=EPHEMERAL)
    leaving.create(f"{stage.path}/e2", flags=EPHEMERAL)
    watching.children(stage.path, watch=True)
    leaving.close_session()
    leaving.expect_close()
    watching.drain()
    watching.exists(stage.path)


def ping(stage: Stage):
    """A ping is answered with the newest zxid."""
    probe = stage.probe()
    probe.ping()
    probe.create(f"{stage.path}/a")
    probe.ping()


def pipelined_requests(stage: Stage):
    """Requests sent together are answered in their order, reads and writes alike."""
    probe = stage.probe()
    path = f"{stage.path}/a"
    body = Writer().string(path)
    probe.wire.submit(Op.CREATE, Writer().string(path).buffer(b"1").acl([(31, "world", "anyone")]).int32(0).bytes)
    probe.wire.submit(Op.GET_DATA, body.boolean(False).bytes)
    probe.wire.submit(Op.SET_DATA, Writer().string(path).buffer(b"2").int32(0).bytes)
    probe.wire.submit(Op.GET_DATA, body.bytes)
    probe.wire.submit(Op.DELETE, Writer().string(path).int32(1).bytes)
    probe.wire.submit(Op.EXISTS, body.bytes)
    for _ in range(6):
        probe.record("answer", lambda: probe.wire.receive())


def xids(stage: Stage):
    """Any xid comes back as it was sent."""
    probe = stage.probe()
    for xid in (0, 2**31 - 1, -(2**31), -7, 5, 5):
        probe.create(f"{stage.path}/a", xid=xid)


def unknown_operations(stage: Stage):
    """An operation that does not exist is refused, and the connection closed."""
    for op in (999, 500, -1, 10, 16777216):
        probe = stage.probe()
        probe.call(op)
        probe.expect_close()


def internal_operations(stage: Stage):
    """What only servers say to each other is refused."""
    for op in (Op.CREATE_SESSION, Op.DELETE_CONTAINER):
        probe = stage.probe()
        probe.call(op, Writer().string(stage.path).bytes)
        probe.expect_close()


def check_alone(stage: Stage):
    """A check is for a multi only."""
    probe = stage.probe()
    probe.call(Op.CHECK, Writer().string(stage.path).int32(-1).bytes)
    probe.expect_close()


def truncated_bodies(stage: Stage):
    """A body that ends too early is an error of its own, and the connection stays."""
    bodies = {
        Op.CREATE: Writer().string(stage.path + "/a").bytes,
        Op.DELETE: Writer().string(stage.path + "/a").bytes,
        Op.EXISTS: Writer().int32(100).raw(b"/short").bytes,
        Op.GET_DATA: b"",
        Op.SET_DATA: Writer().string(stage.path + "/a").bytes,
        Op.GET_ACL: b"\x00",
        Op.SET_ACL: Writer().string(stage.path).int32(1000).bytes,
        Op.GET_CHILDREN: Writer().string(stage.path).bytes,
        Op.GET_CHILDREN_2: Writer().int32(2**31 - 1).bytes,
        Op.SYNC: b"\x00\x00",
        Op.CREATE_2: Writer().string(stage.path + "/a").buffer(b"x").int32(-5).bytes,
        Op.CREATE_TTL: Writer().string(stage.path + "/a").buffer(b"").acl([]).int32(5).bytes,
    }
    probe = stage.probe()
    for op, body in bodies.items():
        probe.call(op, body)
    probe.exists(stage.path)


def bytes_after_the_body(stage: Stage):
    """What follows a body is not looked at."""
    probe = stage.probe()
    probe.call(Op.EXISTS, Writer().string(stage.path).boolean(False).raw(b"more").bytes)
    probe.call(Op.CREATE, Writer().string(stage.path + "/a").buffer(b"").acl([(31, "world", "anyone")]).int32(0).raw(b"m").bytes)
    probe.call(Op.PING, b"more")


def auth_digest(stage: Stage):
    """A digest is taken without a check; it counts from then on."""
    probe = stage.probe()
    probe.auth("digest", b"bob:pw")
    probe.auth("digest", b"no colon")
    probe.auth("digest", b"")
    probe.auth("digest", b"bob:pw", xid=7)
    probe.create(f"{stage.path}/a", acl=[(31, "auth", "")])
    probe.get_acl(f"{stage.path}/a")


def auth_unknown_scheme(stage: Stage):
    """A scheme that does not exist is refused, and the connection closed."""
    for scheme in ("kerberos", "", "world"):
        probe = stage.probe()
        probe.auth(scheme, b"x")
        probe.expect_close()


def auth_truncated(stage: Stage):
    """An auth packet that ends too early."""
    probe = stage.probe()
    probe.call(Op.AUTH, Writer().int32(0).bytes, xid=AUTH_XID)
    probe.expect_close()


def sync(stage: Stage):
    """The path of a sync comes back, whatever it is."""
    probe = stage.probe()
    for path in (stage.path, "/missing", "no slash", "", "/a//b"):
        probe.sync(path)


def frame_too_long(stage: Stage):
    """A frame of the limit is read, one byte more closes the connection."""
    probe = stage.probe()
    limit = 1_048_575
    head = Writer().string(stage.path + "/a").bytes
    room = limit - 8 - len(head) - 4 - len(Writer().acl([(31, "world", "anyone")]).int32(0).bytes)
    probe.create(f"{stage.path}/a", data=b"x" * room)
    probe.exists(f"{stage.path}/a")
    probe.wire.send(struct.pack(">i", limit + 1))
    probe.expect_close()
    negative = stage.probe()
    negative.wire.send(struct.pack(">i", -1))
    negative.expect_close()


def empty_frame(stage: Stage):
    """A frame too short for a header closes the connection."""
    for payload in (b"", b"\x00" * 7):
        probe = stage.probe()
        probe.wire.send_frame(payload)
        probe.expect_close()


def requests_before_connect(stage: Stage):
    """The first frame is taken for a connect request, whatever it was meant to be."""
    probe = stage.probe(connect=False)
    probe.call(Op.EXISTS, Writer().string(stage.path).boolean(False).bytes)
    probe.expect_close()
