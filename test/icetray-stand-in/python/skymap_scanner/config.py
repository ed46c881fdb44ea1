import os
from pathlib import Path

# The image's own directory, then the one that every host may have.
LOCAL_DATA_SOURCES = [Path(__file__).parents[2] / "i3-data", Path("/cvmfs/icetray-stand-in")]
LOCAL_SPLINE_SUBDIR = "photon-tables/splines"
LOCAL_GCD_DATA_SOURCES = [Path(__file__).parents[2] / "i3-data" / "baseline_gcds"]
LOCAL_DATA_CACHE = Path(os.environ.get("EWMS_TASK_DATA_HUB_DIR", ".")) / "data-staging-cache"
INPUT_TIME_NAME, INPUT_POS_NAME, OUTPUT_PARTICLE_NAME = "SeedVertexTime", "SeedVertexPos", "MillipedeSeedParticle"

PULSES = {"2023a": "SplitInIcePulses", "2024a": "SplitInIcePulses"}


def pulses_of(version):
    return PULSES.get(version, "SplitUncleanedInIcePulses")
