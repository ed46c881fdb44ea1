from .. import config as cfg


class DataStager:
    """Finds files in local places; the stand-in downloads nothing."""

    def __init__(self, local_paths, local_subdir, remote_path):
        self.local_paths, self.local_subdir, self.remote_path = local_paths, local_subdir, remote_path
        cfg.LOCAL_DATA_CACHE.mkdir(exist_ok=True)

    def stage_files(self, names):
        for name in names:
            self.get_filepath(name)

    def get_filepath(self, name):
        for path in [*self.local_paths, cfg.LOCAL_DATA_CACHE]:
            if (path / self.local_subdir / name).is_file():
                return str(path / self.local_subdir / name)
        raise RuntimeError(f"Failed to download {name} after 2 attempts.")


def get_gcd_datastager():
    return DataStager(cfg.LOCAL_GCD_DATA_SOURCES, "", "http://nowhere.invalid/baseline_gcds")
