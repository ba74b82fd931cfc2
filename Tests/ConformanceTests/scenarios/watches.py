"""Watches: what fires them, in which order with the replies, and how they come back after a reconnect."""

from support.differential import Stage
from support.jute import Writer
from support.wire import EPHEMERAL, OPEN_ACL, Op, multi_create, multi_delete, multi_set


def data_watches(stage: Stage):
    """exists and getData watch the znode's data and its end; each watch fires once."""
    probe = stage.probe()
    path = f"{stage.path}/a"
    probe.exists(path, watch=True)
    probe.create(path)
    probe.set(path, b"1")
    probe.get(path, watch=True)
    probe.set(path, b"2")
    probe.set(path, b"3")
    probe.exists(path, watch=True)
    probe.get(path, watch=True)
    probe.set_acl(path, OPEN_ACL)
    probe.create(f"{path}/below")
    probe.delete(f"{path}/below")
    probe.delete(path)
    probe.create(path)


def get_of_a_missing_znode_leaves_no_watch(stage: Stage):
    """Only exists watches what is not there."""
    probe = stage.probe()
    path = f"{stage.path}/a"
    probe.get(path, watch=True)
    probe.children(path, watch=True)
    probe.create(path)
    probe.delete(path)


def child_watches(stage: Stage):
    """getChildren watches the list of children, not their data, and the end of the parent."""
    probe = stage.probe()
    path = f"{stage.path}/a"
    probe.create(path)
    for op in (Op.GET_CHILDREN, Op.GET_CHILDREN_2):
        probe.children(path, watch=True, op=op)
        probe.set(path, b"x")
        probe.create(f"{path}/b")
        probe.children(path, watch=True, op=op)
        probe.set(f"{path}/b", b"x")
        probe.create(f"{path}/b/c")
        probe.delete(f"{path}/b/c")
        probe.delete(f"{path}/b")
    probe.children(path, watch=True)
    probe.delete(path)


def both_watches_on_one_znode(stage: Stage):
    """A delete tells a watcher of data and children once."""
    probe = stage.probe()
    path = f"{stage.path}/a"
    probe.create(path)
    probe.get(path, watch=True)
    probe.exists(path, watch=True)
    probe.children(path, watch=True)
    probe.children(stage.path, watch=True)
    probe.delete(path)
    probe.create(path)


def events_of_others(stage: Stage):
    """A watcher hears of another session's write before it can read its effect."""
    writer, watcher = stage.probe(), stage.probe()
    path = f"{stage.path}/a"
    watcher.exists(path, watch=True)
    watcher.children(stage.path, watch=True)
    writer.create(path)
    watcher.get(path, watch=True)
    writer.set(path, b"1")
    watcher.get(path)
    watcher.exists(path, watch=True)
    writer.delete(path)
    watcher.drain()


def failed_writes_fire_nothing(stage: Stage):
    """Nothing has changed, so nothing is told."""
    probe = stage.probe()
    probe.create(f"{stage.path}/a")
    probe.get(f"{stage.path}/a", watch=True)
    probe.children(stage.path, watch=True)
    probe.set(f"{stage.path}/a", b"x", 9)
    probe.delete(f"{stage.path}/a", 9)
    probe.create(f"{stage.path}/a")
    probe.multi(multi_set(f"{stage.path}/a", b"x"), multi_delete(f"{stage.path}/missing"))
    probe.ping()


def events_of_a_multi(stage: Stage):
    """The events of a multi come one by one, in the order of its operations, and all before its reply."""
    probe = stage.probe()
    path = stage.path
    probe.create(f"{path}/a")
    probe.create(f"{path}/b")
    probe.get(f"{path}/a", watch=True)
    probe.get(f"{path}/b", watch=True)
    probe.exists(f"{path}/c", watch=True)
    probe.children(path, watch=True)
    probe.multi(
        multi_delete(f"{path}/b"), multi_set(f"{path}/a", b"x"), multi_create(f"{path}/c"), multi_delete(f"{path}/a")
    )
    probe.ping()


def ephemerals_of_a_closed_session(stage: Stage):
    """The end of a session fires the watches of its ephemeral znodes."""
    owner, watcher = stage.probe(), stage.probe()
    path = f"{stage.path}/e"
    owner.create(path, flags=EPHEMERAL)
    watcher.get(path, watch=True)
    watcher.children(stage.path, watch=True)
    owner.close_session()
    watcher.drain()
    watcher.exists(path)


def watches_end_with_the_connection(stage: Stage):
    """A watch belongs to the connection that set it."""
    first = stage.probe()
    first.exists(f"{stage.path}/a", watch=True)
    second = stage.probe(connect=False)
    second.attach(first.wire.session)
    second.create(f"{stage.path}/a")
    second.ping()


