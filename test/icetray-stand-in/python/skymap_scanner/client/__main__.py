import argparse
import json
from pathlib import Path

from .. import RELEASE
from ..utils.data_handling import get_gcd_datastager
from .reco_icetray import run_unit

if RELEASE < (4,):
    raise SystemExit("the client of this release wants a broker; the stand-in has its unit command only")
parser = argparse.ArgumentParser()
for flag in ("--infile", "--outfile", "--client-startup-json"):
    parser.add_argument(flag, required=True)
args = parser.parse_args()
startup = json.loads(Path(args.client_startup_json).read_text())
# By its base name, whatever the path was at the server.
baseline = get_gcd_datastager().get_filepath(Path(startup["baseline_GCD_file"]).name)
run_unit(args.infile, args.outfile, startup["GCDQp_packet"], baseline)
