"""Creating, reading, changing and deleting znodes: the rules of paths, versions, sequences and Stat."""

from support.differential import Stage
from support.jute import Writer
from support.wire import (
    CONTAINER,
    EPHEMERAL,
    EPHEMERAL_SEQUENTIAL,
    OPEN_ACL,
    PERSISTENT,
    SEQUENTIAL,
    TTL,
    TTL_SEQUENTIAL,
    Op,
    create_body,
)

INVALID_NAMES = [
    "a//b", "a/./b", "a/../b", "a/", ".", "..", "./b", "../b", "a/.", "a/..", "a\0b", "a\x01b", "a\x1fb", "a\x7fb",
    "a\x9fb", "a\ue000b", "a\uf8ffb", "a\ufff0b", "a\uffffb", "\U0001f600", "a\U0001f600/b", "\0", "a/\0",
]  # fmt: skip
VALID_NAMES = [
    "...", ".a", "a.", "..a", " ", "a b", "a\xa0b", "\xe4", "\u4e2d\u6587", "a\ud7ffb", "a\uf900b", "a\uffefb", "%2F", "~",
    "x" * 1000,
]  # fmt: skip


def create(stage: Stage):
    """What a create answers, and what it does to the parent."""
    probe = stage.probe()
    probe.create(f"{stage.path}/a", b"1")
    probe.create(f"{stage.path}/b", b"22", op=Op.CREATE_2)
    probe.create(f"{stage.path}/b", b"", op=Op.CREATE_2)
    probe.create(f"{stage.path}/a")
    probe.create(f"{stage.path}/missing/a")
    probe.get(f"{stage.path}/a")
    probe.exists(stage.path)
    probe.delete(f"{stage.path}/a")
    probe.exists(stage.path)


def create_flags(stage: Stage):
    """Every flag of every kind of create, and those that do not exist."""
    probe = stage.probe()
    for op in (Op.CREATE, Op.CREATE_2, Op.CREATE_CONTAINER):
        for flags in (PERSISTENT, EPHEMERAL, SEQUENTIAL, EPHEMERAL_SEQUENTIAL, CONTAINER, TTL, TTL_SEQUENTIAL, 7, -1, 99):
            probe.create(f"{stage.path}/n{op}-{flags}", flags=flags, op=op)
    probe.children(stage.path)


def create_ttl(stage: Stage):
    """Times to live: their bounds, and which flags they go with."""
    probe = stage.probe()
    for ttl in (1, 0, -1, 1_099_511_627_775, 1_099_511_627_776, 2**63 - 1, 60_000):
        probe.create_ttl(f"{stage.path}/t{ttl}", ttl)
    for flags in (PERSISTENT, EPHEMERAL, SEQUENTIAL, EPHEMERAL_SEQUENTIAL, CONTAINER, TTL_SEQUENTIAL, 7):
        probe.create_ttl(f"{stage.path}/f{flags}", 60_000, flags=flags)
    probe.children(stage.path)


def containers(stage: Stage):
    """A container shows no owner and takes children."""
    probe = stage.probe()
    probe.create(f"{stage.path}/c", flags=CONTAINER)
    probe.exists(f"{stage.path}/c")
    probe.create(f"{stage.path}/c/a", op=Op.CREATE_2)
    probe.exists(f"{stage.path}/c")
    probe.delete(f"{stage.path}/c")
    probe.create(f"{stage.path}/d", flags=CONTAINER, op=Op.CREATE_CONTAINER)
    probe.exists(f"{stage.path}/d")


def ephemerals(stage: Stage):
    """An ephemeral znode names its owner and has no children."""
    probe = stage.probe()
    probe.create(f"{stage.path}/e", flags=EPHEMERAL, op=Op.CREATE_2)
    probe.create(f"{stage.path}/e/a")
    probe.create(f"{stage.path}/e/a", flags=SEQUENTIAL)
    probe.create(f"{stage.path}/e/a/b")
    probe.set(f"{stage.path}/e", b"x")
    probe.exists(f"{stage.path}/e")
    other = stage.probe()
    other.delete(f"{stage.path}/e")
    probe.create(f"{stage.path}/e", flags=EPHEMERAL)


