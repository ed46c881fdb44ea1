"""The stream adapter: one process that keeps IceTray, the event's frames and the tables loaded, and fits unit after unit.

It runs inside an IceTray image and calls the image's own code. Everything that it takes for granted about that code is looked at before
`ready`; what is otherwise is said on stderr, and the process ends with status 1.
"""

import argparse
import json
import os
import sys
import traceback

from skyscan_icetray.image import WrongImage
from skyscan_icetray.warm_reco import BadUnit, WarmReco
from skyscan_icetray.wire import Wire, number

renewal_variable = "SKYSCAN_ICETRAY_RENEWAL"


def main():
    options = arguments()
    handed_over = json.loads(os.environ.pop(renewal_variable, "null"))
    wire = Wire() if handed_over is None else Wire(handed_over["descriptor"])
    start = first_line(wire) if handed_over is None else handed_over["start"]
    if start is None:
        return
    with open(start["startup"], encoding="utf-8") as file:
        startup = json.load(file)
    if startup.get("GCDQp_packet") is None:
        sys.exit("the startup file carries no GCDQp_packet: this reco needs an event, and its prepare step")
    try:
        reco = WarmReco(options.algorithm, startup, options.baseline_gcd, start["scratch"])
    except WrongImage as error:
        sys.exit(f"{options.algorithm}: {error}")
    if handed_over is None:
        # The startup file names the manifest that the engine goes by, so that its version stands in one place.
        about = startup["reco"]
        wire.say({"type": "ready", "protocol": 1, "name": about["name"], "version": about["version"]})
    serve(wire, reco, options, start)


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--algorithm", required=True, help="the image's name of it")
    parser.add_argument("--baseline-gcd", required=True, help="the baseline GCD file, here")
    parser.add_argument("--renew-after-units", type=int, default=1000, help="the program starts itself anew then")
    parser.add_argument("--renew-after-growth-mb", type=int, default=2000, help="or when it has grown so much since its first unit")
    return parser.parse_args()


def first_line(wire):
    start = wire.hear()
    if start is None:
        return None
    if start.get("type") != "start" or start.get("protocol") != 1:
        sys.exit(f"this reco speaks protocol 1, and was greeted with {start.get('type')} {start.get('protocol')}")
    return start


def serve(wire, reco, options, start):
    units = 0
    first_mb = None
    while True:
        line = wire.hear()
        if line is None:
            leave()
        if line.get("type") != "unit":
            continue
        wire.say(answer(reco, line))
        units += 1
        # Tables, and what a first fit makes for good, are no growth.
        first_mb = resident_mb() if first_mb is None else first_mb
        if units >= options.renew_after_units or resident_mb() - first_mb > options.renew_after_growth_mb:
            renew(wire, start, units)


def answer(reco, line):
    about = {"unit": line["unit"]}
    try:
        variation = reco.fit(line)
    except BadUnit as error:
        return {**about, "type": "error", "code": "bad-input", "message": str(error), "retry": False}
    # SystemExit: no module of the image ends this process.
    except (Exception, SystemExit) as error:
        traceback.print_exc()
        return {**about, "type": "error", "code": "internal", "message": repr(error)[:2000], "retry": True}
    return {
        **about,
        "type": "result",
        "llh": number(variation.llh),
        "eInGeV": number(variation.reco_losses_inside),
        "eTotGeV": number(variation.reco_losses_total),
        "xM": number(variation.position.x),
        "yM": number(variation.position.y),
        "zM": number(variation.position.z),
        "timeNs": number(variation.time),
    }


def resident_mb():
    with open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


def renew(wire, start, units):
    """Nothing else gives back what trays leave in memory. The same process goes on with a fresh program: for the engine nothing happened,
    and the next unit waits in the pipe until the tables are loaded again."""
    print(f"starting anew after {units} units with {resident_mb():.0f} MB", file=sys.stderr, flush=True)
    os.set_inheritable(wire.descriptor, True)
    os.environ[renewal_variable] = json.dumps({"descriptor": wire.descriptor, "start": start})
    os.execv(sys.executable, [sys.executable, "-B", *sys.argv])


def leave():
    """At once: the destructors of IceTray may take longer than the engine waits."""
    sys.stderr.flush()
    os._exit(0)


main()
