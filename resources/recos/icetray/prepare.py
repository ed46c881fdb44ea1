"""The `prepare` step: from an event file to the frames that every fit shares, and the vertex that a scan starts from.

It runs once, at the server, inside the image that will do the fits, and calls that image's own code: what it makes is good for this
algorithm and this release alone, and says so under `x-icetray`.
"""

import argparse
import json
import os
import pickle
import sys
import tempfile

from skyscan_icetray.image import (
    WrongImage,
    load,
    look_for_tables_in_i3_data,
    look_here_first,
    member,
    parameters,
    release_of,
    scanner_version,
)
from skyscan_icetray.packet import keys_of, value_of
from skyscan_icetray.wire import number

# What `extract_json_message` takes, after the event itself.
wanted = ["reco_algo", "is_real_event", "cache_dir", "GCD_dir"]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--algorithm", required=True, help="the image's name of it")
    parser.add_argument("--infile", required=True, help="the event file, .json or .pkl")
    parser.add_argument("--outfile", required=True)
    options = parser.parse_args()
    try:
        prepared = prepare(options.algorithm, read_event(options.infile))
    except WrongImage as error:
        sys.exit(f"{options.algorithm}: {error}")
    beside = f"{options.outfile}.part"
    with open(beside, "w", encoding="utf-8") as file:
        json.dump(prepared, file, allow_nan=False)
    os.replace(beside, options.outfile)


class PlainUnpickler(pickle.Unpickler):
    """For a pickle of plain data, as event files are: no class is looked up, nothing is called."""

    def find_class(self, module, name):
        raise pickle.UnpicklingError(f"an event file holds plain data, this one names {module}.{name}")


def read_event(path):
    with open(path, "rb") as file:
        if file.peek(1)[:1] == b"\x80":
            return PlainUnpickler(file).load()
        return json.load(file)


def prepare(algorithm, event):
    extract = member(load("skymap_scanner.utils.extract_json_message"), "extract_json_message")
    names = parameters(extract)
    if names[1:] != wanted:
        raise WrongImage(
            f"skymap_scanner {scanner_version()}: extract_json_message takes ({', '.join(names)}); known is (event, {', '.join(wanted)})"
        )
    look_for_tables_in_i3_data()
    known = getattr(load("skymap_scanner.recos"), "get_all_reco_algos", None)
    if known is not None and algorithm not in known():
        raise WrongImage(f"the image has no such algorithm; it has {', '.join(known())}")
    # The baseline file that the server has found, wherever that was; without one, --gcd-dir, where the image chooses a file by run number.
    baseline_gcd = os.environ.get("SKYSCAN_PREPARE_BASELINE_GCD")
    gcd_dir = os.path.dirname(baseline_gcd) if baseline_gcd else os.environ.get("SKYSCAN_PREPARE_GCD_DIR")
    if gcd_dir and os.path.isdir(gcd_dir):
        # Releases from 3.18.2 on stage by name from these places, whatever the argument says.
        look_here_first("LOCAL_GCD_DATA_SOURCES", gcd_dir)
    # Fresh: what an earlier scan left in a cache is compared with, or taken for, this one's.
    with tempfile.TemporaryDirectory(prefix="cache-", dir=".") as cache:
        made = extract(event, algorithm, is_real_event=is_real(), cache_dir=cache, GCD_dir=gcd_dir)
        if len(made) not in (2, 3):
            raise WrongImage(f"extract_json_message gives {len(made)} things; known is (metadata, state) without or with the version")
        state = made[1]
        for key in ("GCDQp_packet", "baseline_GCD_file"):
            if key not in state:
                raise WrongImage(f"the state that extract_json_message gives has no {key}; it has {', '.join(map(str, state))}")
        packet = list(state["GCDQp_packet"])
        baseline = state["baseline_GCD_file"]
        return {
            "GCDQp_packet": value_of(packet),
            "baseline_GCD_file": None if baseline is None else str(baseline),
            "seed": seed_of(packet[-1]),
            "x-icetray": {
                "skymapScanner": scanner_version(),
                "algorithm": algorithm,
                "realtimeFormatVersion": made[2] if len(made) == 3 else event["value"].get("version", ""),
            },
        }


def is_real():
    said = os.environ.get("SKYSCAN_PREPARE_REAL_EVENT")
    if said not in ("true", "false"):
        sys.exit(f"SKYSCAN_PREPARE_REAL_EVENT must be true or false, it is {said}")
    return said == "true"


def seed_of(physics):
    """The vertex that the algorithm's own preparation put into the p frame."""
    release = release_of(scanner_version())
    name = "HESE_VHESelfVetoVertex" if release is not None and release < (3, 11) else "SeedVertex"
    if f"{name}Pos" not in physics or f"{name}Time" not in physics:
        raise WrongImage(f"the prepared p frame has no {name}Pos and {name}Time; it has {keys_of(physics)}")
    position = physics[f"{name}Pos"]
    return {
        "xM": number(position.x),
        "yM": number(position.y),
        "zM": number(position.z),
        "timeNs": number(physics[f"{name}Time"].value),
        "energyGeV": None,
    }


main()
