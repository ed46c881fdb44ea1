from icecube._dataclasses import I3Bool, I3Int
from icecube._icetray import I3Frame

__all__ = ["I3Bool", "I3Frame", "I3Int"]
