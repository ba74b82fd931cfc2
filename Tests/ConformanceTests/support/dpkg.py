"""Debian's list of packages, a real input: thousands of records with fields of every length and script."""

import pathlib

STATUS = pathlib.Path("/var/lib/dpkg/status")


def packages() -> dict[str, dict[str, bytes]]:
    """The fields of every package, by its name and architecture; a continued field keeps its line ends."""
    assert STATUS.exists(), f"{STATUS} is missing: this test reads the package list of a Debian machine"
    found: dict[str, dict[str, bytes]] = {}
    for paragraph in STATUS.read_bytes().split(b"\n\n"):
        fields: dict[str, bytes] = {}
        name = ""
        for line in paragraph.splitlines():
            if line[:1] in (b" ", b"\t"):
                fields[name] += b"\n" + line
            elif line:
                name, value = line.decode("utf-8", "surrogateescape").split(":", 1)
                fields[name] = value.strip().encode("utf-8", "surrogateescape")
        if fields:
            found[f"{fields['Package'].decode()}:{fields.get('Architecture', b'none').decode()}"] = fields
    return found
