from .common import RecoInterface


class MillipedeOriginal(RecoInterface):
    SPLINE_REQUIREMENTS = ["ems_mie_z20_a10.abs.fits", "ems_mie_z20_a10.prob.fits"]


RECO_CLASS = MillipedeOriginal
