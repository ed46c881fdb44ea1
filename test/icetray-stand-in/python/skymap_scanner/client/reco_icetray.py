import json
import os
import sys
from pathlib import Path

from icecube import dataio, full_event_followup
from icecube.icetray import I3Frame

from .. import RELEASE
from ..recos import get_reco_interface_object
from ..utils.messages import Serialization
from ..utils.pixel_classes import RecoPixelVariation


def _reco_pixel(reco_algo, pframe, GCDQp_packet, baseline_GCD_file, outfile, *version):
    if baseline_GCD_file is not None:
        if not os.path.isfile(baseline_GCD_file):
            raise RuntimeError(f"baseline GCD file {baseline_GCD_file} does not exist")
        if [frame.Stop.id for frame in dataio.I3File(baseline_GCD_file)[:3]] != ["G", "C", "D"]:
            raise RuntimeError(f"{baseline_GCD_file} is no GCD file")
    # Pushing a frame changes it in place: the same one cannot be pushed twice.
    for frame in [*GCDQp_packet, pframe]:
        frame["pushed"] = ("I3Bool", b"")
    reco = get_reco_interface_object(reco_algo)(*version)
    reco.setup_reco()
    if len(reco.tables) != len(reco.SPLINE_REQUIREMENTS):
        raise RuntimeError("no tables")
    # Whatever is not in the P frame comes from the packet by mixing.
    mixed = I3Frame(GCDQp_packet[-1])
    for key in pframe.keys():
        mixed.Delete(key)
        mixed[key] = pframe[key]
    for needed in (f"{reco.pulses}HLC", "SeedVertexPos", "I3EventHeader", "MillipedeSeedParticle"):
        mixed[needed]
    header = mixed["I3EventHeader"]
    nside, pixel, posvar = (
        mixed[key].value for key in ("SCAN_HealpixNSide", "SCAN_HealpixPixel", "SCAN_PositionVariationIndex")
    )
    if header.sub_event_stream != f"SCAN_nside{nside:04d}_pixel{pixel:04d}_posvar{posvar:04d}" or header.sub_event_id != pixel:
        raise RuntimeError(f"the header is of {header.sub_event_stream}, {header.sub_event_id}")
    llh, inside, total, position, time = reco.fit(mixed, header)
    variation = RecoPixelVariation(llh, inside, total, position, time, float("nan"), nside, pixel, posvar)
    outfile = Path(outfile)
    if outfile.exists():
        raise FileExistsError(outfile)
    beside = outfile.parent / f"nside{nside:06d}"
    beside.mkdir(exist_ok=True)
    (beside / f"pix{pixel:012d}.i3").write_bytes(pframe.dumps())
    outfile.write_text(json.dumps({"reco_pixel_variation_pkl_b64": Serialization.encode_pkl_b64(variation), "runtime": 65.0}))
    # Modules that took long say so when they are destroyed.
    print("I3Tray finishing...", flush=True)
    os.write(1, b"MillipedeStarting2ndPass: 65.0 s\n")
    return outfile


if RELEASE >= (3, 22, 1):

    def reco_pixel(reco_algo, pframe, GCDQp_packet, baseline_GCD_file, outfile, realtime_format_version):
        return _reco_pixel(reco_algo, pframe, GCDQp_packet, baseline_GCD_file, outfile, realtime_format_version)

else:

    def reco_pixel(reco_algo, pframe, GCDQp_packet, baseline_GCD_file, out_json):
        return _reco_pixel(reco_algo, pframe, GCDQp_packet, baseline_GCD_file, out_json)


def run_unit(infile, outfile, packet, baseline):
    """What the images' unit commands have in common."""
    if Path(outfile).exists():
        raise FileExistsError(outfile)
    message = json.loads(Path(infile).read_text())
    frames = full_event_followup.i3live_json_to_frame_packet(json.dumps(packet), pnf_framing=False)
    frame = Serialization.decode_pkl_b64(message["pframe_pkl_b64"])
    more = [message["realtime_format_version"]] if RELEASE >= (3, 22, 1) else []
    reco_pixel(message["reco_algo"], frame, frames, baseline, Path(outfile), *more)


def main():
    import argparse

    parser = argparse.ArgumentParser()
    for flag in ("--infile", "--outfile", "--gcdqp-packet-json", "--baseline-gcd-file"):
        parser.add_argument(flag, required=True)
    args = parser.parse_args()
    run_unit(args.infile, args.outfile, json.loads(Path(args.gcdqp_packet_json).read_text()), args.baseline_gcd_file)


if __name__ == "__main__" and RELEASE < (4,):
    sys.exit(main())
