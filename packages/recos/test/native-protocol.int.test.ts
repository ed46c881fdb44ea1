// Builds the native reco and plays the engine's side of the reco protocol against it.
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { repositoryPath } from "@skyscan/testing";
import { describe, expect, test } from "vitest";
import { parseReply, startMessage, startOn, unitOf } from "./native-event.ts";
import { buildNative, nativeUnitTests, startNative } from "./native-process.ts";

const missing = buildNative();

type Pulse = readonly [number, number | null, number, number];
interface Dom {
  string: number;
  om: number;
  xM: number | null;
  yM: number;
  zM: number;
  pulses: Pulse[];
}

/** Three strings of coincident modules, lit one after the other from below: enough for a direction. */
const doms = (): Dom[] =>
  [0, 1, 2].flatMap((string) =>
    Array.from({ length: 8 }, (_, om): Dom => ({
      string: string + 1,
      om: om + 1,
      xM: 100 * string,
      yM: 60 * (string % 2),
      zM: -17 * om,
      pulses: [[10_000 + 330 * string - 40 * om + 11 * ((om * 5) % 7), 1.5 + (om % 3), 8, 7]],
    })),
  );
const event = (change: (doms: Dom[]) => unknown = (same) => same): object => ({ runId: 1, eventId: 1, doms: change(doms()) });
const direction = { zenithRad: 1.2, azimuthRad: 3.4, raRad: 0.5, decRad: 0.6 };
const finite = expect.any(Number) as number;

