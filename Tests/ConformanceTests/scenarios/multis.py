"""Transactions of several operations: all or nothing, and what is said of each."""

import struct

from support.differential import Stage
from support.jute import Writer
from support.wire import (
    CONTAINER,
    EPHEMERAL,
    OPEN_ACL,
    SEQUENTIAL,
    TTL,
    Op,
    create_body,
    multi_body,
    multi_check,
    multi_create,
    multi_delete,
    multi_get,
    multi_set,
)


def multi_of_all_kinds(stage: Stage):
    """Every operation that a multi may hold, in one, with one zxid."""
    probe = stage.probe()
    path = stage.path
    probe.multi(
        multi_create(f"{path}/a", b"1"),
        multi_create(f"{path}/b", b"2", op=Op.CREATE_2),
        multi_create(f"{path}/c", flags=CONTAINER, op=Op.CREATE_CONTAINER),
        (Op.CREATE_TTL, create_body(f"{path}/t", flags=TTL) + struct.pack(">q", 60_000)),
        multi_create(f"{path}/s-", flags=SEQUENTIAL),
        multi_create(f"{path}/e", flags=EPHEMERAL, op=Op.CREATE_2),
        multi_set(f"{path}/a", b"11", 0),
        multi_check(f"{path}/a", 1),
        multi_delete(f"{path}/b", 0),
    )
    probe.children(path)
    probe.get(f"{path}/a")
    probe.exists(f"{path}/c")
    probe.ping()


def multi_sees_itself(stage: Stage):
    """An operation sees what those before it have done."""
    probe = stage.probe()
    path = stage.path
    probe.multi(
        multi_create(f"{path}/a"), multi_create(f"{path}/a/b"), multi_delete(f"{path}/a/b"), multi_delete(f"{path}/a")
    )
    probe.exists(path)
    probe.multi(multi_create(f"{path}/s", flags=SEQUENTIAL), multi_create(f"{path}/s", flags=SEQUENTIAL))
    probe.multi(multi_set(f"{path}/s0000000001", b"x"), multi_set(f"{path}/s0000000001", b"y", 1))
    probe.multi(multi_create(f"{path}/x"), multi_create(f"{path}/x"))
    probe.children(path)


def multi_fails(stage: Stage):
    """When one fails nothing is done; those before it say 0, it its error, those after it -2."""
    probe = stage.probe()
    path = stage.path
    probe.create(f"{path}/a")
    bad = [
        multi_create(f"{path}/a"), multi_delete(f"{path}/missing"), multi_set(f"{path}/a", b"", 7), multi_check(f"{path}/a", 7),
        multi_check(f"{path}/missing"), multi_create(f"{path}/missing/x"), multi_create(f"{path}/a//x"),
        multi_create(f"{path}/q", acl=[]), multi_delete(path), multi_delete("/"), multi_create(f"{path}/q", flags=99),
        multi_create(f"{path}/.."), multi_set(f"{path}/a/", b""),
    ]  # fmt: skip
    for operation in bad:
        probe.multi(multi_create(f"{path}/new"), multi_set(f"{path}/a", b"x"), operation, multi_check(f"{path}/a"))
        probe.multi(operation)
    probe.multi(multi_create(f"{path}/new"), bad[0], bad[1])
    probe.children(path)
    probe.get(f"{path}/a")


def multi_takes_one_zxid(stage: Stage):
    """One zxid for a whole multi, a failed or an empty one too."""
    probe = stage.probe()
    probe.ping()
    probe.multi()
    probe.multi(multi_create(f"{stage.path}/a"), multi_create(f"{stage.path}/b"))
    probe.multi(multi_create(f"{stage.path}/a"), multi_create(f"{stage.path}/c"))
    probe.ping()


