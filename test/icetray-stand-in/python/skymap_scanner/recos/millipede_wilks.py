import os

from .common import RecoInterface


class MillipedeWilks(RecoInterface):
    SPLINE_REQUIREMENTS = [
        "cascade_single_spice_ftp-v1_flat_z20_a5.abs.fits",
        "cascade_single_spice_ftp-v1_flat_z20_a5.prob.v2.fits",
        "cascade_effectivedistance_spice_ftp-v1_z20.eff.fits",
        "cascade_effectivedistance_spice_ftp-v1_z20.prob.fits",
        "cascade_effectivedistance_spice_ftp-v1_z20.tmod.fits",
    ]

    def fit(self, frame, header):
        # Minuit's print level 2 writes from C++.
        os.write(1, b" FCN= 887.3  FROM SIMPLEX   STATUS=CONVERGED\n{not json\n")
        return super().fit(frame, header)


RECO_CLASS = MillipedeWilks