describe.skipIf(missing !== undefined)(`the native reco${missing === undefined ? "" : ` (${missing})`}`, () => {
  test("passes its own unit tests", () => {
    const run = spawnSync(nativeUnitTests, { encoding: "utf8" });
    expect(run.stderr).toBe("");
    expect(run.status).toBe(0);
    expect(run.stdout).not.toContain("FAILED");
  });

  test.each(["pandel", "pandel_spe"])(
    "%s: started as its manifest says, it answers with the manifest's name and version",
    async (name) => {
      const folder = repositoryPath("packages/recos/builtin", name);
      const manifest = JSON.parse(readFileSync(`${folder}/reco.json`, "utf8")) as {
        name: string;
        version: string;
        run: { command: string[] };
        options: Record<string, { values: string[]; flag: string }>;
      };
      expect(manifest.run.command[0]).toBe("../../build/pandel");
      for (const extra of [
        [],
        ...Object.values(manifest.options).flatMap(({ values, flag }) => values.map((value) => [flag, value])),
      ]) {
        const native = startNative([...manifest.run.command.slice(1), ...extra]);
        native.send(startMessage(event()));
        expect(JSON.parse(await native.line())).toEqual({
          type: "ready",
          protocol: 1,
          name: manifest.name,
          version: manifest.version,
        });
        native.close();
        expect((await native.ended).status).toBe(0);
      }
    },
  );

  test("a unit gets one result with llh and vertex, under its own name", async () => {
    await using native = await startOn(event(), []);
    const unit = 'ö"\\\n64/1/0';
    native.send(unitOf(unit, direction, { xM: 1, yM: 2, zM: -30, timeNs: null, energyGeV: null }));
    expect(parseReply(await native.line())).toEqual({
      type: "result",
      unit,
      llh: finite,
      eInGeV: null,
      eTotGeV: null,
      xM: finite,
      yM: finite,
      zM: finite,
      timeNs: finite,
    });
  });

  test.each(["mpe", "spe"])(
    "%s: the same unit gives the same bytes, whatever came before and in whatever process",
    async (model) => {
      const first = unitOf("a", direction);
      const seeded = unitOf("b", direction, { xM: 50, yM: 20, zM: -60, timeNs: 10_050, energyGeV: null });
      const others = [
        unitOf("c", { zenithRad: 0, azimuthRad: 0 }),
        unitOf("d", { zenithRad: 3, azimuthRad: 6 }, { xM: 1e9, yM: 0, zM: 0, timeNs: 0 }),
      ];
      await using one = await startOn(event(), ["--model", model]);
      await using two = await startOn(event(), ["--model", model]);
      one.send(first, seeded);
      two.send(...others, seeded, ...others, first, ...others, first, seeded);
      const [a, b] = await one.lines(2);
      const lines = await two.lines(10);
      expect(lines.filter((line) => line.includes('"unit":"a"'))).toEqual([a, a]);
      expect(lines.filter((line) => line.includes('"unit":"b"'))).toEqual([b, b]);
    },
  );

  test("a seed never makes a fit worse", async () => {
    await using native = await startOn(event(), []);
    const seeds = [
      null,
      { xM: 50, yM: 20, zM: -60, timeNs: 10_050 },
      { xM: 50, yM: 20, zM: -60, timeNs: null },
      { xM: 9e5, yM: 0, zM: 0, timeNs: 0 },
      { xM: null, timeNs: 5 },
    ];
    native.send(...seeds.map((seed, i) => unitOf(String(i), direction, seed)));
    const [without, ...seeded] = (await native.lines(seeds.length)).map((line) => parseReply(line).llh!);
    for (const llh of seeded) expect(llh).toBeLessThanOrEqual(without!);
  });

  test("members of a direction or seed that are no numbers are bad input of that unit alone", async () => {
    await using native = await startOn(event(), []);
    const odd = [
      unitOf("1", { zenithRad: null, azimuthRad: 1 }),
      unitOf("2", { zenithRad: 4, azimuthRad: 1 }),
      unitOf("3", { azimuthRad: 1 }),
      unitOf("4", direction, { xM: "1", yM: 2, zM: 3, timeNs: 4 }),
      { type: "unit", unit: "5" },
    ];
    native.send(...odd, unitOf("6", direction));
    const replies = (await native.lines(6)).map(parseReply);
    for (const [i, reply] of replies.slice(0, 5).entries()) {
      expect(reply).toMatchObject({ type: "error", unit: String(i + 1), code: "bad-input", retry: false });
    }
    expect(replies[0]!.message).toContain("zenithRad");
    expect(replies[5]).toMatchObject({ type: "result", unit: "6" });
  });

  test.each([
    ["no event", null, "no event"],
    ["no modules", event(() => []), "no modules"],
    ["no modules key", {}, "no modules"],
    ["no pulses", event((all) => all.map((dom) => ({ ...dom, pulses: [] }))), "no in-ice modules"],
    ["surface tanks alone", event((all) => all.map((dom) => ({ ...dom, om: 61 }))), "no in-ice modules"],
    ["no coincidences", event((all) => all.map((dom) => ({ ...dom, pulses: [[10_000, 1, 8, 4]] }))), "no hits left"],
    ["one string", event((all) => all.filter((dom) => dom.string === 2)), "all on string 2"],
    [
      "a charge that is no number",
      event((all) => [{ ...all[0]!, pulses: [[1, null, 8, 7]] }, ...all]),
      "module (1,1)'s pulse 0's charge",
    ],
    ["a position that is no number", event((all) => [{ ...all[9]!, xM: null }]), "module (2,2)'s xM"],
    ["a module without position", event((all) => [...all, { string: 4, om: 1, pulses: [[1, 1, 8, 7]] }]), "module (4,1)'s xM"],
    ["a module that is there twice", event((all) => [...all, all[3]!]), "module (1,4) is there twice"],
    [
      "hits of which the cleaning leaves one string",
      event((all) => all.map((dom) => (dom.string === 2 ? dom : { ...dom, pulses: [[90_000, 1, 8, 4]] }))),
      "all on string 2",
    ],
  ])("an event with %s is ready all the same, and every unit is told why it cannot be fitted", async (_what, bad, reason) => {
    const native = startNative([]);
    native.send(startMessage(bad), unitOf("a", direction), unitOf("b", direction));
    const [ready, ...replies] = (await native.lines(3)).map(parseReply);
    expect(ready!.type).toBe("ready");
    expect(replies.map(({ unit }) => unit)).toEqual(["a", "b"]);
    for (const reply of replies) {
      expect(reply).toMatchObject({ type: "error", code: "bad-input", retry: false });
      expect(reply.message).toContain(reason);
    }
    native.close();
    expect((await native.ended).status).toBe(0);
  });

  const numbers = ["NaN", "Infinity", "-Infinity", "1e999"];
  test.each([
    ["time", "pulse 0's time"],
    ["charge", "pulse 0's charge"],
    ["position", "zM"],
  ])("a %s that JSON has no number for is bad input, whoever wrote the startup file", async (where, reason) => {
    const odd = { time: { pulses: [["ODD", 1, 8, 7]] }, charge: { pulses: [[1, "ODD", 8, 7]] }, position: { zM: "ODD" } }[where];
    for (const number of numbers) {
      const start = startMessage(event((all) => [...all.slice(1), { ...all[0]!, ...odd }])) as { startup: string };
      writeFileSync(start.startup, readFileSync(start.startup, "utf8").replace('"ODD"', number));
      await using native = startNative([]);
      native.send(start, unitOf("a", direction));
      const [, reply] = (await native.lines(2)).map(parseReply);
      expect(reply).toMatchObject({ type: "error", unit: "a", code: "bad-input", retry: false });
      expect(reply!.message).toContain(`module (1,1)'s ${reason} is not a finite number`);
    }
  });

  test("unknown types, unknown keys and an unterminated last line are ignored", async () => {
    const native = await startOn(event(), []);
    native.send({ type: "weather", unit: 7 }, { ...unitOf("a", { ...direction, polarisation: 1 }), colour: { deep: [1] } });
    native.write(JSON.stringify(unitOf("b", direction)));
    native.close();
    expect(parseReply(await native.line())).toMatchObject({ type: "result", unit: "a" });
    await expect(native.line()).rejects.toThrow("ended with 0");
  });

  test("a line that comes in pieces is one line", async () => {
    await using native = await startOn(event(), []);
    for (const piece of `${JSON.stringify(unitOf("pieces", direction))}\n`.match(/.{1,7}|\n/gs)!) native.write(piece);
    expect(parseReply(await native.line())).toMatchObject({ type: "result", unit: "pieces" });
  });

  test.each([
    ["no JSON", "{\n", "not JSON"],
    ["the token NaN", '{"type":"unit","unit":"a","direction":{"zenithRad":NaN}}\n', "not JSON"],
    ["no object", "[1]\n", "not an object"],
    ["no type", '{"unit":"a"}\n', "'type'"],
    ["a unit without a name", '{"type":"unit"}\n', "'unit'"],
    ["a line of 9 MiB", `{"type":"x","pad":"${"x".repeat(9 << 20)}"}\n`, "8 MiB"],
  ])("%s ends the process with the reason", async (_what, text, reason) => {
    const native = await startOn(event(), []);
    native.write(text);
    const { status, stderr } = await native.ended;
    expect(status).toBe(1);
    expect(stderr).toContain(reason);
  });

  test("what goes wrong at the start ends the process with the reason, and without `ready`", async () => {
    const broken = startMessage(null) as { startup: string };
    writeFileSync(broken.startup, "{");
    const newer = startMessage(null) as { startup: string };
    writeFileSync(newer.startup, '{"version":2}');
    for (const [message, reason] of [
      [{ ...startMessage(event()), protocol: 2 }, "speaks protocol 1, not 2"],
      [{ ...startMessage(event()), startup: "/nonexistent/startup.json" }, "/nonexistent/startup.json"],
      [{ type: "start", protocol: 1 }, "'startup'"],
      [broken, "is not JSON"],
      [newer, "schema version 1"],
      [unitOf("early", direction), "before 'start'"],
    ] as const) {
      const native = startNative([]);
      native.send(message);
      await expect(native.line()).rejects.toThrow(reason);
      expect((await native.ended).status).toBe(1);
    }
  });

  test("the end of stdin ends it with status 0, also before the start", async () => {
    const native = startNative([]);
    native.close();
    expect(await native.ended).toMatchObject({ status: 0, stderr: "" });
  });

  test("SIGTERM ends it", async () => {
    const native = await startOn(event(), []);
    native.kill("SIGTERM");
    expect(await native.ended).toMatchObject({ signal: "SIGTERM" });
  });

  test("a wrong command line is status 2 and says what is allowed", async () => {
    const native = startNative(["--model", "best"]);
    const { status, stderr } = await native.ended;
    expect(status).toBe(2);
    expect(stderr).toContain("mpe or spe");
  });
});
