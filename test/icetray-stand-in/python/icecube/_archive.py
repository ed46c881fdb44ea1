"""IceTray's "portable binary" archives, for the few classes that the stand-in needs."""

import struct


class Writer:
    def __init__(self, name, version):
        self._bytes = bytearray(struct.pack("<HhI", 0x0100, 2, len(name)) + name.encode())
        self._known = set()
        self._ids = 0
        self.object(name, version)

    def object(self, name, version=0):
        for one, number in ((name, version), ("I3FrameObject", 0)):
            if one not in self._known:
                self._known.add(one)
                self._bytes += bytes([1, number])
            self._bytes += struct.pack("<I", self._ids)
            self._ids += 1

    def put(self, layout, *values):
        self._bytes += struct.pack("<" + layout, *values)

    def text(self, value):
        self.put("I", len(value.encode()))
        self._bytes += value.encode()

    def done(self):
        return bytes(self._bytes)


class Reader:
    def __init__(self, blob, name, version):
        self._blob = blob
        self._at = 0
        self._known = set()
        assert self.take("Hh") == (0x0100, 2)
        found = self.text()
        assert found == name, f"the archive holds {found}, not {name}"
        self.object(name, version)

    def object(self, name, version=0):
        for one, number in ((name, version), ("I3FrameObject", 0)):
            if one not in self._known:
                self._known.add(one)
                assert self.take("BB") == (1, number), f"class version of {one}"
            self.take("I")

    def take(self, layout):
        values = struct.unpack_from("<" + layout, self._blob, self._at)
        self._at += struct.calcsize("<" + layout)
        return values

    def text(self):
        (length,) = self.take("I")
        self._at += length
        return self._blob[self._at - length : self._at].decode()
