from .splinempe import SplineMPE


class SplineMPEPointed(SplineMPE):
    pass


RECO_CLASS = SplineMPEPointed
