"""What is done to a cluster under load: its leader is killed, stopped and continued, restarted. And how clients fared."""

import bisect
import dataclasses
import datetime
import json
import math
import pathlib
import random
import statistics
import subprocess
import sys
import time

from kazoo.client import KazooClient

from .cluster import Cluster, Replica
from .cluster_history import WRITES, History
from .cluster_load import ROOT, prepare, registers
from .server import ENDS_WITH_THE_TESTS

HERE = pathlib.Path(__file__).resolve().parents[1]
#: From the moment that a replica serves again until its clients are expected to be connected again.
RECONNECT_SECONDS = 3.0
#: A pause that began longer after a disturbance than this has another cause.
PAUSE_SECONDS = 2.0
END_SECONDS = 90.0


@dataclasses.dataclass
class Disturbance:
    """Something done to some replicas: from the moment it was begun to that at which they serve again."""

    kind: str
    victims: set[int]
    begun: float
    ended: float = 0.0
    #: As the servers' logs have it.
    clock: str = dataclasses.field(
        default_factory=lambda: datetime.datetime.now(datetime.UTC).strftime("%H:%M:%S.%f")[:-3]
    )

    def excuses(self, replica: int, time: float) -> bool:
        return replica in self.victims and self.begun <= time <= self.ended + RECONNECT_SECONDS


def kill(cluster: Cluster, random: random.Random, victims: list[Replica]):
    for victim in victims:
        victim.kill()
    time.sleep(random.uniform(0.3, 1.2))
    cluster.start(*victims)


def hang(cluster: Cluster, random: random.Random, victims: list[Replica]):
    """Shorter and longer than a third of the clients' session time."""
    for victim in victims:
        victim.pause()
    time.sleep(random.choice([0.7, 1.5, 2.5, 5.0]))
    for victim in victims:
        victim.resume()
    for victim in victims:
        victim.wait_until_serving()


def restart(cluster: Cluster, random: random.Random, victims: list[Replica]):
    for victim in victims:
        status = victim.stop()
        assert status == 0, f"{victim.name} ended with {status} on SIGTERM:\n{victim.output[-3000:]}"
    time.sleep(random.uniform(0.0, 0.5))
    cluster.start(*victims)


def leader_only(cluster: Cluster, random: random.Random) -> list[Replica]:
    return [cluster.leader()]


def leader_and_follower(cluster: Cluster, random: random.Random) -> list[Replica]:
    leader = cluster.leader()
    return [leader, random.choice(cluster.followers())]


def follower_only(cluster: Cluster, random: random.Random) -> list[Replica]:
    return [random.choice(cluster.followers())]


#: By name: who is meant, and what is done.
KINDS = {
    "leader killed": (leader_only, kill),
    "leader hangs": (leader_only, hang),
    "leader restarts": (leader_only, restart),
    "follower killed": (follower_only, kill),
    "two killed": (leader_and_follower, kill),
}


class Load:
    """Clients on every replica, a process for those of each."""

    def __init__(self, cluster: Cluster, folder: pathlib.Path, clients_each: int, seed: int):
        self.cluster, self.folder, self.seed = cluster, folder, seed
        self.names = {
            replica.number: [f"r{replica.number}-{index}" for index in range(clients_each)] for replica in cluster
        }
        self.all_names = [name for names in self.names.values() for name in names]
        self.processes: list[subprocess.Popen] = []

    def history_path(self, number: int) -> pathlib.Path:
        return self.folder / f"history-{number}.jsonl"

    def start(self):
        client = KazooClient(hosts=self.cluster.hosts(), timeout=10)
        client.start(timeout=15)
        prepare(client, self.all_names)
        client.stop()
        client.close()
        for replica in self.cluster:
            settings = {
                "hosts": replica.hosts,
                "names": self.names[replica.number],
                "seed": self.seed,
                "history": str(self.history_path(replica.number)),
            }
            self.processes.append(
                subprocess.Popen(
                    [*ENDS_WITH_THE_TESTS, sys.executable, "-m", "support.cluster_load", json.dumps(settings)],
                    cwd=HERE,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    text=True,
                )
            )
        for process in self.processes:
            assert process.stdout.readline() == "ready\n", "the clients of a replica do not connect"

    def say(self, text: str):
        for process in self.processes:
            process.stdin.write(text + "\n")
            process.stdin.flush()

    def stop(self):
        """Lets all clients come to rest; their sessions live on."""
        self.say("stop")
        stuck = [name for process in self.processes for name in json.loads(process.stdout.readline())["stuck"]]
        assert not stuck, f"clients wait for an answer forever: {stuck}\n{self.cluster.outputs()}"

    def end_sessions(self):
        self.say("end")
        for process in self.processes:
            assert process.wait(END_SECONDS) == 0

    def close(self):
        for process in self.processes:
            if process.poll() is None:
                process.kill()
            process.wait(10)

    def history(self) -> History:
        paths = [self.history_path(number) for number in self.names]
        return History(paths, registers(self.all_names))