def multi_after_failure(stage: Stage):
    """A failed multi leaves no trace in counts, sequences or versions."""
    probe = stage.probe()
    path = stage.path
    probe.create(f"{path}/a")
    probe.multi(
        multi_create(f"{path}/s", flags=SEQUENTIAL), multi_set(f"{path}/a", b"x"), multi_create(f"{path}/a/b"),
        multi_create(f"{path}/e", flags=EPHEMERAL), multi_delete(f"{path}/missing"),
    )  # fmt: skip
    probe.exists(path)
    probe.get(f"{path}/a")
    probe.create(f"{path}/s", flags=SEQUENTIAL)
    probe.children(path)


def multi_with_ephemerals(stage: Stage):
    """Ephemeral znodes of a multi, and children that they may not have."""
    probe = stage.probe()
    path = stage.path
    probe.multi(multi_create(f"{path}/e", flags=EPHEMERAL), multi_create(f"{path}/e/a"))
    probe.multi(multi_create(f"{path}/e", flags=EPHEMERAL))
    probe.multi(multi_delete(f"{path}/e"), multi_create(f"{path}/e"), multi_create(f"{path}/e/a"))
    probe.children(path)


def multi_with_reads(stage: Stage):
    """A read has no place in a multi."""
    probe = stage.probe()
    probe.multi(multi_get(stage.path))
    probe.multi(multi_create(f"{stage.path}/a"), multi_get(stage.path, op=Op.GET_CHILDREN))
    probe.multi(multi_get(stage.path, op=Op.EXISTS))
    probe.exists(f"{stage.path}/a")


def multi_malformed(stage: Stage):
    """Multis that are cut off, or hold what no multi holds."""
    probe = stage.probe()
    whole = multi_body(multi_create(f"{stage.path}/a"), multi_delete(f"{stage.path}/a"))
    for count in (0, 4, 9, 20, len(whole) - 9, len(whole) - 1):
        probe.call(Op.MULTI, whole[:count])
    probe.multi((999, b""))
    probe.multi((Op.MULTI, multi_body()))
    probe.multi((Op.CLOSE_SESSION, b""))
    probe.exists(stage.path)


def multi_header_fields(stage: Stage):
    """The error in the headers of a request means nothing."""
    probe = stage.probe()
    body = Writer().int32(Op.CREATE).boolean(False).int32(17).raw(create_body(f"{stage.path}/a"))
    probe.call(Op.MULTI, body.int32(3).boolean(True).int32(5).bytes)
    probe.exists(f"{stage.path}/a")


def multi_read(stage: Stage):
    """Reads in one request, each with its own error."""
    probe = stage.probe()
    path = stage.path
    probe.create(f"{path}/a", b"x")
    probe.multi(
        multi_get(f"{path}/a"), multi_get(path, op=Op.GET_CHILDREN), multi_get(f"{path}/missing"), multi_get(f"{path}/a"),
        multi_get(f"{path}/missing", op=Op.GET_CHILDREN), op=Op.MULTI_READ,
    )  # fmt: skip
    probe.multi(op=Op.MULTI_READ)
    probe.ping()


def multi_read_with_writes(stage: Stage):
    """A write has no place among reads."""
    probe = stage.probe()
    probe.multi(multi_create(f"{stage.path}/a"), op=Op.MULTI_READ)
    probe.exists(f"{stage.path}/a")
    probe.multi(multi_get(stage.path, op=Op.EXISTS), op=Op.MULTI_READ)


def multi_checks_access(stage: Stage):
    """A multi is refused whole when one of its operations is not permitted."""
    owner, other = stage.probe(), stage.probe()
    owner.auth("digest", b"bob:pw")
    owner.create(f"{stage.path}/private", acl=[(31, "auth", "")])
    other.multi(multi_create(f"{stage.path}/a"), multi_set(f"{stage.path}/private", b"x"))
    other.multi(multi_check(f"{stage.path}/private"))
    other.multi(multi_create(f"{stage.path}/private/x"), multi_create(f"{stage.path}/b"))
    owner.multi(multi_set(f"{stage.path}/private", b"x"), multi_create(f"{stage.path}/private/x", acl=OPEN_ACL))
    other.children(stage.path)
    other.multi(multi_get(f"{stage.path}/private"), multi_get(stage.path), op=Op.MULTI_READ)
