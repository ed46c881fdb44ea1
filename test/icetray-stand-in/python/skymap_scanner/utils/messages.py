import base64
import pickle

from .. import RELEASE

if RELEASE < (3, 21):
    raise ImportError("messages are pickles in this release")


class Serialization:
    @staticmethod
    def encode_pkl_b64(obj):
        return base64.b64encode(pickle.dumps(obj, protocol=4)).decode()

    @staticmethod
    def decode_pkl_b64(text):
        return pickle.loads(base64.b64decode(text))
