import { describeEvent, describeFrames, readEventFile, summarizeEvent } from "@skyscan/icecube";
import { usingInput } from "../input-errors.ts";
import type { Command } from "../process.ts";

export const eventShow: Command<{ readonly file: string; readonly json: boolean }> = async ({ file, json }, context) => {
  const event = await usingInput(() => readEventFile(file));
  context.print(json ? JSON.stringify(summarizeEvent(event), null, 2) : describeEvent(event).join("\n"));
  return 0;
};

export const eventDump: Command<{ readonly file: string }> = async ({ file }, context) => {
  context.print(describeFrames(await usingInput(() => readEventFile(file))).join("\n"));
  return 0;
};
