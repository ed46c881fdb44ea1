"""A reco in stream mode with nothing but Python's standard library.

The fit is a toy: a plane of light moves along the track through the seed's vertex with the speed of light;
the arrival times at the modules are compared with it, and the best time of the vertex is found in closed form.
"""

import json
import math
import sys

NAME, VERSION = "example_python", "1.0.0"
SPEED_M_PER_NS = 0.299792458
SIGMA_NS = 150.0


def say(line):
    """One object, one line, flushed. allow_nan=False: the protocol knows null, not NaN."""
    print(json.dumps(line, allow_nan=False), flush=True)


def read_hits(startup_path, which):
    """[(x, y, z, time, charge)] of the first pulse of each module, or of all pulses."""
    with open(startup_path, encoding="utf-8") as file:
        event = json.load(file)["event"]
    hits = []
    for dom in event["doms"]:
        pulses = dom["pulses"][:1] if which == "first" else dom["pulses"]
        hits += [(dom["xM"], dom["yM"], dom["zM"], pulse[0], pulse[1]) for pulse in pulses]
    return hits


def fit(hits, unit):
    # Zenith and azimuth say where the particle comes from; it moves the other way.
    zenith, azimuth = unit["direction"]["zenithRad"], unit["direction"]["azimuthRad"]
    move = (-math.sin(zenith) * math.cos(azimuth), -math.sin(zenith) * math.sin(azimuth), -math.cos(zenith))
    seed = unit["seed"] or {}
    vertex = [seed.get(key) or 0.0 for key in ("xM", "yM", "zM")]

    # When the plane reaches a module, counted from the vertex; the best vertex time is the mean of what is left.
    late = [t - sum((p - v) * m for p, v, m in zip((x, y, z), vertex, move)) / SPEED_M_PER_NS for x, y, z, t, _ in hits]
    if not late:
        return None, vertex, None
    time = sum(late) / len(late)
    llh = sum(0.5 * ((one - time) / SIGMA_NS) ** 2 + math.log(SIGMA_NS * math.sqrt(2 * math.pi)) for one in late)
    return llh, vertex, time


def main():
    which = sys.argv[sys.argv.index("--pulses") + 1]
    hits = []
    for text in sys.stdin:
        line = json.loads(text)
        if line["type"] == "start":
            if line["protocol"] != 1:
                sys.exit(f"{NAME} speaks protocol 1, not {line['protocol']}")
            hits = read_hits(line["startup"], which)
            print(f"{len(hits)} hits", file=sys.stderr)
            say({"type": "ready", "protocol": 1, "name": NAME, "version": VERSION})
        elif line["type"] == "unit":
            llh, vertex, time = fit(hits, line)
            x, y, z = vertex
            # llh None (null) is an honest failed fit; the other keys default to null.
            say({"type": "result", "unit": line["unit"], "llh": llh, "xM": x, "yM": y, "zM": z, "timeNs": time})
    # The end of stdin: leave with status 0.


main()
