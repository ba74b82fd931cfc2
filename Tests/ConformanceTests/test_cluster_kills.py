"""A cluster under load loses its leader, again and again, in every way: the clients of the others do not notice.

`--kills 100` for the long run; `--seed` plays the choices of a failed run again.
"""

import random
import time

import pytest

from support.cluster import Cluster
from support.cluster_history import History
from support.disturbances import (
    KINDS,
    Disturbance,
    Load,
    contents,
    errors_of_survivors,
    figures,
    final_reads,
    longest_wait,
    write_details,
)
from support.server import wait_until

CLIENTS_EACH = 4
DEFAULT_KILLS = 6
IN_TURNS = {
    3: ["leader killed", "leader hangs", "leader restarts"],
    5: ["leader killed", "leader hangs", "leader restarts", "two killed"],
}


@pytest.fixture
def seed(request):
    return request.config.getoption("--seed") or random.SystemRandom().randrange(1 << 32)


@pytest.fixture
def kills(request):
    return request.config.getoption("--kills") or DEFAULT_KILLS


@pytest.mark.slow
@pytest.mark.parametrize("replicas", [3, 5])
def test_leaders_fall_and_nobody_notices(replicas, tmp_path, seed, kills, report):
    report(f"cluster of {replicas}: seed {seed}")
    choices = random.Random(seed)
    with Cluster(tmp_path, replicas) as cluster:
        cluster.start()
        load = Load(cluster, tmp_path, CLIENTS_EACH, seed)
        try:
            disturbances = disturb(cluster, load, choices, kills)
            judge(cluster, load, disturbances, report)
        finally:
            load.close()


def disturb(cluster, load, choices, kills) -> list[Disturbance]:
    load.start()
    disturbances = []
    for number in range(kills):
        time.sleep(choices.uniform(0.5, 1.2))
        kind = IN_TURNS[len(cluster)][number % len(IN_TURNS[len(cluster)])]
        who, what = KINDS[kind]
        victims = who(cluster, choices)
        disturbance = Disturbance(kind, {victim.number for victim in victims}, time.monotonic())
        disturbances.append(disturbance)
        what(cluster, choices, victims)
        disturbance.ended = time.monotonic()
        cluster.leader()
        cluster.check_no_crash()
    time.sleep(1)
    load.stop()
    return disturbances


def judge(cluster, load, disturbances, report):
    cluster.wait_until_equal()
    found = [contents(replica) for replica in cluster]
    for replica, other in zip(cluster, found):
        assert other == found[0], f"replica 1 and {replica.name} differ"
    history = load.history()
    owners = set(history.sessions.values())
    for record in final_reads(found[0]):
        history.take(record)
    history.check()
    history.compare(found[0])
    survivors = [record for record in history.operations if record["c"] != "final"]
    history.operations = survivors
    summary = f"cluster of {len(cluster)}: {len(disturbances)} disturbances; {history.summary()}"
    report(f"{summary}; longest wait of a survivor's client {longest_wait(history, disturbances):.3f} s")
    for line in figures(history, disturbances):
        report(f"cluster of {len(cluster)}: {line}")
    write_details(cluster.folder / "disturbances.txt", history, disturbances)
    errors = errors_of_survivors(history, disturbances)
    report(
        f"cluster of {len(cluster)}: {len(errors)} errors or lost connections of survivors' clients,"
        f" {len(history.problems)} problems of the history"
    )
    assert not errors, f"{len(errors)} errors of survivors' clients: {errors[:12]}\n{disturbances}\n{cluster.outputs()}"
    lost = [record for record in history.states if record["state"] == "LOST"]
    assert not lost, f"sessions were lost: {lost}\n{disturbances}\n{cluster.outputs()}"
    assert not history.problems, f"{history.report()}\n{disturbances}"
    assert len(survivors) > 100 * len(disturbances), "too little was done for this to show anything"
    strangers = {path: node for path, node in found[0].items() if node[3] and node[3] not in owners}
    assert not strangers, f"ephemeral znodes of sessions that are gone: {strangers}"
    load.end_sessions()
    for replica in cluster:
        wait_until(lambda: not any(node[3] for node in contents(replica).values()), 10, "ephemerals are gone", pause=0.2)
    for replica in cluster:
        assert replica.stop() == 0
    cluster.check_no_crash()