def sequences(stage: Stage):
    """The suffix counts the creates below the parent, of any kind, and deletes do not count."""
    probe = stage.probe()
    for _ in range(3):
        probe.create(f"{stage.path}/s-", flags=SEQUENTIAL)
    probe.delete(f"{stage.path}/s-0000000001")
    probe.create(f"{stage.path}/s-", flags=EPHEMERAL_SEQUENTIAL)
    probe.create(f"{stage.path}/plain")
    probe.create(f"{stage.path}/s-", flags=SEQUENTIAL, op=Op.CREATE_2)
    probe.create(f"{stage.path}/", flags=SEQUENTIAL)
    probe.create(f"{stage.path}/plain")
    probe.create(f"{stage.path}/other", flags=SEQUENTIAL)
    probe.create_ttl(f"{stage.path}/ttl", 60_000, flags=TTL_SEQUENTIAL)
    probe.create(f"{stage.path}/missing/s-", flags=SEQUENTIAL)
    probe.children(stage.path)


def sequences_below_a_changed_parent(stage: Stage):
    """Neither data nor ACL changes nor failed creates move the suffix."""
    probe = stage.probe()
    probe.set(stage.path, b"x")
    probe.set_acl(stage.path, OPEN_ACL)
    probe.create(f"{stage.path}/a/b")
    probe.create(f"{stage.path}/s", flags=SEQUENTIAL)
    probe.create(f"{stage.path}/s0000000001")
    probe.create(f"{stage.path}/s", flags=SEQUENTIAL)
    probe.exists(stage.path)


def invalid_paths(stage: Stage):
    """Paths that no znode may have, in every operation that takes one."""
    probe = stage.probe()
    probe.create(f"{stage.path}/a")
    for name in INVALID_NAMES:
        path = f"{stage.path}/{name}"
        probe.create(path)
        probe.create(path, flags=SEQUENTIAL)
        probe.exists(path)
        probe.get(path)
        probe.delete(path)
        probe.set(path, b"")
        probe.children(path)
        probe.get_acl(path)
    probe.children(stage.path)


def paths_of_odd_shape(stage: Stage):
    """No slash in front, no text, no path."""
    probe = stage.probe()
    for path in ("a", "a/b", "//", "/ ", None, b"\xff\xfe", b"/\xff\xfe", b"/\xed\xa0\x80"):
        probe.exists(path)
        probe.get(path)
        probe.children(path)
        probe.delete(path)
        probe.set(path, b"x")
    for path in ("", "a", "a/b", "//", None):
        probe.create(path)
        probe.create(path, flags=EPHEMERAL_SEQUENTIAL)


def valid_paths(stage: Stage):
    """Names that look odd and are well."""
    probe = stage.probe()
    for name in VALID_NAMES:
        probe.create(f"{stage.path}/{name}", name.encode("utf-8", "surrogatepass")[:8])
        probe.get(f"{stage.path}/{name}")
    probe.children(stage.path)


def deep_path(stage: Stage):
    """A path of a hundred components."""
    probe = stage.probe()
    path = stage.path
    for depth in range(100):
        path += f"/{depth}"
        probe.create(path)
    probe.get(path)
    probe.delete(path)


def data(stage: Stage):
    """No data is kept apart from empty data."""
    probe = stage.probe()
    probe.create(f"{stage.path}/null", None)
    probe.create(f"{stage.path}/empty", b"")
    probe.get(f"{stage.path}/null")
    probe.get(f"{stage.path}/empty")
    probe.set(f"{stage.path}/null", b"")
    probe.get(f"{stage.path}/null")
    probe.set(f"{stage.path}/empty", None)
    probe.get(f"{stage.path}/empty")
    for count in (1, 1023, 1024, 1025, 4096, 65_536, 1_000_000):
        probe.set(f"{stage.path}/empty", bytes(count))
        probe.get(f"{stage.path}/empty")


def set_data(stage: Stage):
    """Versions count the changes, and guard them."""
    probe = stage.probe()
    path = f"{stage.path}/a"
    probe.create(path, b"0")
    for version in (0, -1, 1, 2, -5, -2, 2**31 - 1):
        probe.set(path, b"x", version)
    probe.set(f"{stage.path}/missing", b"x")
    probe.set(f"{stage.path}/missing", b"x", 5)
    probe.get(path)
    probe.exists(stage.path)


def delete(stage: Stage):
    """Versions first, then children; the parent keeps count."""
    probe = stage.probe()
    probe.create(f"{stage.path}/a")
    probe.create(f"{stage.path}/a/b")
    for version in (1, -5, 0, -1):
        probe.delete(f"{stage.path}/a", version)
    probe.delete(f"{stage.path}/a/b", 0)
    probe.exists(f"{stage.path}/a")
    probe.delete(f"{stage.path}/a", 0)
    probe.delete(f"{stage.path}/a", 0)
    probe.delete(f"{stage.path}/a/b")
    probe.exists(stage.path)
    probe.create(f"{stage.path}/a", op=Op.CREATE_2)
    probe.exists(stage.path)


