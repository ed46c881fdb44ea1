from icecube._dataclasses import I3Direction, I3Double, I3EventHeader, I3Particle, I3Position

__all__ = ["I3Direction", "I3Double", "I3EventHeader", "I3Particle", "I3Position"]
