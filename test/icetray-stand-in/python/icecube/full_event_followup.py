import base64
import json
import pickle
import zlib


def i3live_json_to_frame_packet(text, pnf_framing):
    message = json.loads(text)
    if pnf_framing:
        data = message["value"]["data"]
        pairs = data if isinstance(data, list) else data["frames"]
    else:
        pairs = message["frames"]
    # encoding: files of Python 2 hold the frame's bytes as text.
    return [pickle.loads(zlib.decompress(base64.b64decode(packed)), encoding="bytes") for _, packed in pairs]


def frame_packet_to_i3live_json(frames, pnf_framing):
    if pnf_framing:
        raise NotImplementedError("the stand-in writes packets only")
    packed = [base64.b64encode(zlib.compress(pickle.dumps(frame, protocol=2), 9)).decode() for frame in frames]
    return json.dumps({"frames": [[frame.Stop.id, one] for frame, one in zip(frames, packed)]})
