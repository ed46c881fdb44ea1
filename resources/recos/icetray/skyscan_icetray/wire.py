"""The lines between engine and reco. Stdout is theirs alone: IceTray's modules and minimizers print there too, from C++."""

import json
import math
import os


class Wire:
    def __init__(self, descriptor=None):
        """`descriptor`: the private copy of stdout that an earlier program of this process made."""
        self._out = os.dup(1) if descriptor is None else descriptor
        # Whatever prints on stdout from now on is log.
        os.dup2(2, 1)

    @property
    def descriptor(self):
        return self._out

    def say(self, line):
        rest = (json.dumps(line, allow_nan=False) + "\n").encode()
        while rest:
            rest = rest[os.write(self._out, rest) :]

    def hear(self):
        """The next line, or None at the end of stdin. Reads no byte beyond it, so that a program that takes over loses nothing."""
        text = bytearray()
        while True:
            byte = os.read(0, 1)
            if byte == b"":
                return None
            if byte == b"\n":
                return json.loads(text)
            text += byte


def number(value):
    """As the protocol has numbers: None for what is not finite."""
    value = float(value)
    return value if math.isfinite(value) else None
