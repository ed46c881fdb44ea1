import { afterEach, describe, expect, test } from "vitest";
import { endAllSkyscan, temporaryDirectory } from "@skyscan/testing";
import { scanning } from "./scanning.ts";
import { makeScriptedReco } from "./scripted-reco.ts";

// What machines read of a scan: one JSON object a line, with who it is about.

afterEach(endAllSkyscan);

type Line = Readonly<Record<string, unknown>>;
const linesOf = (stderr: string): readonly Line[] =>
  stderr
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Line);

describe("--log-format json", () => {
  test("every line of server and client is JSON, says of which scan it is, and the client's say which worker", async () => {
    const directory = await temporaryDirectory();
    try {
      const reco = await makeScriptedReco(
        directory.path,
        `if (line.unit === "1/5/0" && before === 0) say({ type: "error", unit: line.unit, code: "fit-failed", message: "no" }); else answer(line);`,
      );
      const scan = scanning(directory.path, { reco: reco.name, nsides: ["1:0"], env: { SKYSCAN_LOG: "debug" } });
      const server = scan.server("--reco-path", reco.path, "--log-format", "json");
      const client = scan.client("--reco-path", reco.path, "--log-format", "json");
      const [served, fitted] = [linesOf((await server.ended).stderr), linesOf((await client.ended).stderr)];
      const id = (await scan.manifest())!.scan_metadata.scan_id;

      const known = served.slice(served.findIndex(({ msg }) => msg === "scan begins"));
      expect(known.length).toBeGreaterThan(5);
      expect(known.filter((line) => line["scan"] !== id)).toEqual([]);
      const joined = fitted.slice(fitted.findIndex((line) => "scan" in line));
      expect(joined.length).toBeGreaterThan(2);
      expect(joined.filter((line) => line["scan"] !== id)).toEqual([]);
      const workers = new Set(fitted.map(({ worker }) => worker));
      expect([...workers]).toEqual([expect.stringMatching(/^\S+-\d+-[0-9a-f]{8}$/)]);
      // Both sides name the unit and the same worker.
      expect(known).toContainEqual(expect.objectContaining({ unit: "1/5/0", code: "fit-failed" }));
      expect(fitted).toContainEqual(expect.objectContaining({ unit: "1/5/0", code: "fit-failed" }));
      expect(known).toContainEqual(expect.objectContaining({ msg: "a worker came", worker: [...workers][0] }));
      for (const line of [...served, ...fitted]) {
        expect(typeof line["msg"]).toBe("string");
        expect(Number.isNaN(Date.parse(line["time"] as string))).toBe(false);
      }
    } finally {
      await directory.remove();
    }
  });

  test("also where it ends badly: the last line is an error with the reason", async () => {
    const directory = await temporaryDirectory();
    try {
      const scan = scanning(directory.path, { reco: "dummy", nsides: ["1:0"], env: { SKYSCAN_MQ_TIMEOUT_FROM_CLIENTS: "1" } });
      const end = await scan.server("--log-format", "json").ended;
      expect(end.status).toBe(3);
      const errors = linesOf(end.stderr).filter(({ level }) => level === 50);
      expect(errors[0]!["msg"]).toContain("no client has ever come");
    } finally {
      await directory.remove();
    }
  });
});
