"""One algorithm of the image, loaded once, run for unit after unit by the image's own `reco_pixel`."""

import gc
import json
import os
import shutil
import tempfile
from pathlib import Path

from skyscan_icetray.image import WrongImage, load, look_for_tables_in_i3_data, member, parameters, release_of, scanner_version
from skyscan_icetray.packet import keys_of, packet_of
from skyscan_icetray.pixel_frame import missing_seed, pixel_frame

# The leading parameters of `reco_pixel` in every release that answers in JSON (3.21.0 and newer); what follows is the outfile and,
# from 3.22.1 on, the version.
leading = ["reco_algo", "pframe", "GCDQp_packet", "baseline_GCD_file"]
version_parameter = "realtime_format_version"


class BadUnit(Exception):
    """A unit that nothing will make fit."""


class WarmReco:
    def __init__(self, algorithm, startup, baseline_gcd, scratch):
        self._algorithm = algorithm
        self._baseline_gcd = baseline_gcd
        self._scratch = scratch
        if not os.path.isfile(baseline_gcd):
            raise WrongImage(f"the baseline GCD file {baseline_gcd} is not there")
        release = release_of(scanner_version())
        if release is not None and release < (3, 21):
            raise WrongImage(f"skymap_scanner {scanner_version()} answers in pickles; 3.21.0 and newer are known how to be called")
        look_for_tables_in_i3_data()
        self._reco_pixel = member(load("skymap_scanner.client.reco_icetray"), "reco_pixel")
        self._decode = member(load("skymap_scanner.utils.messages"), "Serialization").decode_pkl_b64
        self._frame_class = member(load("icecube.icetray"), "I3Frame")
        takes_version = _takes_version(self._reco_pixel)
        reco_class = _reco_class(algorithm)
        self._version = _realtime_format_version(startup, algorithm)
        self._more = [self._version] if takes_version else []
        _check_constructor(reco_class, takes_version)
        self._packet = packet_of(startup["GCDQp_packet"])
        if "I3EventHeader" not in self._packet[-1]:
            raise WrongImage(f"the packet's p frame has no I3EventHeader; it has {keys_of(self._packet[-1])}")
        _set_up_once(reco_class, self._more)
        # What is loaded by now stays for ever: the collections after each unit need not look at it.
        gc.collect()
        gc.freeze()

    def fit(self, unit):
        """The image's RecoPixelVariation of a unit. Raises BadUnit, and whatever the image's code raises."""
        problem = missing_seed(unit)
        if problem is not None:
            raise BadUnit(problem)
        frame = pixel_frame(unit, self._packet[-1]["I3EventHeader"])
        # Frames are changed by a run, and the image writes an .i3 file beside the outfile.
        packet = [self._frame_class(one) for one in self._packet]
        directory = tempfile.mkdtemp(prefix="unit-", dir=self._scratch)
        try:
            outfile = Path(directory) / "out.json"
            self._reco_pixel(self._algorithm, frame, packet, self._baseline_gcd, outfile, *self._more)
            variation = self._decode(json.loads(outfile.read_text())["reco_pixel_variation_pkl_b64"])
        finally:
            shutil.rmtree(directory, ignore_errors=True)
            del frame, packet
            gc.collect()
        asked = (unit["nside"], unit["pixel"], unit["posvar"])
        answered = (variation.nside, variation.pixel_id, variation.posvar_id)
        if answered != asked:
            raise RuntimeError(f"the image answered for {answered}, it was asked for {asked}")
        return variation


def _takes_version(reco_pixel):
    names = parameters(reco_pixel)
    if names[:4] == leading and len(names) == 5:
        return False
    if names[:4] == leading and len(names) == 6 and names[5] == version_parameter:
        return True
    raise WrongImage(
        f"skymap_scanner {scanner_version()}: reco_pixel takes ({', '.join(names)}); known is ({', '.join(leading)}, outfile) "
        f"without or with {version_parameter} (releases from 3.21.0 on). Recos that start a process for each unit may still work"
    )


def _reco_class(algorithm):
    recos = load("skymap_scanner.recos")
    find = member(recos, "get_reco_interface_object")
    try:
        reco_class = find(algorithm)
    except Exception as error:
        there = ", ".join(sorted(str(name) for name in member(recos, "get_all_reco_algos")()))
        raise WrongImage(f"the image has no algorithm {algorithm} ({error!r}); it has {there}") from error
    for method in ("setup_reco", "traysegment"):
        member(reco_class, method)
    return reco_class


def _check_constructor(reco_class, takes_version):
    names = parameters(reco_class)
    if len(names) != (1 if takes_version else 0):
        raise WrongImage(
            f"skymap_scanner {scanner_version()}: {reco_class.__name__} is made with ({', '.join(names)}), "
            f"but reco_pixel {'takes' if takes_version else 'does not take'} {version_parameter}"
        )


def _realtime_format_version(startup, algorithm):
    """The format version of the event; refuses a packet that another image or algorithm prepared: they cannot be interchanged."""
    prepared = startup.get("x-icetray")
    if prepared is None:
        return (startup.get("event") or {}).get("realtimeFormatVersion") or ""
    here = {"skymapScanner": scanner_version(), "algorithm": algorithm}
    for name, value in here.items():
        if prepared.get(name) != value:
            raise WrongImage(f"the event was prepared with {name} {prepared.get(name)}, here it is {value}: use the same image")
    return prepared.get("realtimeFormatVersion") or ""


def _set_up_once(reco_class, constructor_arguments):
    """Loads the tables, and has every later instance that `reco_pixel` makes take them over instead of loading them again."""
    first = reco_class(*constructor_arguments)
    before = dict(vars(first))
    try:
        first.setup_reco()
    except Exception as error:
        wanted = ", ".join(str(name) for name in getattr(reco_class, "SPLINE_REQUIREMENTS", [])) or "none"
        sources = getattr(load("skymap_scanner.config"), "LOCAL_DATA_SOURCES", [])
        raise WrongImage(
            f"the algorithm could not be set up: {error!r}; it wants the tables {wanted}, "
            f"looked for below {', '.join(str(one) for one in sources) or 'nothing'} (and below I3_DATA)"
        ) from error
    loaded = {name: value for name, value in vars(first).items() if name not in before or before[name] is not value}
    reco_class.setup_reco = lambda instance: vars(instance).update(loaded)
