from .common import RecoInterface


class Dummy(RecoInterface):
    pass


RECO_CLASS = Dummy
