"""What an event's header says: the zxid of its transaction, as ZooKeeper has it since 3.9 (3.8 says -1)."""

from support.clients import fresh_path
from support.wire import Event, Op, Wire, create_body


def test_an_event_carries_the_zxid_of_its_transaction(shared):
    path = fresh_path("event")
    with Wire(shared.port) as wire:
        wire.connect()
        assert wire.exists(path, watch=True).error == -101
        wire.submit(Op.CREATE, create_body(path))
        event, reply = wire.receive(), wire.receive()
        assert isinstance(event, Event) and (event.type, event.state, event.path) == (1, 3, path)
        assert event.zxid == reply.zxid > 0
        wire.close_session()


def test_an_event_of_set_watches_carries_none(shared):
    """What setWatches tells happened at some time before: no transaction to name."""
    path = fresh_path("event")
    with Wire(shared.port) as wire:
        wire.connect()
        assert wire.create(path).error == 0
        events = []
        receive = wire.receive

        def receive_reply():
            while isinstance(message := receive(), Event):
                events.append(message)
            return message

        wire.receive = receive_reply
        assert wire.set_watches(0, exist=[path]).error == 0
        assert [(event.type, event.path, event.zxid) for event in events] == [(1, path, -1)]
        wire.close_session()