def delete_what_must_stay(stage: Stage):
    """The root and ZooKeeper's own znodes are not deleted."""
    probe = stage.probe()
    for path in ("/", "/zookeeper", "/zookeeper/quota", "/zookeeper/config"):
        probe.delete(path)
        probe.delete(path, 99)


def system_znodes(stage: Stage):
    """What stands in a tree from the start."""
    probe = stage.probe()
    for path in ("/zookeeper", "/zookeeper/quota", "/zookeeper/config"):
        probe.exists(path)
        probe.get(path)
        probe.get_acl(path)
        probe.children(path)
    probe.set("/zookeeper/config", b"x")
    probe.create("/zookeeper/config/a")


def read_missing(stage: Stage):
    """Reading what is not there."""
    probe = stage.probe()
    path = f"{stage.path}/missing"
    probe.exists(path)
    probe.get(path)
    probe.get_acl(path)
    probe.children(path)
    probe.children(path, op=Op.GET_CHILDREN)
    probe.set_acl(path, OPEN_ACL)


def children(stage: Stage):
    """Both ways to list children, of many and of none."""
    probe = stage.probe()
    for index in range(50):
        probe.create(f"{stage.path}/{index}")
    probe.children(stage.path)
    probe.children(stage.path, op=Op.GET_CHILDREN)
    probe.children(f"{stage.path}/7")
    probe.children(f"{stage.path}/7", op=Op.GET_CHILDREN)


def children_stat(stage: Stage):
    """cversion counts creates and deletes, pzxid is that of the last one."""
    probe = stage.probe()
    for name in "abc":
        probe.create(f"{stage.path}/{name}")
    probe.delete(f"{stage.path}/b")
    probe.set(f"{stage.path}/a", b"x")
    probe.create(f"{stage.path}/a/below")
    probe.children(stage.path)
    probe.create(f"{stage.path}/a")
    probe.delete(f"{stage.path}/a")
    probe.exists(stage.path)


def failed_writes_take_a_zxid(stage: Stage):
    """A write that fails takes a zxid, a read does not."""
    probe = stage.probe()
    path = f"{stage.path}/missing"
    probe.exists(stage.path)
    probe.set(path, b"")
    probe.exists(stage.path)
    probe.delete(path)
    probe.set_acl(path, OPEN_ACL)
    probe.create(f"{path}/a")
    probe.create(stage.path)
    probe.exists(path)
    probe.ping()
    probe.create(f"{stage.path}/a", op=Op.CREATE_2)


def sessions_take_a_zxid(stage: Stage):
    """Opening and closing a session take one zxid each; attaching takes none."""
    probe = stage.probe()
    probe.ping()
    other = stage.probe()
    probe.ping()
    again = stage.probe(connect=False)
    again.attach(other.wire.session)
    probe.ping()
    again.close_session()
    probe.ping()


def get_ephemerals(stage: Stage):
    """The session's own ephemeral znodes below a prefix."""
    probe, other = stage.probe(), stage.probe()
    for owner, name in ((probe, "a"), (probe, "ab"), (other, "ac")):
        owner.create(f"{stage.path}/{name}", flags=EPHEMERAL)
    for prefix in (stage.path, f"{stage.path}/ab", "/", "", "/missing"):
        probe.call(Op.GET_EPHEMERALS, Writer().string(prefix).bytes)


def get_all_children_number(stage: Stage):
    """How many znodes are below a path."""
    probe = stage.probe()
    for name in ("a", "a/b", "a/b/c", "ab"):
        probe.create(f"{stage.path}/{name}")
    for path in (stage.path, f"{stage.path}/a", f"{stage.path}/ab", "/missing"):
        probe.call(Op.GET_ALL_CHILDREN_NUMBER, Writer().string(path).bytes)


def create_with_bad_acl(stage: Stage):
    """Which of several errors a create gives: the order of the checks."""
    probe = stage.probe()
    for path in (f"{stage.path}/a", f"{stage.path}/missing/a", f"{stage.path}/a//b", stage.path):
        for acl in (None, [], [(31, "nobody", "x")]):
            probe.call(Op.CREATE, create_body(path, acl=acl))
    probe.call(Op.CREATE, create_body(f"{stage.path}/a", acl=[], flags=99))
    probe.call(Op.CREATE, create_body("no slash", acl=[], flags=99))
