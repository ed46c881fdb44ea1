import json
from collections import namedtuple
from pathlib import Path

from icecube import dataio, full_event_followup

from .. import RELEASE
from .. import config as cfg
from ..recos import get_reco_interface_object
from .data_handling import get_gcd_datastager

EventMetadata = namedtuple("EventMetadata", "run_id event_id event_type mjd is_real_event version")


def baseline_name(geometry):
    """`base_filename` is the first field of a difference."""
    if "I3GeometryDiff" not in geometry:
        return None
    blob = geometry["I3GeometryDiff"][1]
    start = 8 + int.from_bytes(blob[4:8], "little") + 12
    return blob[start + 4 : start + 4 + int.from_bytes(blob[start : start + 4], "little")].decode()


def from_directory(directory, run_id):
    """The file of the last run before the event's."""
    numbered = []
    for path in sorted(Path(directory).iterdir()):
        digits = path.name.split(".")[0].split("Run")[-1].split("_")[-1]
        if path.name.endswith(".i3") and int(digits) < run_id:
            numbered.append(path)
    return str(numbered[-1])


def _extract(event_dict, reco_algo, is_real_event, cache_dir, GCD_dir):
    if not Path(cache_dir).is_dir():
        raise RuntimeError(f'cache directory "{cache_dir}" does not exist.')
    version = event_dict["value"].get("version", "")
    frames = full_event_followup.i3live_json_to_frame_packet(json.dumps(event_dict), pnf_framing=True)
    if len(frames) != 5 or frames[-1].Stop.id not in "Pp":
        raise RuntimeError("frame packet cache has 5 frames G, C, D, Q, P")
    header = frames[-1]["I3EventHeader"]
    if is_real_event and not 1e5 <= header.run_id < 1e6:
        raise ValueError(f"Run id {header.run_id} is not one of a real event.")
    event_cache = Path(cache_dir) / f"run{header.run_id:08d}.evt{header.event_id:012d}"
    event_cache.mkdir()
    baseline = None
    name = baseline_name(frames[0])
    if name is not None:
        # Staged by its name; the directory has no effect here (it had, in old releases).
        baseline = get_gcd_datastager().get_filepath(name) if RELEASE >= (3, 18) else str(Path(GCD_dir) / name)
        (event_cache / "base_GCD_for_diff.i3").write_bytes(Path(baseline).read_bytes())
    elif "I3Geometry" not in frames[0]:
        baseline = from_directory(GCD_dir, header.run_id)
        frames[:3] = dataio.I3File(baseline)[:3]
    physics = frames[-1].purge_for("p")
    detector = frames[2].purge_for("D")
    if RELEASE >= (3, 18) and "BadDomsList" not in detector:
        detector["BadDomsList"] = ("I3Vector<OMKey>", b"")
    pulses = cfg.pulses_of(version)
    for suffix in ("HLC", "SLC"):
        if pulses + suffix not in physics:
            physics[pulses + suffix] = physics[pulses]
    get_reco_interface_object(reco_algo).prepare_frames(physics, pulses)
    packet = [frames[0].purge_for("G"), frames[1].purge_for("C"), detector, frames[3].purge_for("Q"), physics]
    state = {"GCDQp_packet": packet, "baseline_GCD_file": baseline, "nsides": {}}
    return EventMetadata(header.run_id, header.event_id, None, 0.0, is_real_event, 1), state, version


if RELEASE >= (3, 22, 1):

    def extract_json_message(event_dict, reco_algo, is_real_event, cache_dir, GCD_dir):
        return _extract(event_dict, reco_algo, is_real_event, cache_dir, GCD_dir)

else:

    def extract_json_message(json_data, reco_algo, is_real_event, cache_dir="./cache/", GCD_dir=None):
        return _extract(json_data, reco_algo, is_real_event, cache_dir, GCD_dir)[:2]
