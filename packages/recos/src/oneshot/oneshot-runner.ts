import { rm } from "node:fs/promises";
import { join } from "node:path";
import { createReleases, messageOf } from "@skyscan/runtime";
import { RecoError } from "../manifest/errors.ts";
import { protocolGrace } from "../process/grace.ts";
import { prepareLaunch } from "../process/launch.ts";
import { oneshotFiles, runOneshot } from "./oneshot.ts";
import { chooseFormat } from "./choose-format.ts";
import type { OneshotFormat } from "./oneshot-format.ts";
import { oneshotOutcome } from "./oneshot-outcome.ts";
import { createOrphanGuard } from "../process/orphan-guard.ts";
import { timerMs, unitLimitSec } from "../process/runner-options.ts";
import type { RunnerOptions } from "../process/runner-options.ts";
import type { Runner, RunnerOutcome, RunnerUnit } from "../runner/runner.ts";
import { createSlotDirectory } from "../process/slot-directory.ts";

/** Mode `oneshot`: one process per unit (reco protocol, section 4). */
export function createOneshotRunner(options: RunnerOptions): Runner {
  const { debugDirectory, scratchDir, slot } = options;
  const grace = options.grace ?? protocolGrace;
  const limitSec = unitLimitSec(options);
  const guard = createOrphanGuard();
  const scratchDirectory = createSlotDirectory(scratchDir, slot);
  const fileDirectory = createSlotDirectory(scratchDir, slot);
  const closing = new AbortController();
  let format: OneshotFormat | undefined;
  let current: Promise<unknown> | undefined;

  async function fit(unit: RunnerUnit, signal: AbortSignal): Promise<RunnerOutcome> {
    format ??= await chooseFormat(options);
    const { infile, answer } = format;
    await scratchDirectory.ready();
    await fileDirectory.ready();
    const scratch = scratchDirectory.scratch();
    const place = `${unit.unit.replaceAll(/[^A-Za-z0-9._-]/g, "_")}-attempt-${unit.attempt}`;
    const files = await oneshotFiles(
      debugDirectory === undefined ? join(fileDirectory.scratch(), "unit") : join(debugDirectory, place),
    );
    try {
      const launch = await prepareLaunch(options, scratch, files, signal);
      const end = await runOneshot({
        launch,
        scratch,
        files,
        infile: infile(unit, limitSec),
        limitMs: timerMs(limitSec),
        keepLogs: debugDirectory !== undefined,
        grace,
        guard,
        observer: options.observer,
        signal,
      });
      return oneshotOutcome((outfile) => answer(unit, outfile), end, limitSec);
    } finally {
      if (debugDirectory === undefined) await rm(files.directory, { recursive: true, force: true });
      await scratchDirectory.empty();
    }
  }

  async function attempt(unit: RunnerUnit, signal: AbortSignal): Promise<RunnerOutcome> {
    const both = AbortSignal.any([signal, closing.signal]);
    if (both.aborted) return { kind: "cancelled", runtimeSec: 0 };
    try {
      return await fit(unit, both);
    } catch (error) {
      if (signal.aborted || closing.signal.aborted) return { kind: "cancelled", runtimeSec: 0 };
      if (error instanceof RecoError) throw error;
      throw new RecoError("start-failed", `reco ${options.reco.manifest.name} could not be started: ${messageOf(error)}`, {
        cause: error,
      });
    }
  }

  return {
    inFlight: 1,
    async run(unit, signal) {
      if (current !== undefined) throw new Error("more than 1 run is open at once");
      const running = attempt(unit, signal);
      current = running;
      try {
        return await running;
      } finally {
        current = undefined;
      }
    },
    async close() {
      closing.abort();
      await current?.catch(() => undefined);
      const releases = createReleases();
      releases.add(() => guard.close());
      releases.add(() => fileDirectory.remove());
      releases.add(() => scratchDirectory.remove());
      await releases.run();
    },
  };
}
