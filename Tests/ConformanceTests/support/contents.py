"""A known tree, written and read back: what tests of files put in, and ask for afterwards."""

import dataclasses
import random

from .wire import Wire


@dataclasses.dataclass
class Contents:
    """What was acknowledged: data by path, and the version that goes with it."""

    data: dict[str, bytes] = dataclasses.field(default_factory=dict)
    versions: dict[str, int] = dataclasses.field(default_factory=dict)

    def write(self, port: int, name: str, count: int, seed: int = 1):
        """Creates `/name` and `count` znodes below it, and changes every third once."""
        generator = random.Random(seed)
        with Wire(port) as wire:
            wire.connect()
            self.create(wire, f"/{name}", b"")
            for index in range(count):
                size = generator.choice([0, 10, 100, 1000, 5000])
                self.create(wire, f"/{name}/{index:05d}", generator.randbytes(size))
            for path in list(self.data)[::3]:
                data = generator.randbytes(50)
                stat = wire.set(path, data).body
                self.data[path], self.versions[path] = data, stat.version
            assert wire.close_session().error == 0

    def create(self, wire: Wire, path: str, data: bytes):
        reply = wire.create(path, data)
        assert reply.error == 0, f"create {path}: {reply}"
        self.data[path], self.versions[path] = data, 0

    def missing(self, port: int) -> list[str]:
        """What is not there as it was acknowledged, one line each; empty when all is well."""
        problems = []
        with Wire(port) as wire:
            wire.connect()
            for path, data in self.data.items():
                reply = wire.get(path)
                if reply.error:
                    problems.append(f"{path}: error {reply.error}")
                elif reply.body[0] != data or reply.body[1].version != self.versions[path]:
                    problems.append(f"{path}: other data or version ({reply.body[1]})")
            for parent in {path.rsplit("/", 1)[0] for path in self.data if path.count("/") > 1}:
                reply = wire.children(parent)
                names = {path.rsplit("/", 1)[1] for path in self.data if path.rsplit("/", 1)[0] == parent}
                if reply.error or set(reply.body[0]) != names or reply.body[1].child_count != len(names):
                    problems.append(f"{parent}: other children")
            wire.close_session()
        return problems