def set_watches(stage: Stage):
    """setWatches tells what was missed and arms the rest; its events come before its reply."""
    writer, watcher = stage.probe(), stage.probe()
    path = stage.path
    for name in ("same", "changed", "deleted", "children-same", "children-changed", "children-deleted"):
        writer.create(f"{path}/{name}")
    seen = watcher.ping().zxid
    writer.set(f"{path}/changed", b"x")
    writer.delete(f"{path}/deleted")
    writer.create(f"{path}/children-changed/a")
    writer.delete(f"{path}/children-deleted")
    writer.create(f"{path}/created")
    again = stage.probe(connect=False)
    again.attach(watcher.wire.session)
    for data, exist, child in (
        (["same"], [], []), (["changed"], [], []), (["deleted"], [], []), ([], ["absent"], []), ([], ["created"], []),
        ([], ["same"], []), ([], [], ["children-same"]), ([], [], ["children-changed"]), ([], [], ["children-deleted"]),
    ):  # fmt: skip
        named = [[f"{path}/{name}" for name in names] for names in (data, exist, child)]
        again.record(f"set_watches({data}, {exist}, {child})", again.wire.set_watches, seen, *named)
    writer.set(f"{path}/same", b"x")
    writer.create(f"{path}/absent")
    writer.create(f"{path}/children-same/a")
    again.drain()


def set_watches_together(stage: Stage):
    """Many watches in one request, then what they fire."""
    probe = stage.probe()
    path = stage.path
    for index in range(5):
        probe.create(f"{path}/{index}")
    zxid = probe.ping().zxid
    named = [f"{path}/{index}" for index in range(5)]
    probe.record("set_watches", probe.wire.set_watches, zxid, named, [f"{path}/new"], named)
    probe.multi(*(multi_set(name, b"x") for name in named))
    probe.create(f"{path}/new")
    probe.multi(*(multi_delete(name) for name in named))


def set_watches_malformed(stage: Stage):
    """A setWatches that ends too early."""
    probe = stage.probe()
    probe.call(Op.SET_WATCHES, Writer().int64(0).strings([]).bytes, -8)
    probe.call(Op.SET_WATCHES, Writer().int64(0).strings(None).strings(None).strings(None).bytes, -8)
    probe.ping()


def recreated_before_set_watches(stage: Stage):
    """A znode that was deleted and made again has changed for who watches its data."""
    probe = stage.probe()
    path = f"{stage.path}/a"
    probe.create(path)
    zxid = probe.ping().zxid
    probe.delete(path)
    probe.create(path)
    probe.record("set_watches", probe.wire.set_watches, zxid, [path], [], [path])
    probe.record("set_watches", probe.wire.set_watches, zxid, [], [path], [])


def add_watch(stage: Stage):
    """Persistent watches, recursive ones too, fire again and again."""
    probe = stage.probe()
    path = stage.path
    for mode in (2, -1):
        probe.call(Op.ADD_WATCH, Writer().string(path).int32(mode).bytes)
    probe.call(Op.ADD_WATCH, Writer().string(f"{path}/a").int32(0).bytes)
    probe.create(f"{path}/a")
    probe.set(f"{path}/a", b"x")
    probe.create(f"{path}/a/b")
    probe.set(f"{path}/a/b", b"x")
    probe.delete(f"{path}/a/b")
    probe.delete(f"{path}/a")
    probe.call(Op.ADD_WATCH, Writer().string(path).int32(1).bytes)
    probe.create(f"{path}/a")
    probe.create(f"{path}/a/b")
    probe.set(f"{path}/a/b", b"x")
    probe.delete(f"{path}/a/b")
    probe.delete(f"{path}/a")


def remove_watches(stage: Stage):
    """Watches are checked for and removed by kind."""
    probe = stage.probe()
    path = f"{stage.path}/a"
    probe.create(path)
    probe.get(path, watch=True)
    for kind in (1, 2, 3, 9):
        probe.call(Op.CHECK_WATCHES, Writer().string(path).int32(kind).bytes)
    probe.call(Op.REMOVE_WATCHES, Writer().string(path).int32(1).bytes)
    probe.call(Op.REMOVE_WATCHES, Writer().string(path).int32(2).bytes)
    probe.call(Op.REMOVE_WATCHES, Writer().string(path).int32(2).bytes)
    probe.set(path, b"x")
    probe.children(path, watch=True)
    probe.call(Op.REMOVE_WATCHES, Writer().string(path).int32(3).bytes)
    probe.create(f"{path}/b")


def set_watches_2(stage: Stage):
    """setWatches with the two lists of persistent watches."""
    probe = stage.probe()
    path = f"{stage.path}/a"
    probe.create(path)
    zxid = probe.ping().zxid
    body = Writer().int64(zxid).strings([path]).strings([]).strings([]).strings([path]).strings([stage.path])
    probe.record("set_watches_2", probe.wire.call, Op.SET_WATCHES_2, body.bytes, -8)
    probe.set(path, b"x")
    probe.create(f"{path}/b")
