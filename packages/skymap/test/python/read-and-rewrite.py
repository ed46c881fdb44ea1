"""Reads results with numpy and skyreader and lets skyreader write them again: python read-and-rewrite.py NPZ JSON OUTPUT_DIRECTORY

Prints what it read as JSON. Columns are base64 of little-endian float64, so that not a bit is lost on the way.
"""

import base64
import json
import logging
import sys

import numpy as np
import pandas as pd
from skyreader import SkyScanResult

logging.disable(logging.CRITICAL)
if not hasattr(pd.DataFrame, "applymap"):
    pd.DataFrame.applymap = pd.DataFrame.map  # renamed in pandas 3; skyreader 1.6.3 uses the old name

npz_path, json_path, output = sys.argv[1:]


def column(values):
    return base64.b64encode(np.asarray(values, dtype="<f8").tobytes()).decode()


arrays = np.load(npz_path)  # allow_pickle is off
members = [
    {
        "name": name,
        "dtype": [list(field) for field in arrays[name].dtype.descr],
        "columns": {field: column(arrays[name][field]) for field in arrays[name].dtype.names if arrays[name].dtype[field].kind in "if"},
    }
    for name in arrays.files
]

from_npz = SkyScanResult.read_npz(npz_path)
from_json = SkyScanResult.read_json(json_path)
metadata = from_npz.get_event_metadata()
try:
    best = {"nside": int(from_npz.best_fit.dtype.metadata["nside"]), "pixel": int(from_npz.best_fit["index"]),
            "llh": float(from_npz.best_fit["llh"]), "direction": [float(x) for x in from_npz.best_dir]}
except UnboundLocalError:  # skyreader cannot tell when an nside holds NaN
    best = None

json.dump({
    "members": members,
    "header": [[x.item() if hasattr(x, "item") else x for x in row] for row in arrays["header"].tolist()],
    "event": str(metadata),
    "equal": from_npz == from_json,
    "close": from_npz.is_close(from_json) and from_json.is_close(from_npz),
    "best": best,
    "npz": str(from_npz.to_npz(metadata, output)),
    "json": str(from_npz.to_json(metadata, output)),
}, sys.stdout)
