import dataclasses as dc

from icecube._dataclasses import I3Position


@dc.dataclass(frozen=True)
class RecoPixelVariation:
    llh: float
    reco_losses_inside: float
    reco_losses_total: float
    position: I3Position
    time: float
    energy: float
    nside: int
    pixel_id: int
    posvar_id: int
    id_tuple: tuple = dc.field(init=False)

    def __post_init__(self):
        object.__setattr__(self, "id_tuple", (self.nside, self.pixel_id, self.posvar_id))
