"""A client that goes on working while somebody else misbehaves, and says how it fared."""

import threading
import time

from .clients import fresh_path
from .wire import Wire


class Bystander:
    """Creates, changes and reads without a pause on a connection of its own; every answer must come, and be right."""

    def __init__(self, port: int):
        self.path = fresh_path("bystander")
        self.wire = Wire(port, seconds=20)
        self.wire.connect()
        assert self.wire.create(self.path).error == 0
        self.stop = threading.Event()
        self.worst = 0.0
        self.count = 0
        self.failure: BaseException | None = None
        self.thread = threading.Thread(target=self.run, daemon=True)

    def run(self):
        try:
            while not self.stop.is_set():
                begun = time.monotonic()
                data = b"%d" % self.count
                stat = self.wire.set(self.path, data).body
                assert stat.version == self.count + 1
                assert self.wire.get(self.path).body[0] == data
                self.count += 1
                self.worst = max(self.worst, time.monotonic() - begun)
        except BaseException as failure:
            self.failure = failure

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, kind, *_):
        self.stop.set()
        self.thread.join(30)
        if self.failure is None and kind is None:
            assert self.wire.get(self.path).error == 0
            self.wire.close_session()
        self.wire.close()
        if self.failure is not None and kind is None:
            raise AssertionError("another client was disturbed") from self.failure
        if kind is None:
            assert self.count > 0, "the other client did nothing meanwhile: the test shows nothing"
            assert self.worst < 5, f"another client waited for {self.worst:.1f} s"
