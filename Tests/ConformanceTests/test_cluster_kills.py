"""A cluster under load loses its leader, again and again, in every way: the clients of the others do not notice.

`--kills 100` for the long run; `--seed` plays the choices of a failed run again.
"""

import random
import time

import pytest

from support.cluster import Cluster
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
