import importlib
import pkgutil


class UnsupportedRecoAlgoException(Exception):
    pass


def get_all_reco_algos():
    return [module.name for module in pkgutil.iter_modules(__path__)]


def get_reco_interface_object(name):
    if name not in get_all_reco_algos():
        raise UnsupportedRecoAlgoException(name)
    return importlib.import_module(f"{__name__}.{name}").RECO_CLASS
