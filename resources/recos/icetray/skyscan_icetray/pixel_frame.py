"""The P frame of one unit, as the Skymap Scanner's server would have sent it."""

import math

from skyscan_icetray.image import load, member

SEED = "MillipedeSeedParticle"


def pixel_frame(unit, header):
    """The frame of a unit of the reco protocol; `header` is the I3EventHeader of the packet's p frame."""
    icetray, dataclasses = load("icecube.icetray"), load("icecube.dataclasses")
    frame_class = member(icetray, "I3Frame")
    frame = frame_class(frame_class.Physics)
    own = member(dataclasses, "I3EventHeader")(header)
    nside, pixel, posvar = unit["nside"], unit["pixel"], unit["posvar"]
    own.sub_event_stream = f"SCAN_nside{nside:04d}_pixel{pixel:04d}_posvar{posvar:04d}"
    own.sub_event_id = pixel
    frame["I3EventHeader"] = own
    for key, value in (
        ("SCAN_HealpixNSide", nside),
        ("SCAN_HealpixPixel", pixel),
        ("SCAN_PositionVariationIndex", posvar),
    ):
        frame[key] = member(icetray, "I3Int")(value)
    frame[SEED] = _particle(dataclasses, unit["direction"], unit["seed"])
    if unit.get("fallbackSeed") is not None:
        frame[f"{SEED}_fallback"] = _particle(dataclasses, unit["direction"], unit["fallbackSeed"])
    return frame


def missing_seed(unit):
    """Why a unit cannot be fitted, or None: IceTray's fits need a place and a time to start from."""
    seeds = [("seed", unit.get("seed"))]
    if unit.get("fallbackSeed") is not None:
        seeds.append(("fallbackSeed", unit["fallbackSeed"]))
    for name, seed in seeds:
        missing = [key for key in ("xM", "yM", "zM", "timeNs") if (seed or {}).get(key) is None]
        if missing:
            return f"the {name} has no {', '.join(missing)}"
    return None


def _particle(dataclasses, direction, seed):
    particle_class = member(dataclasses, "I3Particle")
    particle = particle_class()
    particle.shape = getattr(particle_class, "ParticleShape", particle_class).InfiniteTrack
    particle.fit_status = getattr(particle_class, "FitStatus", particle_class).OK
    particle.pos = member(dataclasses, "I3Position")(seed["xM"], seed["yM"], seed["zM"])
    particle.dir = member(dataclasses, "I3Direction")(direction["zenithRad"], direction["azimuthRad"])
    particle.time = seed["timeNs"]
    energy = seed.get("energyGeV")
    particle.energy = math.nan if energy is None else energy
    return particle
