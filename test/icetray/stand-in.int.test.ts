// The stand-in for the images' Python against what real images wrote: its frames and pickles must be honest for its tests to mean anything.
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { dataMissing, dataPath, repositoryPath } from "@skyscan/testing";
import { insideImage } from "./image-stand-in.ts";

const program = `
import base64, json, pickle, sys
from icecube import full_event_followup
from skymap_scanner.utils.messages import Serialization
at = sys.argv[1]
sent = json.load(open(at + "/in.json"))["pframe_pkl_b64"]
got = json.load(open(at + "/out.json"))["reco_pixel_variation_pkl_b64"]
for text in (sent, got):
    assert Serialization.encode_pkl_b64(Serialization.decode_pkl_b64(text)) == text, "another pickle"
frame = Serialization.decode_pkl_b64(sent)
for key in frame.keys():
    value = frame[key]
    assert (value.type_name, value.write()) == frame._objects[key], key
packet = json.load(open(at + "/startup.json"))["GCDQp_packet"]
frames = full_event_followup.i3live_json_to_frame_packet(json.dumps(packet), pnf_framing=False)
again = json.loads(full_event_followup.frame_packet_to_i3live_json(frames, pnf_framing=False))
frames_again = full_event_followup.i3live_json_to_frame_packet(json.dumps(again), pnf_framing=False)
assert [one.dumps() for one in frames] == [one.dumps() for one in frames_again]
print(" ".join(one.Stop.id for one in frames))
`;

describe.skipIf(dataMissing !== undefined)("the stand-in reads and writes, byte for byte, what real images wrote:", () => {
  test.each(["millipede_original", "millipede_wilks", "splinempe", "splinempe_pointed"])("%s", async (reco) => {
    const shell = insideImage("3.22.1")["SKYSCAN_ICETRAY_SHELL"]!;
    const script = repositoryPath("resources/recos/icetray/in-icetray.sh");
    const words = [script, "python", "-c", program, dataPath(`reco_pixel_single/${reco}/BRONZE`)];
    const env = { ...process.env, SKYSCAN_ICETRAY_SHELL: shell };
    expect((await promisify(execFile)("sh", words, { env })).stdout).toBe("G C D Q p\n");
  });
});
