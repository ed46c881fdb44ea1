// Builds the native reco and starts it on one small made-up track, with every option of its manifests.
import { readFileSync } from "node:fs";
import { repositoryPath } from "@skyscan/testing";
import { describe, expect, test } from "vitest";
import { fitAll, startMessage, startOn, unitOf } from "./native-event.ts";
import { buildNative, startNative } from "./native-process.ts";

const missing = buildNative();

const direction = { zenithRad: 1.1, azimuthRad: 2.3 };
const models = ["mpe", "spe"] as const;
type Model = (typeof models)[number];
const manifestName = { mpe: "pandel", spe: "pandel_spe" };
/** The line that version 1.0.0 answers for the made-up track; another one is another version. */
const recorded = {
  mpe: '{"type":"result","unit":"64/1/0","llh":183.80772909790107,"eInGeV":null,"eTotGeV":null,"xM":-5.261869684290213,"yM":-0.5110886963845047,"zM":7.0094047105018085,"timeNs":10103.981968542963}',
  spe: '{"type":"result","unit":"64/1/0","llh":187.2102941856757,"eInGeV":null,"eTotGeV":null,"xM":-5.049357267422785,"yM":0.8258182490637775,"zM":5.328854316423005,"timeNs":10101.046638903943}',
};

interface ManifestOption {
  values: string[];
  default: string;
  flag: string;
}

function optionsOf(model: Model): Record<string, ManifestOption> {
  const path = repositoryPath("packages/recos/builtin", manifestName[model], "reco.json");
  return (JSON.parse(readFileSync(path, "utf8")) as { options: Record<string, ManifestOption> }).options;
}

/**
 * A track through (0, 0, 0) at 10 µs, as four strings of coincident modules see it, and a module of a fifth one without coincidence.
 * Delays are spread about `late` times what scattering in the standard ice makes of them on average; every fifth hit is `earlyNs` early on
 * top of that. `size` scales all distances.
 */
function track({ late = 1, earlyNs = 0, size = 1 }: { late?: number; earlyNs?: number; size?: number } = {}): object {
  const [sin, cos] = [Math.sin(direction.zenithRad), Math.cos(direction.zenithRad)];
  const [dx, dy, dz] = [-sin * Math.cos(direction.azimuthRad), -sin * Math.sin(direction.azimuthRad), -cos] as const;
  const shares = [0.6, 1.5, 0.9, 1.2, 0.8];
  const doms = [
    [-80, -20],
    [-10, 50],
    [25, -45],
    [70, 60],
    [50, 5],
  ].flatMap(([x, y], string) =>
    Array.from({ length: string === 4 ? 1 : 7 }, (_, i) => {
      const [xM, yM, zM] = [x! * size, y! * size, (51 - 17 * i) * size] as const;
      const along = xM * dx + yM * dy + zM * dz;
      const rho = Math.sqrt(xM ** 2 + yM ** 2 + zM ** 2 - along ** 2);
      const cosEta = dz / 1.3195 + (Math.sqrt(1 - 1.3195 ** -2) * (zM - along * dz)) / rho;
      const effectiveM = 3.1 - 3.9 * cosEta + 4.6 * cosEta ** 2 + 0.84 * rho;
      const delay = (late * shares[(string + i) % 5]! * effectiveM) / 33.3 / 0.00405075;
      const timeNs = 10_000 + (along + 0.9173 * rho) / 0.299792458 + delay - ((string * 7 + i) % 5 === 0 ? earlyNs : 0);
      return {
        string: string + 1,
        om: i + 1,
        xM,
        yM,
        zM,
        pulses: [[Math.round(timeNs * 1e3) / 1e3, 1 + (i % 3), 8, string === 4 ? 4 : 7]],
      };
    }),
  );
  return { runId: 1, eventId: 1, doms };
}

async function llh(event: object, ...args: string[]): Promise<number> {
  await using native = await startOn(event, args);
  return (await fitAll(native, [direction]))[0]!.llh!;
}

