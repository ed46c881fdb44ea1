import { join } from "node:path";
import {
  convertI3,
  describeEvent,
  describeFrames,
  describeI3File,
  isI3File,
  readEventFile,
  summarizeEvent,
} from "@skyscan/icecube";
import { UsageError, makeDirectory, messageOf, writeFileAtomically } from "@skyscan/runtime";
import { usingInput } from "../input-errors.ts";
import type { Command } from "../process.ts";

export const eventShow: Command<{ readonly file: string; readonly json: boolean }> = async ({ file, json }, context) => {
  const event = await usingInput(() => readEventFile(file));
  context.print(json ? JSON.stringify(summarizeEvent(event), null, 2) : describeEvent(event).join("\n"));
  return 0;
};

export const eventDump: Command<{ readonly file: string }> = async ({ file }, context) => {
  await usingInput(async () => {
    if (!(await isI3File(file))) return context.print(describeFrames(await readEventFile(file)).join("\n"));
    for await (const line of describeI3File(file)) context.print(line);
  });
  return 0;
};

interface ConvertArguments {
  readonly files: readonly string[];
  readonly basegcd: string | undefined;
  readonly nframes: number | undefined;
  readonly out: string;
}

export const eventConvert: Command<ConvertArguments> = async ({ files, basegcd, nframes, out }, context) => {
  if (nframes !== undefined && !(Number.isSafeInteger(nframes) && nframes > 0)) {
    throw new UsageError(`--nframes ${nframes} is not allowed: it takes a whole number, 1 or greater`);
  }
  let written = 0;
  let skipped = 0;
  await usingInput(async () => {
    const onSkipped = (why: string): void => {
      skipped += 1;
      context.complain(`not converted: ${why}`);
    };
    const options = {
      baselineGcd: basegcd,
      maxFrames: nframes,
      onSkipped,
      onRemark: (remark: string) => context.complain(remark),
    };
    for await (const { fileName, bytes } of convertI3(files, options)) {
      const path = join(out, fileName);
      try {
        await makeDirectory(out);
        await writeFileAtomically(path, bytes);
      } catch (error) {
        throw new UsageError(`--out ${out}: ${path} cannot be written: ${messageOf(error)}`, { cause: error });
      }
      written += 1;
      context.print(path);
    }
  });
  if (written === 0)
    throw new UsageError(`no event in ${files.join(", ")}${skipped > 0 ? `: ${skipped} physics frames cannot be used` : ""}`);
  return 0;
};
