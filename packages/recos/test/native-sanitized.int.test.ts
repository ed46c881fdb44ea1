// Builds the native reco a second time, at -O1 with AddressSanitizer and UndefinedBehaviorSanitizer, which takes half a minute when the
// sources have changed.
import { spawnSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { fitAll, startMessage, startOn } from "./native-event.ts";
import { buildNative, buildSanitized, sanitizedExecutable, sanitizedUnitTests, startNative } from "./native-process.ts";

const missing = buildNative() ?? buildSanitized();

/** Three strings of coincident modules, the last of them a bright one. */
const event = {
  runId: 1,
  eventId: 1,
  doms: [0, 1, 2].flatMap((string) =>
    Array.from({ length: 8 }, (_, om) => ({
      string: string + 1,
      om: om + 1,
      xM: 100 * string,
      yM: 60 * (string % 2),
      zM: -17 * om,
      pulses: [[10_000 + 330 * string - 40 * om + 11 * ((om * 5) % 7), string === 2 && om === 3 ? 800 : 1.5 + (om % 3), 8, 7]],
    })),
  ),
};
const directions = Array.from({ length: 50 }, (_, i) => ({
  zenithRad: Math.acos(1 - (2 * i + 1) / 50),
  azimuthRad: (i * 2.399963) % (2 * Math.PI),
}));

describe.skipIf(missing !== undefined)(`the native reco under sanitizers${missing === undefined ? "" : ` (${missing})`}`, () => {
  test("passes its unit tests without a report", { timeout: 120_000 }, () => {
    const run = spawnSync(sanitizedUnitTests, { encoding: "utf8" });
    expect(run.stderr).toBe("");
    expect(run.status).toBe(0);
    expect(run.stdout).toContain("ok ");
  });

  test.each(["mpe", "spe"])("%s: how the compiler optimised changes no likelihood by 1e-6", async (model) => {
    await using normal = await startOn(event, ["--model", model]);
    await using other = await startOn(event, ["--model", model], sanitizedExecutable);
    const [got, wanted] = await Promise.all([fitAll(other, directions), fitAll(normal, directions)]);
    expect(wanted.every(({ llh }) => llh !== null && llh > 0)).toBe(true);
    for (const [i, { llh }] of got.entries()) expect(Math.abs(llh! - wanted[i]!.llh!), `unit ${i}`).toBeLessThanOrEqual(1e-6);
    other.close();
    expect(await other.ended).toMatchObject({ status: 0, stderr: expect.not.stringContaining("ERROR") as string });
  });

  test.each([
    ["no JSON", "{\n"],
    ["half a surrogate pair", '{"type":"\\ud83d\n'],
    ["a unit that is a list", '{"type":"unit","unit":[]}\n'],
    ["text that is cut short", '{"type":"unit","unit":"a'],
  ])("%s ends it without a report", async (_what, text) => {
    const native = startNative([], sanitizedExecutable);
    native.send(startMessage(event));
    await native.line();
    native.write(text);
    native.close();
    const { stderr } = await native.ended;
    expect(stderr).not.toMatch(/Sanitizer|runtime error/);
  });
});
