import time

from .dummy import Dummy


class CrashDummy(Dummy):
    def fit(self, frame, header):
        trouble = frame["SCAN_HealpixPixel"].value % 3
        if trouble == 1:
            raise KeyError("MillipedeStarting2ndPass")
        while trouble == 2:
            time.sleep(1)
        return super().fit(frame, header)


RECO_CLASS = CrashDummy
