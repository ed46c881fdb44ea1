import enum
import math
import struct

from icecube._archive import Reader, Writer


class I3Position:
    type_name = "I3Position"

    def __init__(self, x=math.nan, y=math.nan, z=math.nan):
        self.x, self.y, self.z = x, y, z

    def write(self):
        archive = Writer("I3Position", 0)
        archive.put("ddd", self.x, self.y, self.z)
        return archive.done()

    @classmethod
    def read(cls, blob):
        return cls(*Reader(blob, "I3Position", 0).take("ddd"))

    # As Boost pickles it: the class, then a state of one archive without the shared pointer in front.
    def __reduce__(self):
        return I3Position, (), ({}, struct.pack("<BBIBBIddd", 1, 0, 0, 1, 0, 1, self.x, self.y, self.z))

    def __setstate__(self, state):
        self.x, self.y, self.z = struct.unpack_from("<ddd", state[1], 12)


class I3Direction:
    def __init__(self, zenith=math.nan, azimuth=math.nan):
        self.zenith, self.azimuth = zenith, azimuth


class I3EventHeader:
    type_name = "I3EventHeader"

    def __init__(self, other=None):
        if other is not None:
            vars(self).update(vars(other))

    def write(self):
        archive = Writer("I3EventHeader", 3)
        archive.put("IIIiI", self.run_id, self.sub_run_id, self.event_id, self.state, self.sub_event_id)
        archive.text(self.sub_event_stream)
        for time in (self.start_time, self.end_time):
            archive.object("I3Time")
            archive.put("iq", *time)
        return archive.done()

    @classmethod
    def read(cls, blob):
        archive, header = Reader(blob, "I3EventHeader", 3), cls()
        header.run_id, header.sub_run_id, header.event_id, header.state, header.sub_event_id = archive.take("IIIiI")
        header.sub_event_stream = archive.text()
        times = []
        for _ in range(2):
            archive.object("I3Time")
            times.append(archive.take("iq"))
        header.start_time, header.end_time = times
        return header


class I3Particle:
    type_name = "I3Particle"

    class ParticleShape(enum.IntEnum):
        Null = 0
        Cascade = 30
        InfiniteTrack = 40

    class FitStatus(enum.IntEnum):
        NotSet = -1
        OK = 0
        GeneralFailure = 10

    _made = 0

    def __init__(self):
        I3Particle._made += 1
        self.minor_id, self.major_id = I3Particle._made, 0x1234
        self.pdg, self.shape, self.fit_status = 0, I3Particle.ParticleShape.Null, I3Particle.FitStatus.NotSet
        self.pos, self.dir = I3Position(), I3Direction()
        self.time = self.energy = self.length = math.nan
        self.speed, self.location = 0.299792458, 0

    def write(self):
        archive = Writer("I3Particle", 5)
        archive.put("iQiii", self.minor_id, self.major_id, self.pdg, self.shape, self.fit_status)
        archive.object("I3Position")
        archive.put("ddd", self.pos.x, self.pos.y, self.pos.z)
        archive.object("I3Direction")
        archive.put("dd", self.dir.zenith, self.dir.azimuth)
        archive.put("ddddi", self.time, self.energy, self.length, self.speed, self.location)
        return archive.done()

    @classmethod
    def read(cls, blob):
        archive, particle = Reader(blob, "I3Particle", 5), cls()
        particle.minor_id, particle.major_id, particle.pdg, particle.shape, particle.fit_status = archive.take("iQiii")
        archive.object("I3Position")
        particle.pos = I3Position(*archive.take("ddd"))
        archive.object("I3Direction")
        particle.dir = I3Direction(*archive.take("dd"))
        particle.time, particle.energy, particle.length, particle.speed, particle.location = archive.take("ddddi")
        return particle


class Holder:
    """I3Int, I3Double, I3Bool: one number."""

    def __init__(self, value):
        self.value = value

    def write(self):
        archive = Writer(self.registered, 0)
        archive.put(self.layout, self.value)
        return archive.done()

    @classmethod
    def read(cls, blob):
        return cls(*Reader(blob, cls.registered, 0).take(cls.layout))


class I3Int(Holder):
    type_name, registered, layout = "I3PODHolder<int>", "I3Int", "i"


class I3Double(Holder):
    type_name, registered, layout = "I3PODHolder<double>", "I3Double", "d"


class I3Bool(Holder):
    type_name, registered, layout = "I3PODHolder<bool>", "I3Bool", "?"


readable = {one.type_name: one for one in (I3Position, I3EventHeader, I3Particle, I3Int, I3Double, I3Bool)}
