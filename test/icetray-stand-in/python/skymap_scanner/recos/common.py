import math
import os
import sys

from icecube.dataclasses import I3Double, I3Position
from icecube.icetray import I3Bool

from .. import RELEASE
from .. import config as cfg
from ..utils.data_handling import DataStager

# Where the made-up sky has its minimum, and the vertex that fits best: 20 m beyond the seed along y.
BEST_ZENITH, BEST_AZIMUTH = 1.2, 3.4
SEED = (22.11, 509.5, 198.29)
BEST_VERTEX = (SEED[0], SEED[1] + 20, SEED[2])
SEED_TIME = 30000.0


class Common:
    SPLINE_REQUIREMENTS = []
    has_losses = True

    @staticmethod
    def prepare_frames(physics, pulses):
        """The seed of the event's veto where there is one, else the stand-in's own."""
        names = "HESE_VHESelfVetoVertex" if RELEASE < (3, 11) else "SeedVertex"
        veto = "HESE_VHESelfVetoVertexPos" in physics and "HESE_VHESelfVetoVertexTime" in physics
        if not veto:
            physics["HESE_VHESelfVetoVertexPos"] = I3Position(*SEED)
            physics["HESE_VHESelfVetoVertexTime"] = I3Double(SEED_TIME)
        if "HESE_VHESelfVeto" not in physics:
            physics["HESE_VHESelfVeto"] = I3Bool(False)
        for one in ("Pos", "Time"):
            if names + one not in physics:
                physics[names + one] = physics["HESE_VHESelfVetoVertex" + one]

    def setup_reco(self):
        stager = DataStager(cfg.LOCAL_DATA_SOURCES, cfg.LOCAL_SPLINE_SUBDIR, "http://nowhere.invalid/splines")
        stager.stage_files(self.SPLINE_REQUIREMENTS)
        self.tables = [os.path.getsize(stager.get_filepath(name)) for name in self.SPLINE_REQUIREMENTS]
        maths = os.environ.get("OPENBLAS_CORETYPE")
        print(f"stand-in: tables of {type(self).__name__} loaded, maths of {maths}", file=sys.stderr, flush=True)

    def traysegment(self, tray, name, logger, **kwargs):
        raise NotImplementedError("the stand-in has no trays")

    def fit(self, frame, header):
        """llh, losses inside and total, vertex and time: the same for the same direction and seed."""
        seed = frame["MillipedeSeedParticle"]
        zenith, azimuth = seed.dir.zenith, seed.dir.azimuth
        cosine = math.cos(zenith) * math.cos(BEST_ZENITH) + math.sin(zenith) * math.sin(BEST_ZENITH) * math.cos(azimuth - BEST_AZIMUTH)
        at = (seed.pos.x, seed.pos.y, seed.pos.z)
        off = sum((one - best) ** 2 for one, best in zip(at, BEST_VERTEX))
        llh = 1000 + 200 * (1 - cosine) + 0.001 * off
        inside = 1e5 * (2 + cosine)
        losses = (inside, 2 * inside) if self.has_losses else (math.nan, math.nan)
        # Half of the way to the best vertex.
        position = I3Position(*((one + best) / 2 for one, best in zip(at, BEST_VERTEX)))
        return llh, *losses, position, seed.time + 10


# From 3.22.1 on an instance is made for a version of the realtime format.
if RELEASE >= (3, 22, 1):

    class RecoInterface(Common):
        def __init__(self, realtime_format_version):
            self.pulses = cfg.pulses_of(realtime_format_version)

else:

    class RecoInterface(Common):
        pulses = "SplitUncleanedInIcePulses"
