import { BrokerError, parseAddress } from "@skyscan/broker";
import { brokerSettingTable, driverSettingTable } from "@skyscan/broker/settings";
import { clientSettingTable } from "@skyscan/client/settings";
import { IceCubeError, geometryByName, parseGeometryCsv } from "@skyscan/icecube";
import { UsageError, readSettings } from "@skyscan/runtime";
import { formatNsides, parseNsides } from "@skyscan/server";
import { serverSettingTable } from "@skyscan/server/settings";
import { createLineSplitter } from "../../../packages/recos/src/process/lines.ts";
import { parseRecoLine, readyProblem } from "../../../packages/recos/src/runner/reco-lines.ts";
import { mutateTree } from "../mutate-tree.ts";
import { realFiles, text } from "../samples.ts";
import { Refused } from "../target.ts";
import type { Target } from "../target.ts";
import { insideJson } from "../tree-codecs.ts";

const utf8 = (bytes: Uint8Array): string => Buffer.from(bytes).toString("utf8");

const lines = [
  { type: "ready", protocol: 1, name: "a_reco", version: "1.0.0" },
  { type: "result", unit: "8/340/0", llh: 1117.75, eInGeV: null, eTotGeV: 3, xM: 1, yM: 2, zM: 3, timeNs: 4 },
  { type: "error", unit: "8/340/0", code: "fit-failed", message: "no minimum", retry: false },
  { type: "progress", unit: "8/340/0", fraction: 0.5 },
];

/** What the client makes of a reco's stdout, given in two pieces. */
function useLines(bytes: Uint8Array): void {
  let broken: string | undefined;
  const splitter = createLineSplitter({
    line(line) {
      const said = parseRecoLine(line);
      if (said.type === "ready") broken = readyProblem(said, { name: "a_reco", version: "1.0.0" });
      else if (said.type === "bad") broken = said.why;
    },
    broken: (why) => (broken = why),
  });
  const half = bytes.length >> 1;
  for (const piece of [bytes.subarray(0, half), bytes.subarray(half)]) splitter.push(Buffer.from(piece));
  if (broken !== undefined) throw new Refused(broken);
}

const settings = {
  SKYSCAN_PROGRESS_INTERVAL_SEC: "60",
  SKYSCAN_WINDOW_MIN: "300",
  SKYSCAN_MINI_TEST: "yes",
  SKYSCAN_SKYDRIVER_SCAN_ID: "scan-1",
  EWMS_PILOT_TASK_TIMEOUT: "1e3",
  EWMS_PILOT_QUARANTINE_TIME: "0",
  SKYSCAN_CONTAINER: "podman",
  SKYSCAN_BROKER_CLIENT: "rabbitmq",
  RABBITMQ_HEARTBEAT: "60",
};

export const textTargets: readonly Target[] = [
  {
    name: "geometry-csv",
    errors: [IceCubeError],
    corpus: () => [
      text("string,om,x,y,z\n1,1,-256.14,-521.08,496.03\n1,2,-256.14,-521.08,479.01\n"),
      text("om,z,y,x,string\r\n1,0,1,2,3\r\n"),
      ...realFiles("geometry/icecube86_geo.csv"),
    ],
    parse: (bytes) => parseGeometryCsv(utf8(bytes)),
  },
  {
    name: "geometry-name",
    errors: [IceCubeError],
    corpus: () => ["icecube86", "hexagon", "hexagon:2:125:20:17", "hexagon:20:125.5:60:1e3"].map(text),
    parse: (bytes) => geometryByName(utf8(bytes)),
  },
  {
    name: "reco-lines",
    errors: [Refused],
    corpus: () => lines.map((line) => text(`${JSON.stringify(line)}\n`)),
    inside: (sample, draws) => {
      const line = insideJson(sample, draws);
      return line && Buffer.concat([line, text("\n")]);
    },
    parse: useLines,
  },
  {
    name: "broker-address",
    errors: [BrokerError],
    corpus: () =>
      ["amqps://user:p%40ss@rabbit.example.org:5671/scans", "host", "host:5672/", "[::1]:5672/v%2Fhost", "a:b@c/d@e:1"].map(text),
    parse: (bytes) => parseAddress(utf8(bytes)),
  },
  {
    name: "environment",
    errors: [Refused],
    corpus: () => [text(JSON.stringify(settings))],
    inside: (sample, draws) => text(JSON.stringify(mutateTree(JSON.parse(utf8(sample)), draws) ?? null)),
    parse(bytes) {
      let given: unknown;
      try {
        given = JSON.parse(utf8(bytes));
      } catch {
        given = Object.fromEntries(Object.keys(settings).map((name) => [name, utf8(bytes)]));
      }
      // An environment holds text only.
      const environment = Object.fromEntries(
        Object.entries(given ?? {}).map(([name, value]) => [name, typeof value === "string" ? value : JSON.stringify(value)]),
      );
      const problems: string[] = [];
      for (const table of [serverSettingTable, clientSettingTable, brokerSettingTable, driverSettingTable])
        readSettings(table, problems, environment);
      if (problems.length > 0) throw new Refused(problems.join("\n"));
    },
  },
  {
    name: "nsides",
    errors: [UsageError],
    corpus: () => ["8:0 64:12 512:24", "1:0,2:1", "8 512", "16777216:0"].map(text),
    parse: (bytes) => formatNsides(parseNsides([utf8(bytes)]).steps),
  },
];
