import { gunzipSync, gzipSync } from "node:zlib";
import { IceCubeError, readI3Frames, unpickleFrame } from "@skyscan/icecube";
import type { Draws } from "../draws.ts";
import { mutateBytes } from "../mutate-bytes.ts";
import { framePickles } from "../samples.ts";
import type { Target } from "../target.ts";

/** Two kinds of frames, an empty one and one of many zeros, as the program `zstd -19` packs them. */
const zstdSample =
  "KLUv/QRonQgA1A9baTNdBgBQAAAAAH0Lc7hRAQAAAAUAAABaZXJvcw4AAABJM1ZlY3RvcjxjaGFyPhAOAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJygpKissLS4vMDEyMzQ1Njc4OTo7PD0+P0BBQkNERUZHSElKS0xNTk9QUVJTVFVWV1hZWltcXV5fYGFiY2RlZmdoaWprbG1ub3BxcnN0dXZ3eHl6e3x9fn+AgYKDhIWGh4iJiouMjY6PkJGSk5SVlpeYmZqbnJ2en6ChoqOkpaanqKmqq6ytrq+wsbKztLW2t7i5uru8vb6/wMHCw8TFxscTrQ7EBQCBXGToybFx+VS527n+2YTDgiK+fBiZ";

const frames = (): Uint8Array[] => framePickles().map((pickle) => unpickleFrame(pickle).bytes);
const isGzip = (bytes: Uint8Array): boolean => bytes[0] === 0x1f && bytes[1] === 0x8b;

/** A frame whose objects are announced, and then nothing but zeros, packed into little. */
const bomb = (mebibytes: number): Uint8Array => {
  const head = Buffer.from("[i3]\x06\0\0\0\0\0P\x01\0\0\0\x01\0\0\0k\x01\0\0\0t\xff\xff\xff\x7f", "latin1");
  return gzipSync(Buffer.concat([head, Buffer.alloc(mebibytes * 2 ** 20)]), { level: 9 });
};

async function* inPieces(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 65_536) yield await Promise.resolve(bytes.subarray(at, at + 65_536));
}

function inside(sample: Uint8Array, draws: Draws): Uint8Array | undefined {
  if (!isGzip(sample)) return undefined;
  const content = gunzipSync(sample, { maxOutputLength: 4 * 2 ** 20 });
  return gzipSync(mutateBytes(content, draws, content), { level: 1 });
}

export const i3FileTargets: readonly Target[] = [
  {
    name: "i3-file",
    errors: [IceCubeError],
    corpus: () => {
      const some = frames().filter((frame) => frame.length < 200_000);
      return [
        Buffer.concat(some.slice(0, 5)),
        gzipSync(Buffer.concat(some)),
        Buffer.from(zstdSample, "base64"),
        bomb(63),
        bomb(100),
        ...some.slice(0, 10),
      ];
    },
    inside,
    async parse(bytes) {
      for await (const { frame, byteLength } of readI3Frames(inPieces(bytes), "x.i3")) {
        if (frame.objects.length > byteLength) throw new Error("a frame has more objects than bytes");
      }
    },
  },
];
