"""The GCDQp packet: the frames G C D Q p that every unit of an event shares, as frames and as JSON."""

import json

from skyscan_icetray.image import WrongImage, load, member

streams = ["G", "C", "D", "Q", "p"]


def packet_of(value):
    """The frames of `GCDQp_packet` of a startup file."""
    decode = member(load("icecube.full_event_followup"), "i3live_json_to_frame_packet")
    frames = list(decode(json.dumps(value), pnf_framing=False))
    stream = member(load("icecube.icetray"), "I3Frame").Stream
    if len(frames) != len(streams) or any(frame.Stop != stream(letter) for frame, letter in zip(frames, streams)):
        found = " ".join(str(frame.Stop) for frame in frames)
        raise WrongImage(f"the packet holds the frames {found or 'none'}, not {' '.join(streams)}")
    return frames


def value_of(frames):
    """What stands for these frames in a startup file."""
    encode = member(load("icecube.full_event_followup"), "frame_packet_to_i3live_json")
    return json.loads(encode(frames, pnf_framing=False))


def keys_of(frame):
    """The keys of a frame, for messages."""
    return ", ".join(sorted(str(key) for key in frame.keys())) or "nothing"
