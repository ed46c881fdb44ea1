import struct

from icecube._dataclasses import readable


def _crc_table():
    table = []
    for index in range(256):
        for _ in range(8):
            index = index >> 1 ^ (0x82F63B78 if index & 1 else 0)
        table.append(index)
    return table


_table = _crc_table()


def checksum(data):
    """CRC-32C from 0, without a final xor."""
    crc = 0
    for byte in data:
        crc = crc >> 8 ^ _table[(crc ^ byte) & 255]
    return crc


class Stream:
    def __init__(self, letter):
        self.id = letter

    def __eq__(self, other):
        return isinstance(other, Stream) and self.id == other.id

    def __hash__(self):
        return hash(self.id)

    def __str__(self):
        return {"G": "Geometry", "C": "Calibration", "D": "DetectorStatus", "Q": "DAQ", "P": "Physics"}.get(self.id, self.id)


class I3Frame:
    """Objects by key, as archives; those of known classes are read when they are asked for."""

    Stream = Stream
    Geometry, Calibration, DetectorStatus, DAQ, Physics = (Stream(letter) for letter in "GCDQP")

    def __init__(self, other=Stream("N")):
        self.Stop = other.Stop if isinstance(other, I3Frame) else other
        self._objects = dict(other._objects) if isinstance(other, I3Frame) else {}

    def keys(self):
        return sorted(self._objects)

    def __contains__(self, key):
        return key in self._objects

    def __getitem__(self, key):
        if key not in self._objects:
            raise KeyError(key)
        type_name, blob = self._objects[key]
        return readable[type_name].read(blob) if type_name in readable else (type_name, blob)

    def __setitem__(self, key, value):
        if key in self._objects:
            raise RuntimeError(f'frame already contains "{key}"')
        self._objects[key] = value if isinstance(value, tuple) else (value.type_name, value.write())

    def Delete(self, key):
        self._objects.pop(key, None)

    def purge_for(self, letter):
        """The same objects in a frame of another stream."""
        moved = I3Frame(Stream(letter))
        moved._objects = dict(self._objects)
        return moved

    def dumps(self):
        body = self.Stop.id.encode() + struct.pack("<I", len(self._objects))
        for key in self.keys():
            for part in (key.encode(), self._objects[key][0].encode(), self._objects[key][1]):
                body += struct.pack("<I", len(part)) + part
        return b"[i3]" + struct.pack("<IH", 6, 0) + body + struct.pack("<I", checksum(body))

    @staticmethod
    def load(data, start=0):
        """A frame that begins at `start`, and where it ends."""
        if data[start : start + 4] != b"[i3]" or struct.unpack_from("<IH", data, start + 4) != (6, 0):
            raise RuntimeError("this is no frame of version 6")
        frame = I3Frame(Stream(chr(data[start + 10])))
        (count,) = struct.unpack_from("<I", data, start + 11)
        at = start + 15
        for _ in range(count):
            parts = []
            for _ in range(3):
                (length,) = struct.unpack_from("<I", data, at)
                parts.append(bytes(data[at + 4 : at + 4 + length]))
                at += 4 + length
            frame._objects[parts[0].decode()] = (parts[1].decode(), parts[2])
        if struct.unpack_from("<I", data, at)[0] != checksum(data[start + 10 : at]):
            raise RuntimeError("the frame's checksum does not fit")
        return frame, at + 4

    # As Boost pickles it.
    def __reduce__(self):
        return I3Frame, (), ({}, self.dumps())

    def __setstate__(self, state):
        vars(self).update(vars(I3Frame.load(state[1])[0]))
