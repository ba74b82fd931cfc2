"""Who may do what: lists of access, the schemes world, auth and digest, and the super user."""

from support.differential import Stage
from support.wire import OPEN_ACL, Op

READ, WRITE, CREATE, DELETE, ADMIN, ALL = 1, 2, 4, 8, 16, 31
BOB = "bob:ikIaKsbtGweaHnb/jKn7OHqbunM="


def invalid_lists(stage: Stage):
    """Lists that are refused, in create and in setACL."""
    probe = stage.probe()
    lists = [
        None, [], [(31, "world", "x")], [(31, "world", "")], [(31, "nobody", "x")], [(31, "", "")], [(31, None, None)],
        [(31, "auth", "")], [(31, "auth", "x")], [(31, "digest", "no colon")], [(31, "digest", "")], [(31, "digest", "a:b:c")],
        [(31, "digest", None)], [(0, "world", "anyone")], [(-1, "world", "anyone")], [(1 << 20, "world", "anyone")],
        [(31, "world", "anyone"), (31, "nobody", "x")], [(31, "super", "x")], [(31, "x509", "CN=x")], [(31, "sasl", "x")],
        [(31, "world", "anyone")] * 2, [(31, "digest", ":")], [(31, "World", "anyone")], [(31, "digest", "x:y")],
    ]  # fmt: skip
    for index, acl in enumerate(lists):
        probe.create(f"{stage.path}/{index}", acl=acl)
        probe.get_acl(f"{stage.path}/{index}")
        probe.create(f"{stage.path}/s{index}")
        probe.set_acl(f"{stage.path}/s{index}", acl)
    probe.children(stage.path)


def address_lists(stage: Stage):
    """Entries by address: which are valid, and whether they let this connection in."""
    probe = stage.probe()
    for index, address in enumerate(
        ["127.0.0.1", "127.0.0.0/8", "10.0.0.1", "127.0.0.1/33", "127.0.0.1/0", "localhost", "", "1.2.3", "127.0.0.1/-1"]
    ):
        probe.create(f"{stage.path}/{index}", acl=[(31, "ip", address)])
        probe.get(f"{stage.path}/{index}")


def each_permission(stage: Stage):
    """What each permission alone lets one do, on the znode and on its parent."""
    probe = stage.probe()
    for permission in (READ, WRITE, CREATE, DELETE, ADMIN, READ | ADMIN, 0):
        path = f"{stage.path}/{permission}"
        probe.create(path)
        probe.create(f"{path}/child")
        probe.set_acl(path, [(permission, "world", "anyone")])
        probe.get(path)
        probe.exists(path)
        probe.children(path)
        probe.children(path, op=Op.GET_CHILDREN)
        probe.get_acl(path)
        probe.set(path, b"x")
        probe.create(f"{path}/new")
        probe.create(f"{path}/child")
        probe.create(f"{path}/new/below")
        probe.delete(f"{path}/child", 7)
        probe.delete(f"{path}/child")
        probe.set_acl(path, OPEN_ACL, 99)
        probe.set_acl(path, OPEN_ACL)


def digests(stage: Stage):
    """A digest lets in who has proven it, and shows itself whole only to who may change it."""
    owner, other = stage.probe(), stage.probe()
    owner.auth("digest", b"bob:pw")
    path = f"{stage.path}/a"
    owner.create(path, b"secret", acl=[(ALL, "digest", BOB), (READ, "world", "anyone")])
    owner.get_acl(path)
    other.get_acl(path)
    other.get(path)
    other.set(path, b"x")
    other.auth("digest", b"bob:wrong")
    other.set(path, b"x")
    other.auth("digest", b"bob:pw")
    other.set(path, b"x")
    other.get_acl(path)


def auth_expands(stage: Stage):
    """auth stands for every identity that the connection has proven."""
    probe = stage.probe()
    probe.auth("digest", b"bob:pw")
    probe.auth("digest", b"alice:pw")
    probe.create(f"{stage.path}/a", acl=[(READ, "auth", "whatever"), (ALL, "auth", "")])
    probe.get_acl(f"{stage.path}/a")
    probe.create(f"{stage.path}/b", acl=[(ALL, "auth", ""), (READ, "world", "anyone")])
    probe.get_acl(f"{stage.path}/b")


def access_is_not_inherited(stage: Stage):
    """A child has its own list and no other."""
    probe = stage.probe()
    probe.auth("digest", b"bob:pw")
    probe.create(f"{stage.path}/a", acl=[(ALL, "auth", "")])
    probe.create(f"{stage.path}/a/b")
    other = stage.probe()
    other.get(f"{stage.path}/a/b")
    other.children(f"{stage.path}/a")
    other.delete(f"{stage.path}/a/b")
    other.delete(f"{stage.path}/a")
    probe.delete(f"{stage.path}/a/b")


def identities_stay_with_the_connection(stage: Stage):
    """What was proven on one connection is not proven on the next, though the session is the same."""
    probe = stage.probe()
    probe.auth("digest", b"bob:pw")
    probe.create(f"{stage.path}/a", acl=[(ALL, "auth", "")])
    again = stage.probe(connect=False)
    again.attach(probe.wire.session)
    again.get(f"{stage.path}/a")
    again.auth("digest", b"bob:pw")
    again.get(f"{stage.path}/a")


def set_acl(stage: Stage):
    """Versions of the list are counted apart, and change neither mzxid nor mtime."""
    probe = stage.probe()
    path = f"{stage.path}/a"
    probe.create(path)
    for version in (0, 0, 1, -1, 7, -3):
        probe.set_acl(path, [(ALL, "world", "anyone")], version)
    probe.exists(path)
    probe.get_acl(path)
    probe.exists(stage.path)


def errors_in_order(stage: Stage):
    """Which error comes first when several apply: missing, permission, version."""
    probe = stage.probe()
    probe.create(f"{stage.path}/a")
    probe.create(f"{stage.path}/a/b")
    probe.set_acl(f"{stage.path}/a", [(READ, "world", "anyone")])
    probe.set(f"{stage.path}/a", b"x", 9)
    probe.set_acl(f"{stage.path}/a", [], 9)
    probe.set_acl(f"{stage.path}/missing", [])
    probe.create(f"{stage.path}/a/b")
    probe.create(f"{stage.path}/a/c", acl=[])
    probe.create(f"{stage.path}/a/c//d", acl=[])
    probe.delete(f"{stage.path}/a/b", 9)
    probe.delete(f"{stage.path}/a/missing", 9)
    probe.set_acl(f"{stage.path}/a", [], 0)


def super_digest_unknown(stage: Stage):
    """Whoever says to be the super user with the wrong password is nobody."""
    probe = stage.probe()
    probe.create(f"{stage.path}/a", acl=[(READ, "digest", BOB)])
    probe.auth("digest", b"super:wrong")
    probe.get(f"{stage.path}/a")
    probe.set("/zookeeper/config", b"x")


def who_am_i(stage: Stage):
    """The identities of the connection, its address among them."""
    probe = stage.probe()
    probe.call(Op.WHO_AM_I)
    probe.auth("digest", b"bob:pw")
    probe.call(Op.WHO_AM_I)
