"""The other side of `npm run bench:healpix`: healpy's vectorised functions over the same numbers.

Arguments: files of float64 with colatitudes, longitudes, and numbers in [0, 1) that stand for pixels.
Each line on stdin is `operation nside count radius`; the answer is `processor-seconds checksum`.
"""
import sys
import time

import healpy
import numpy as np

theta, phi, share = (np.fromfile(path) for path in sys.argv[1:4])


def discs(nside, vectors, radius):
    return sum(int(healpy.query_disc(nside, vector, radius).sum()) for vector in vectors)


print(healpy.__version__, flush=True)
for line in sys.stdin:
    operation, nside, count, radius = line.split()
    nside, count, radius = int(nside), int(count), float(radius)
    t, p = theta[:count], phi[:count]
    pixels = np.floor(share[:count] * (12 * nside * nside)).astype(np.int64)
    vectors = healpy.ang2vec(t, p) if operation == "disc" else None
    started = time.process_time()
    if operation == "ang2pix":
        answer = healpy.ang2pix(nside, t, p)
    elif operation == "pix2ang":
        answer = healpy.pix2ang(nside, pixels)
    elif operation == "neighbours":
        answer = healpy.get_all_neighbours(nside, pixels)
    elif operation == "disc":
        answer = discs(nside, vectors, radius)
    elif operation == "ring2nest":
        answer = healpy.ring2nest(nside, pixels)
    elif operation == "nest2ring":
        answer = healpy.nest2ring(nside, pixels)
    else:
        raise ValueError(operation)
    seconds = time.process_time() - started
    print(seconds, repr(float(np.sum(answer))), flush=True)
