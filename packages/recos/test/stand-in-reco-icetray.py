"""A stand-in of the predecessor's program for one unit (`skymap_scanner.client.reco_icetray`), without IceTray.

It opens the infile and writes the outfile with Python's own pickle, over classes of the same names; it fits nothing, and answers with what it read.
"""

import argparse
import base64
import json
import pickle
import struct
import sys
import types


def module(name):
    made = types.ModuleType(name)
    sys.modules[name] = made
    return made


class I3Frame:
    def __setstate__(self, state):
        self.objects = objects_of(state[1])


class I3Position:
    def __init__(self, x=0.0, y=0.0, z=0.0):
        self.xyz = (x, y, z)

    def __reduce__(self):
        return I3Position, (), ({}, struct.pack("<HIHIddd", 1, 0, 1, 1, *self.xyz))


class RecoPixelVariation:
    pass


for name, classes in {
    "icecube": [],
    "icecube._icetray": [I3Frame],
    "icecube._dataclasses": [I3Position],
    "skymap_scanner": [],
    "skymap_scanner.utils": [],
    "skymap_scanner.utils.pixel_classes": [RecoPixelVariation],
}.items():
    made = module(name)
    for one in classes:
        one.__module__ = name
        setattr(made, one.__name__, one)


def objects_of(frame):
    """Keys and archives of a frame, version 6."""
    assert frame[:4] == b"[i3]" and frame[10:11] == b"P", frame[:11]
    at, objects = 15, {}

    def text():
        nonlocal at
        (length,) = struct.unpack_from("<I", frame, at)
        at += 4 + length
        return frame[at - length : at]

    for _ in range(struct.unpack_from("<I", frame, 11)[0]):
        key, _type, blob = text().decode(), text(), text()
        objects[key] = blob
    return objects


def main():
    parser = argparse.ArgumentParser()
    for flag in ("--infile", "--outfile", "--gcdqp-packet-json"):
        parser.add_argument(flag, required=True)
    parser.add_argument("--baseline-gcd-file")
    parser.add_argument("--nan", action="store_true")
    args = parser.parse_args()

    with open(args.infile, encoding="utf-8") as file:
        infile = json.load(file)
    frame = pickle.loads(base64.b64decode(infile["pframe_pkl_b64"]))
    with open(args.gcdqp_packet_json, encoding="utf-8") as file:
        packet = json.load(file)
    integer = {key: struct.unpack("<i", blob[-4:])[0] for key, blob in frame.objects.items() if key.startswith("SCAN_")}
    nside, pixel = integer["SCAN_HealpixNSide"], integer["SCAN_HealpixPixel"]
    posvar = integer["SCAN_PositionVariationIndex"]
    # I3Particle: 30 bytes of preamble, 24 of ids and states, 10 of class infos of its position; then position, direction, time.
    seed = frame.objects["MillipedeSeedParticle"]
    x, y, z = struct.unpack_from("<ddd", seed, 64)
    (time,) = struct.unpack_from("<d", seed, 114)

    nan = float("nan")
    answer = RecoPixelVariation()
    answer.llh = nan if args.nan else pixel + posvar / 10
    answer.reco_losses_inside = nan if args.nan else float(nside)
    answer.reco_losses_total = nan if args.nan else float(len(packet["frames"]))
    answer.position = I3Position(nan, nan, nan) if args.nan else I3Position(x, y, z)
    answer.time = nan if args.nan else time
    answer.energy = nan
    answer.nside, answer.pixel_id, answer.posvar_id = nside, pixel, posvar
    answer.id_tuple = (nside, pixel, posvar)
    with open(args.outfile, "x", encoding="utf-8") as file:
        json.dump({"reco_pixel_variation_pkl_b64": base64.b64encode(pickle.dumps(answer, protocol=4)).decode(), "runtime": 0.5}, file)


main()