def contents(replica: Replica) -> dict[str, tuple[int, int, str, int, int]]:
    """What a replica shows of the load's tree: (mzxid, version, data, owner, czxid) by path, of what has data."""
    return {path: node for path, node in contents_below(replica, ROOT).items() if node[2]}


def contents_below(replica: Replica, root: str) -> dict[str, tuple[int, int, str, int, int]]:
    """All znodes that a replica shows at and below a path, but for its own: (mzxid, version, data, owner, czxid)."""
    found = {}
    client = KazooClient(hosts=replica.hosts, timeout=10)
    client.start(timeout=15)
    try:
        client.sync(root)
        waiting = [root]
        while waiting:
            path = waiting.pop()
            data, stat = client.get(path)
            waiting += [f"{path.rstrip('/')}/{name}" for name in client.get_children(path) if name != "zookeeper"]
            found[path] = (stat.mzxid, stat.version, data.decode(), stat.ephemeralOwner, stat.czxid)
    finally:
        client.stop()
        client.close()
    return found


def final_reads(found: dict[str, tuple[int, int, str, int, int]]) -> list[dict]:
    """What is there at the end, as synced reads of one more client: so what nobody else saw is found a place."""
    now = time.monotonic()
    return [
        {
            "k": "synced read", "keys": [path], "c": "final", "i": now, "r": now + index * 1e-6, "o": "done", "x": 0,
            "result": {"data": data, "czxid": czxid, "mzxid": mzxid, "version": version, "owner": owner},
        }
        for index, (path, (mzxid, version, data, owner, czxid)) in enumerate(found.items())
    ]


def errors_of_survivors(history: History, disturbances: list[Disturbance]) -> list[dict]:
    """Every break, loss or error that a client saw whose replica nobody touched at that time."""
    bad = [record for record in history.states if record["state"] != "CONNECTED"]
    bad += [dict(record, t=record["r"]) for record in history.operations if record["o"] == "unknown"]
    bad += history.failures

    def is_excused(record):
        replica = int(record["c"].split("-")[0][1:])
        return any(each.excuses(replica, record["t"]) for each in disturbances)

    return [record for record in bad if not is_excused(record)]


def pauses_of_writes(history: History, disturbances: list[Disturbance]) -> list[float]:
    """For each, the longest time around it and before the next one without a write acknowledged to a survivor's client."""
    ends = [each.begun for each in disturbances[1:]] + [math.inf]
    writes = sorted(
        (record["r"], replica_of(record))
        for record in history.operations
        if record["k"] in WRITES and record["o"] == "done"
    )
    pauses = []
    for each, end in zip(disturbances, ends):
        times = [time for time, replica in writes if replica not in each.victims]
        first = max(bisect.bisect_left(times, each.begun) - 1, 0)
        beyond = bisect.bisect_right(times, min(each.begun + PAUSE_SECONDS, end))
        inside = times[first:beyond] + ([] if beyond == len(times) else [min(times[beyond], end)])
        pauses.append(max(later - earlier for earlier, later in zip(inside, inside[1:])))
    return pauses


def replica_of(record: dict) -> int:
    return int(record["c"].split("-")[0][1:])


def longest_wait(history: History, disturbances: list[Disturbance]) -> float:
    """The longest that a client of a survivor waited for an answer."""
    return max(
        record["r"] - record["i"]
        for record in history.operations
        if not any(each.excuses(replica_of(record), record["r"]) for each in disturbances)
    )


def figures(history: History, disturbances: list[Disturbance]) -> list[str]:
    """A line for each kind of failure: how often, and how long writes paused."""
    lines = []
    all_pauses = pauses_of_writes(history, disturbances)
    for kind in dict.fromkeys(each.kind for each in disturbances):
        pauses = [pause * 1e3 for pause, each in zip(all_pauses, disturbances) if each.kind == kind]
        lines.append(
            f"{kind} {len(pauses)} times: writes paused {statistics.median(pauses):.0f} ms median,"
            f" {max(pauses):.0f} ms worst"
        )
    return lines


def write_details(path: pathlib.Path, history: History, disturbances: list[Disturbance]):
    """A line for each disturbance, to be read beside the servers' logs."""
    path.write_text(
        "".join(
            f"{each.clock} {each.kind} {sorted(each.victims)}: writes paused"
            f" {pause * 1e3:.0f} ms; serving again after {each.ended - each.begun:.1f} s\n"
            for each, pause in zip(disturbances, pauses_of_writes(history, disturbances))
        )
    )
