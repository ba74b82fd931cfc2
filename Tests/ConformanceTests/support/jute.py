"""ZooKeeper's encoding, written down once more and apart from the server's own, so that one checks the other."""

import struct


class JuteError(Exception):
    """Bytes that end too early, or that are left over."""


class Writer:
    """Builds a record, big-endian, front to back."""

    def __init__(self):
        self.bytes = b""

    def raw(self, value: bytes):
        self.bytes += value
        return self

    def boolean(self, value: bool):
        return self.raw(b"\x01" if value else b"\x00")

    def int32(self, value: int):
        return self.raw(struct.pack(">i", value))

    def int64(self, value: int):
        return self.raw(struct.pack(">q", value))

    def buffer(self, value: bytes | None):
        return self.int32(-1) if value is None else self.int32(len(value)).raw(value)

    def string(self, value: str | bytes | None):
        return self.buffer(value.encode() if isinstance(value, str) else value)

    def strings(self, values: list[str] | None):
        if values is None:
            return self.int32(-1)
        self.int32(len(values))
        for value in values:
            self.string(value)
        return self

    def acl(self, entries: list[tuple[int, str, str]] | None):
        if entries is None:
            return self.int32(-1)
        self.int32(len(entries))
        for permissions, scheme, identity in entries:
            self.int32(permissions).string(scheme).string(identity)
        return self


class Reader:
    """Takes a record apart, and knows when bytes are missing."""

    def __init__(self, data: bytes):
        self.data = data
        self.offset = 0

    @property
    def rest(self) -> bytes:
        return self.data[self.offset :]

    def raw(self, count: int) -> bytes:
        if count < 0 or self.offset + count > len(self.data):
            raise JuteError(f"{count} bytes wanted at {self.offset} of {len(self.data)}")
        self.offset += count
        return self.data[self.offset - count : self.offset]

    def boolean(self) -> bool:
        return self.raw(1) != b"\x00"

    def int32(self) -> int:
        return struct.unpack(">i", self.raw(4))[0]

    def int64(self) -> int:
        return struct.unpack(">q", self.raw(8))[0]

    def buffer(self) -> bytes | None:
        count = self.int32()
        return None if count == -1 else self.raw(count)

    def string(self) -> str | None:
        value = self.buffer()
        return None if value is None else value.decode(errors="backslashreplace")

    def strings(self) -> list[str] | None:
        count = self.int32()
        return None if count == -1 else [self.string() for _ in range(count)]

    def acl(self) -> list[tuple[int, str, str]] | None:
        count = self.int32()
        return None if count == -1 else [(self.int32(), self.string(), self.string()) for _ in range(count)]
