"""Has skyreader find best fit and contours in a result and draw it, and prints its numbers as JSON.

usage: plot-with-skyreader.py NPZ OUTPUT_DIRECTORY
"""
import contextlib
import io
import json
import re
import sys
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
from skyreader import SkyScanResult
from skyreader.plot import plot

npz, output = sys.argv[1:3]
result = SkyScanResult.read_npz(npz)
plotter = plot.SkyScanPlotter(output_dir=Path(output))
plotter.PLOT_DPI_ZOOMED = 50  # the picture is not looked at
printed = io.StringIO()
with contextlib.redirect_stdout(printed):
    plotter.create_plot_zoomed(result, systematics=len(sys.argv) > 3)
text = printed.getvalue()
numbers = r"(-?[\d.]+) \+ (-?[\d.]+) - (-?[\d.]+)"
errors = [[float(x) for x in found] for found in re.findall(rf"(?:RA|Dec) = {numbers}", text)]
print(json.dumps({
    "best": [float(x) for x in result.best_dir],
    "errors": [[abs(x) for x in ra[1:] + dec[1:]] for ra, dec in (errors[0:2], errors[2:4])],
    "areas": [float(x) for x in re.findall(r"Contour Area \(\d+%\): ([\d.]+)", text)],
    "files": sorted(path.name for path in Path(output).iterdir()),
}))
