"""Opens the extra files of a result with the libraries people use and prints what they make of them, as JSON.

usage: read-extras.py PREFIX FLAT_NSIDE   (PREFIX: directory/<event>_<nsides>)
"""
import json
import sys

import astropy.io.ascii
import astropy.units as u
import astropy_healpix
import healpy
import mhealpy
import numpy as np
from astropy.io import fits
from astropy.table import Table
from ligo.skymap.io import read_sky_map
from ligo.skymap.moc import uniq2pixarea
from ligo.skymap.postprocess import crossmatch, find_greedy_credible_levels
from mocpy import MOC

prefix, nside = sys.argv[1], int(sys.argv[2])
SQ_DEG = (180 / np.pi) ** 2
flat = f"{prefix}.skymap_nside_{nside}_probability.fits.gz"
llh = f"{prefix}.skymap_nside_{nside}_llh.fits.gz"
multiorder = f"{prefix}.multiorder.fits.gz"
answer = {}

# astropy: structure, every header card, no complaints
cards = {}
for name, path in [("flat", flat), ("llh", llh), ("multiorder", multiorder), ("moc", f"{prefix}.region_90.moc.fits")]:
    with fits.open(path) as hdus:
        hdus.verify("exception")
        cards[name] = {k: hdus[1].header[k] for k in hdus[1].header if k not in ("COMMENT", "HISTORY", "")}
        cards[name]["columns"] = [[c.name, c.format, c.unit] for c in hdus[1].columns]
answer["cards"] = cards

# healpy
prob, header = healpy.read_map(flat, h=True, dtype=np.float64)
two_delta_llh = healpy.read_map(llh, dtype=np.float64)
header = dict(header)
order = np.argsort(-prob, kind="stable")
cumulated = np.cumsum(prob[order])
pixel_area = healpy.nside2pixarea(nside) * SQ_DEG
answer["healpy"] = {
    "total": float(prob.sum()),
    "nan": bool(np.isnan(prob).any() or np.isnan(two_delta_llh).any()),
    "best": int(np.argmax(prob)),
    "best_llh": int(np.argmin(two_delta_llh)),
    "min_llh": float(two_delta_llh.min()),
    "ordering": header["ORDERING"],
    "areas": [float((np.searchsorted(cumulated, p) + 1) * pixel_area) for p in (0.5, 0.9)],
}

# mhealpy
m = mhealpy.HealpixMap.read_map(multiorder)
p = np.asarray(m.data) * np.asarray(m.pixarea().value)
answer["mhealpy"] = {
    "total": float(p.sum()),
    "is_moc": bool(m.is_moc),
    "best": [float(x) for x in np.array(m.pix2ang(int(np.argmax(m.data))))],
    "sorted": bool((np.diff(m.uniq) > 0).all()),
    "covers": float(m.pixarea().value.sum() / (4 * np.pi)),
}

# ligo.skymap
moc = read_sky_map(multiorder, moc=True)
areas = crossmatch(moc, contours=(0.5, 0.9)).contour_areas
p = moc["PROBDENSITY"] * uniq2pixarea(moc["UNIQ"])
best = moc[np.argmax(moc["PROBDENSITY"])]
level, ipix = astropy_healpix.uniq_to_level_ipix(best["UNIQ"])
lon, lat = astropy_healpix.healpix_to_lonlat(ipix, astropy_healpix.level_to_nside(level), order="nested")
flat_prob, _ = read_sky_map(flat, nest=False)
levels = find_greedy_credible_levels(flat_prob)
answer["ligo"] = {
    "total": float(p.sum()),
    "areas": [float(a) for a in areas],
    "flat_areas": [float((levels <= q).sum() * pixel_area) for q in (0.5, 0.9)],
    "best": [float(lon.rad), float(lat.rad)],
    "gps_time": moc.meta.get("gps_time"),
}

# mocpy
regions = {}
for percent in (50, 90):
    from_fits = MOC.from_fits(f"{prefix}.region_{percent}.moc.fits")
    with open(f"{prefix}.region_{percent}.moc.json") as f:
        from_json = MOC.from_json(json.load(f))
    regions[percent] = {
        "same": bool(from_fits == from_json),
        "area": float(from_fits.sky_fraction * 4 * np.pi * SQ_DEG),
        "order": int(from_fits.max_order),
    }
    table = Table.read(multiorder)
    valued = MOC.from_valued_healpix_cells(
        table["UNIQ"], p, from_fits.max_order, cumul_to=percent / 100, cumul_from=0.0
    )
    regions[percent]["valued"] = float(valued.sky_fraction * 4 * np.pi * SQ_DEG)
answer["mocpy"] = {"regions": regions, "uniq_union": float(MOC.from_healpix_cells(
    np.asarray(mhealpy.uniq2nest(m.uniq)[1], dtype=np.uint64),
    np.log2(mhealpy.uniq2nside(m.uniq)).astype(np.uint8),
    max_depth=int(cards["multiorder"]["MOCORDER"]),
).sky_fraction)}

# contour text, as skyreader's own are read
answer["contours"] = {}
for percent in (50, 90):
    table = astropy.io.ascii.read(f"{prefix}.contour_{percent}.txt")
    answer["contours"][percent] = {"columns": table.colnames, "points": len(table)}

json.dump(answer, sys.stdout, default=str)
