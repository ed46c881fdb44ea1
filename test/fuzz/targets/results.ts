import { crc32 } from "node:zlib";
import { SkymapError, createSkymap, decodeJson, decodeNpz, encodeJson, encodeNpz } from "@skyscan/skymap";
import type { Skymap } from "@skyscan/skymap";
import { readNpy } from "../../../packages/skymap/src/files/npy.ts";
import { readZip } from "../../../packages/skymap/src/files/zip-read.ts";
import { storedMember, zipChunks } from "../../../packages/skymap/src/files/zip-write.ts";
import type { Draws } from "../draws.ts";
import { mutateBytes } from "../mutate-bytes.ts";
import { realFiles, text } from "../samples.ts";
import type { Target } from "../target.ts";
import { insideJson } from "../tree-codecs.ts";

/** What `npm run fuzz` lets an archive unpack to; the product's own limit is a whole sky. */
const maxBytes = 64 * 2 ** 20;

function smallResult(): Skymap {
  const level = (nside: number, pixels: readonly number[]) => ({
    nside,
    metadata: {
      complete: true,
      runId: 136_662,
      eventId: 35_405_932,
      eventType: "neutrino",
      mjd: 59_723.3,
      isRealEvent: true,
      version: 1 as const,
    },
    columns: Object.fromEntries(
      ["index", "llh", "E_in", "E_tot", "X", "Y", "Z", "T"].map((name) => [
        name,
        Float64Array.from(pixels, (pixel) => (name === "index" ? pixel : pixel + 0.5)),
      ]),
    ) as never,
  });
  return createSkymap([level(1, [0, 1, 2, 11]), level(2, [4, 5, 47])]);
}

/** An archive with a member, or only its Python header, mutated and the checksums made right. */
function insideNpz(sample: Uint8Array, draws: Draws): Uint8Array | undefined {
  let members;
  try {
    members = readZip(sample, maxBytes);
  } catch {
    return undefined;
  }
  const chosen = draws.pick(members);
  const mutated = members.map(({ name, data }) =>
    storedMember(draws.chance(0.05) ? draws.pick(members).name : name, name === chosen.name ? insideNpy(data, draws) : data),
  );
  return Buffer.concat([...zipChunks(mutated)]);
}

function insideNpy(data: Uint8Array, draws: Draws): Uint8Array {
  if (draws.chance(0.4)) return mutateBytes(data, draws, data);
  const length = Buffer.from(data).readUInt16LE(8);
  const header = Buffer.from(data.subarray(10, 10 + length)).toString("latin1");
  const words: readonly (readonly [RegExp, readonly string[]])[] = [
    [/'<i8'|'<f8'|'<U[0-9]+'|'\|b1'/, ["'<U0'", "'|S0'", "'>f8'", "'<U9999'", "'|O'", "'<f4'", "'<i1'", "'<V8'"]],
    [/'<i8'|'<f8'/g, ["'<U0'", "'|S0'", "'>f8'", "'<f4'"]],
    [/\([0-9]+,\)/, ["(999999999999999,)", "(-1,)", "(0,)", "()", "(1, 1)", "(100000000,)", "(1e9,)"]],
    [/\{/, ["[", "{{", "{'shape': (1,), ", "{(1,): 2, "]],
    [/'[a-zA-Z_]+'/, ["'__proto__'", "'nside'", "''", "'\\x41'", "1"]],
  ];
  let changed = header;
  for (let times = draws.pick([1, 1, 2]); times > 0; times--) {
    const [pattern, replacements] = draws.pick(words);
    changed = changed.replace(pattern, draws.pick(replacements));
  }
  const head = Buffer.from(data.subarray(0, 10));
  head.writeUInt16LE(changed.length & 0xffff, 8);
  return Buffer.concat([
    head,
    Buffer.from(changed, "latin1"),
    draws.chance(0.5) ? data.subarray(10 + length) : new Uint8Array(0),
  ]);
}

/** An archive whose one member says that it is this large. */
function claimedSize(size: number): Uint8Array {
  const zip = Buffer.concat([...zipChunks([storedMember("nside-1.npy", Buffer.from("x"))])]);
  const at = zip.indexOf(Buffer.from([0x50, 0x4b, 1, 2]));
  zip.writeUInt32LE(size, at + 24);
  zip.writeUInt32LE(crc32(Buffer.from("y")), at + 16);
  return zip;
}

const members = (): Uint8Array[] => readZip(encodeNpz(smallResult()), maxBytes).map(({ data }) => data);

export const resultTargets: readonly Target[] = [
  {
    name: "result-npz",
    errors: [SkymapError],
    corpus: () => [
      encodeNpz(smallResult()),
      encodeNpz(smallResult()),
      ...realFiles("events/run00136662-evt000035405932-BRONZE-8_64_512.npz"),
      claimedSize(0xffff_fffe),
      claimedSize(2 ** 25),
    ],
    inside: insideNpz,
    parse: (bytes) => decodeNpz(bytes, { maxBytes }),
  },
  {
    name: "npy",
    errors: [SkymapError],
    corpus: members,
    inside: insideNpy,
    parse(bytes) {
      const table = readNpy(bytes);
      for (let row = 0; row < Math.min(table.length, 1000); row++) table.fields.forEach((_, field) => table.cell(row, field));
    },
  },
  {
    name: "result-json",
    errors: [SkymapError],
    corpus: () => [
      encodeJson(smallResult()),
      ...realFiles(
        "results_json/millipede_original/run00127907.evt000020178442.HESE_1.json",
        "results_json/splinempe/run00136662.evt000035405932.neutrino_1.json",
      ),
      text(`{"nside-1": NaN, "s": "${'\\"'.repeat(60_000)}`),
      text(`[NaN, "${"x".repeat(900_000)}"]`),
    ],
    inside: insideJson,
    parse: decodeJson,
  },
];
