from icecube._icetray import I3Frame


def I3File(path):
    """The frames of a file, one after another."""
    with open(path, "rb") as file:
        data = file.read()
    frames, at = [], 0
    while at < len(data):
        frame, at = I3Frame.load(data, at)
        frames.append(frame)
    return frames
