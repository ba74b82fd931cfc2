"""kazoo clients as the tests want them: quick to connect, quick to give up, always closed."""

import contextlib
import itertools

from kazoo.client import KazooClient

from .server import Server

_ordinals = itertools.count(1)


@contextlib.contextmanager
def kazoo(server: Server, timeout: float = 10.0, **options):
    """A started client; it is stopped and closed at the end, if it was not before."""
    client = KazooClient(hosts=server.hosts, timeout=timeout, **options)
    client.start(timeout=15)
    try:
        yield client
    finally:
        client.stop()
        client.close()


def fresh_path(name: str) -> str:
    """A path that no other test of this run uses."""
    return f"/{name}-{next(_ordinals)}"
