from .common import RecoInterface


class SplineMPE(RecoInterface):
    # Not in the image: they come by a mount.
    SPLINE_REQUIREMENTS = [
        "InfBareMu_mie_prob_z20a10_V2.fits",
        "InfBareMu_mie_abs_z20a10_V2.fits",
        "InfHighEStoch_mie_prob_z20a10.fits",
        "InfHighEStoch_mie_abs_z20a10.fits",
    ]
    has_losses = False

    @staticmethod
    def prepare_frames(physics, pulses):
        if "OnlineL2_BestFit" not in physics and "l2_online_BestFit" not in physics:
            raise RuntimeError("the event has no OnlineL2_BestFit")
        physics["CleanedMuonPulsesIC"] = physics[pulses]
        RecoInterface.prepare_frames(physics, pulses)


RECO_CLASS = SplineMPE
