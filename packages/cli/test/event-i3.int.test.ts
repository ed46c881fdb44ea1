// The commands over .i3 files, as processes.
import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { encodeEvent, parseEvent, readEventFile, writeI3File } from "@skyscan/icecube";
import { runSkyscan, temporaryDirectory } from "@skyscan/testing";
import { afterEach, beforeEach, expect, test } from "vitest";

let temporary: Awaited<ReturnType<typeof temporaryDirectory>>;
let directory: string;
beforeEach(async () => {
  temporary = await temporaryDirectory();
  directory = temporary.path;
});
afterEach(() => temporary.remove());

async function simulated(into: string): Promise<string> {
  const made = await runSkyscan(["simulate", "--events", "1", "--kind", "track", "--seed", "3", "--output-dir", into]);
  expect(made.status, made.stderr).toBe(0);
  const name = (await readdir(into)).find((one) => !one.includes("truth"));
  return join(into, name!);
}

test("a simulated event goes through .i3 files and back, and is shown on the way", async () => {
  const event = await readEventFile(await simulated(join(directory, "events")));
  const frames = event.frames.map(({ frame }) => frame);
  const gcd = join(directory, "GCD.i3.gz");
  const physics = join(directory, "with space.i3.zst");
  await writeI3File(gcd, frames.slice(0, 3));
  await writeI3File(physics, frames.slice(3));

  const dump = await runSkyscan(["event", "dump", physics]);
  expect(dump.stdout).toMatch(/^frame Q: 1 objects, \d+ bytes, number 1 at offset 0\n {2}UncleanedInIcePulses +\d+ {2}I3Map/);
  const show = await runSkyscan(["event", "show", physics]);
  expect(show).toMatchObject({ status: 2, stderr: expect.stringContaining("skyscan event convert") as unknown });

  const out = join(directory, "out", "here");
  const converted = await runSkyscan(["event", "convert", gcd, physics, "-o", out]);
  expect(converted.status, converted.stderr).toBe(0);
  const [name, ...others] = await readdir(out);
  expect(others).toEqual([]);
  expect(converted.stdout.trim()).toBe(join(out, name!));
  const again = await readEventFile(join(out, name!));
  expect(again.name).toBe(event.name);
  expect(again.doms).toEqual(event.doms);
  expect(again.simulatedGeometry).toBe(event.simulatedGeometry);
});

test("the predecessor's line works; what it cannot do here is said", async () => {
  const event = {
    runId: 123456,
    eventId: 7,
    eventType: "neutrino" as const,
    start: { year: 2022, tenthsOfNs: 5n },
    durationNs: 1,
    doms: [{ string: 36, om: 40, pmt: 0, pulses: [[10_000, 1.5, 8, 7] as const] }],
    baselineGcd: "baseline_gcd_136897.i3",
  };
  const frames = parseEvent(encodeEvent(event), "made").frames.map(({ frame }) => frame);
  const [gcd, physics] = [join(directory, "EVENT_GCD.i3"), join(directory, "EVENT_FILE.i3")];
  await writeI3File(gcd, frames.slice(0, 3));
  await writeI3File(physics, frames.slice(3));
  const line = ["event", "convert", "--basegcd", "baseline_gcd_136897.i3", gcd, physics, "-o", directory];
  expect(await runSkyscan(line)).toMatchObject({ status: 0 });
  const file = JSON.parse(await readFile(join(directory, "run00123456.evt000000000007.sub000.json"), "utf8")) as {
    value: { version: string; data: { frames: [string, string][] } };
  };
  expect(file.value.version).toBe("2021a");
  expect(file.value.data.frames.map(([letter]) => letter)).toEqual(["G", "C", "D", "Q", "P"]);

  const problems: [string[], RegExp][] = [
    [["--basegcd", "other.i3", gcd, physics], /not to --basegcd other\.i3/],
    [["--nframes", "0", gcd, physics], /--nframes 0 is not allowed/],
    [["--nframes", "3", gcd, physics], /no event in/],
    [[physics, gcd], /give the GCD file first/],
    [[join(directory, "none.i3")], /none\.i3: .*no such file|cannot read .*none\.i3/],
  ];
  for (const [words, message] of problems) {
    const { status, stderr } = await runSkyscan(["event", "convert", ...words, "-o", directory]);
    expect([status, stderr]).toEqual([2, expect.stringMatching(message)]);
  }
});