def good_records() -> list[dict]:
    """A short history in which all is well: two clients, a register, a znode that comes and goes, two turns."""

    def stat(czxid, mzxid, version):
        return {"czxid": czxid, "mzxid": mzxid, "version": version, "owner": 0}

    def record(client, begun, ended, kind, key, outcome="done", zxid=0, **more):
        keys = key if isinstance(key, list) else [key]
        return {"c": client, "i": begun, "r": ended, "k": kind, "keys": keys, "o": outcome, "x": zxid, **more}

    multi = {"path": "/m", "mzxids": [9, 9], "versions": [1, 1]}
    return [
        record("r1-0", 1, 2, "set", "/a", zxid=2, data="a1", version=0, result=stat(1, 2, 1)),
        record("r2-0", 1, 3, "create", "/n", zxid=3, data="n", ephemeral=False, result={"path": "/n"} | stat(3, 3, 0)),
        record("r1-0", 4, 5, "set", "/a", zxid=4, data="a2", version=1, result=stat(1, 4, 2)),
        record("r2-0", 4, 6, "read", "/a", zxid=4, result={"data": "a1"} | stat(1, 2, 1)),
        record("r2-0", 7, 8, "synced read", "/a", zxid=4, result={"data": "a2"} | stat(1, 4, 2)),
        record("r2-0", 9, 10, "set", "/a", "bad version", zxid=5, data="a3", version=1),
        record("r2-0", 11, 12, "delete", "/n", zxid=6, version=0),
        record("r1-0", 13, 14, "synced read", "/n", "no node", zxid=6),
        record("r1-0", 15, 16, "turn", "/t/t-", zxid=7, data="t1", ephemeral=False, result={"path": "/t/t-01"} | stat(7, 7, 0)),
        record("r2-0", 17, 18, "turn", "/t/t-", zxid=8, data="t2", ephemeral=False, result={"path": "/t/t-02"} | stat(8, 8, 0)),
        record("r1-0", 19, 20, "multi", ["/p", "/q", "/m"], zxid=9, data="m", version=0, result=multi),
        record("r2-0", 21, 22, "set", "/a", "unknown", zxid=8, data="a4", version=2, why="ConnectionLoss"),
        record("r2-0", 23, 24, "synced read", "/a", zxid=10, result={"data": "a4"} | stat(1, 10, 3)),
    ]


def judge_records(records: list[dict], end: dict | None = None) -> History:
    history = History([], ["/a", "/p", "/q"])
    for record in records:
        history.take(record)
    history.check()
    good_end = {
        "/a": (10, 3, "a4", 0, 1), "/p": (9, 1, "m", 0, 1), "/q": (9, 1, "m", 0, 1), "/m": (9, 0, "m", 0, 9),
        "/t/t-01": (7, 0, "t1", 0, 7), "/t/t-02": (8, 0, "t2", 0, 8),
    }
    history.compare(good_end | (end or {}))
    return history


def test_the_judge_is_content_with_a_good_history():
    history = judge_records(good_records())
    assert not history.problems, history.report()
    assert history.ghost_count == 0


def stale(records):
    records[4]["result"] = dict(records[3]["result"])


def back_in_time(records):
    records[3], records[4] = records[3] | {"i": 7, "r": 8}, records[4] | {"i": 4.5, "r": 6}


def against_real_time(records):
    records[2]["i"], records[2]["r"] = 0.1, 0.2


def same_zxid(records):
    records[9]["x"] = 7
    records[9]["result"]["czxid"] = records[9]["result"]["mzxid"] = 7


def executed_twice(records):
    records[2]["result"]["version"] = 3
    records[4]["result"]["version"] = 3


def turn_again(records):
    records[9]["result"]["path"] = records[8]["result"]["path"]


def torn(records):
    records[10]["result"]["mzxids"] = [9, 11]


def lost_delete(records):
    records[7].update(o="done", result={"data": "n", "czxid": 3, "mzxid": 3, "version": 0, "owner": 0})


def refused_wrongly(records):
    records[5]["version"] = 2


def out_of_thin_air(records):
    records[4]["result"].update(data="nobody's", mzxid=5, version=3)


@pytest.mark.parametrize(
    "harm",
    [
        stale, back_in_time, against_real_time, same_zxid, executed_twice, turn_again, torn, lost_delete,
        refused_wrongly, out_of_thin_air,
    ],
)
def test_the_judge_notices(harm):
    records = good_records()
    harm(records)
    assert judge_records(records).problems


@pytest.mark.parametrize(
    "end", [{"/a": (4, 2, "a2", 0, 1)}, {"/t/t-01": None}, {"/n": (3, 0, "n", 0, 3)}, {"/x": (11, 0, "x", 0, 11)}]
)
def test_the_judge_notices_what_is_lost_at_the_end(end):
    assert judge_records(good_records(), end).problems