describe.skipIf(missing !== undefined)(`options of the native reco${missing === undefined ? "" : ` (${missing})`}`, () => {
  test.each(models)("%s: the manifest's defaults are the executable's, and give the recorded bytes", async (model) => {
    const defaults = Object.values(optionsOf(model)).flatMap((option) => [option.flag, option.default]);
    for (const args of [[], defaults]) {
      await using native = await startOn(track(), ["--model", model, ...args]);
      native.send(unitOf("64/1/0", direction));
      expect(await native.line()).toBe(recorded[model]);
    }
  });

  test.each(models)("%s: every other value of every option is another likelihood", async (model) => {
    const standard = await llh(track({ late: 0.8 }), "--model", model);
    for (const [name, option] of Object.entries(optionsOf(model))) {
      // More starts need not find more.
      if (name === "starts") continue;
      for (const value of option.values.filter((other) => other !== option.default)) {
        expect(await llh(track({ late: 0.8 }), "--model", model, option.flag, value), `${name}=${value}`).not.toBe(standard);
      }
    }
  });

  test.each(models)("%s: hits=hlc leaves out what has no coincidence, which costs nothing then", async (model) => {
    expect(await llh(track(), "--model", model, "--hits", "hlc")).toBeLessThan((await llh(track(), "--model", model)) - 1);
  });

  test.each(models)("%s: starts=9 finds nothing worse than starts=5", async (model) => {
    const event = track({ earlyNs: 150 });
    expect(await llh(event, "--model", model, "--starts", "9")).toBeLessThanOrEqual(await llh(event, "--model", model));
  });

  test.each(models)("%s: a wider jitter suits light that seems too early, a narrow one light that does not", async (model) => {
    const jitters = (event: object): Promise<number[]> =>
      Promise.all(["4", "10", "15"].map((ns) => llh(event, "--model", model, "--jitter", ns)));
    const early = await jitters(track({ late: 0, earlyNs: 40, size: 0.15 }));
    expect(early).toEqual(early.toSorted((a, b) => b - a));
    const sharp = await jitters(track({ late: 0, size: 0.15 }));
    expect(sharp).toEqual(sharp.toSorted((a, b) => a - b));
  });

  test.each(models)("%s: the higher the floor, the less an odd hit costs", async (model) => {
    const [low, middle, high] = await Promise.all(
      ["1e-9", "1e-8", "1e-7"].map((perNs) => llh(track({ earlyNs: 400 }), "--model", model, "--floor", perNs)),
    );
    expect(middle).toBeLessThan(low!);
    expect(high).toBeLessThan(middle!);
  });

  test.each(models)("%s: ice that makes light later suits late light, and not prompt light", async (model) => {
    const [late, prompt] = [track({ late: 2 }), track({ late: 0.2 })];
    const standard = { late: await llh(late, "--model", model), prompt: await llh(prompt, "--model", model) };
    for (const ice of [
      ["--ice", "lambda_off10"],
      ["--ice", "absorption_off10"],
      ["--lambda", "29.97"],
      ["--absorption", "107.8"],
    ]) {
      expect(await llh(late, "--model", model, ...ice), ice.join(" ")).toBeLessThan(standard.late - 0.01);
      expect(await llh(prompt, "--model", model, ...ice), ice.join(" ")).toBeGreaterThan(standard.prompt + 0.01);
    }
  });

  test("a named ice is its two lengths", async () => {
    expect(await llh(track(), "--ice", "lambda_off10")).toBe(await llh(track(), "--lambda", "29.97"));
    expect(await llh(track(), "--ice", "absorption_off10")).toBeCloseTo(await llh(track(), "--absorption", "107.8"), 6);
  });

  test.each([
    ["--hits", "all", "srt or hlc"],
    ["--starts", "7", "5 or 9"],
    ["--jitter", "0", "a number from 1 to 100"],
    ["--floor", "none", "a number from 1e-30 to 1"],
    ["--ice", "blue", "standard, lambda_off10 or absorption_off10"],
    ["--lambda", "333", "a number from 20 to 50"],
    ["--absorption", "1e999", "a number from 50 to 200"],
  ])("%s %s is refused with status 2 and what is allowed", async (flag, value, allowed) => {
    const native = startNative([flag, value]);
    native.send(startMessage(track()));
    const { status, stderr } = await native.ended;
    expect(status).toBe(2);
    expect(stderr).toContain(`${flag} is '${value}', allowed is ${allowed}`);
  });
});
