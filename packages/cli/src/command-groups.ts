import type { Argv } from "yargs";
import type { Command } from "./process.ts";

/** Makes a command of what loads it. `quiet`: it logs nothing below a warning unless it is asked to. */
export type Handler = <T>(load: () => Promise<Command<T>>, quiet?: boolean) => (args: object) => Promise<void>;

const example = {
  eventShow: "skyscan event show event.json",
  recosCheck: "skyscan recos check ./my-reco",
  recosRun: "skyscan recos run pandel_spe --unit 8/340/0 --event event.json",
  resultShow: "skyscan result show run00136662.evt000035405932.neutrino_8_64.npz",
};

const dec = <T>(builder: Argv<T>): Argv<T> =>
  builder.option("dec-convention", {
    choices: ["old", "new"] as const,
    describe: "of files without header, older than v3.8: old = dec is theta - pi/2",
  });

const startExamples = [
  "skyscan start-clients --jobs 300 --memory 8GB --client-startup-json client-startup.json --logs-directory logs",
  "skyscan start-clients --on local --jobs 4 --slots-per-client 2",
  "skyscan start-clients --dryrun --jobs 300 --image /cvmfs/icecube.opensciencegrid.org/…/image --client-args container:none",
];

export const eventCommands = (y: Argv, handler: Handler): Argv =>
  y
    .command(
      "show <file>",
      "header, time, pulses, recorded fits",
      (e) =>
        e
          .positional("file", { type: "string", demandOption: true })
          .option("json", { type: "boolean", default: false, describe: "as JSON" })
          .example(example.eventShow, ""),
      handler(async () => (await import("./commands/event.ts")).eventShow, true),
    )
    .command(
      "dump <file>",
      "frames and their keys",
      (e) => e.positional("file", { type: "string", demandOption: true }).example("skyscan event dump event.json", ""),
      handler(async () => (await import("./commands/event.ts")).eventDump, true),
    )
    .command(
      "convert <files..>",
      "an event file for each physics frame of .i3 files",
      (e) =>
        e
          .positional("files", {
            type: "string",
            array: true,
            demandOption: true,
            describe: ".i3, .i3.gz, .i3.bz2 or .i3.zst, the one with geometry, calibration and status first",
          })
          .option("basegcd", { type: "string", describe: "baseline file that the input's G, C, D frames are differences to" })
          .option("nframes", { type: "number", describe: "read no more frames than this, of all streams" })
          .option("out", { alias: "o", type: "string", default: ".", describe: "directory for the event files" })
          .example("skyscan event convert GCD.i3.gz EVENTS.i3.zst -o events", ""),
      handler(async () => (await import("./commands/event.ts")).eventConvert, true),
    )
    .example(example.eventShow, "")
    .demandCommand(1, "event takes show, dump or convert");

export const recosCommands = (y: Argv, handler: Handler): Argv =>
  y
    .command(
      "check <dir>",
      "plays the engine's side against a reco",
      async (r) => (await import("./commands/recos.ts")).recosCheckFlags(r).example(example.recosCheck, ""),
      handler(async () => (await import("./commands/recos.ts")).recosCheck, true),
    )
    .command(
      "run <name>",
      "one unit, everything shown",
      async (r) =>
        (await import("./commands/recos.ts"))
          .recosRunFlags(r.positional("name", { type: "string", demandOption: true }))
          .example(example.recosRun, ""),
      handler(async () => (await import("./commands/recos.ts")).recosRun, true),
    )
    .command(
      ["list [name]", "$0 [name]"],
      "what there is",
      (r) => r.positional("name", { type: "string" }).example("skyscan recos pandel_spe", "").example(example.recosCheck, ""),
      handler(async () => (await import("./commands/recos.ts")).recosList, true),
    )
    .option("reco-path", {
      type: "string",
      array: true,
      default: [],
      describe: "directory of recos, before SKYSCAN_RECO_PATH",
    })
    .example(example.recosCheck, "");

export const resultCommands = (y: Argv, handler: Handler): Argv =>
  y
    .command(
      "show <file>",
      "best fit, tallies, a small sky",
      (r) =>
        dec(r.positional("file", { type: "string", demandOption: true }))
          .option("json", { type: "boolean", default: false, describe: "as JSON" })
          .example(example.resultShow, ""),
      handler(async () => (await import("./commands/result.ts")).resultShow, true),
    )
    .command(
      "compare <a> <b>",
      "status 0: close; 1: not",
      (r) =>
        r
          .positional("a", { type: "string", demandOption: true })
          .positional("b", { type: "string", demandOption: true })
          .option("diff", { type: "string", describe: "writes all differences to this file, JSON" })
          .example("skyscan result compare a.npz b.json", ""),
      handler(async () => (await import("./commands/result.ts")).resultCompare, true),
    )
    .command(
      "convert <from> <to>",
      "between npz and json",
      (r) =>
        r
          .positional("from", { type: "string", demandOption: true })
          .positional("to", { type: "string", demandOption: true })
          .example("skyscan result convert result.npz result.json", ""),
      handler(async () => (await import("./commands/result.ts")).resultConvert, true),
    )
    .command(
      "export <file>",
      "writes FITS maps, MOCs, contours, summary, drafts and pictures",
      async (r) =>
        dec(
          (await import("./commands/export.ts")).exportFlags(r.positional("file", { type: "string", demandOption: true })),
        ).example("skyscan result export run00136662.evt000035405932.neutrino_8_64.npz", ""),
      handler(async () => (await import("./commands/export.ts")).resultExport, true),
    )
    .command(
      "plot <file>",
      "pictures: full sky and around the best fit",
      async (r) =>
        dec((await import("./commands/plot.ts")).plotFlags(r.positional("file", { type: "string", demandOption: true }))).example(
          "skyscan result plot run00136662.evt000035405932.neutrino_8_64.npz --formats png,pdf --truth 46.9,-3.4",
          "",
        ),
      handler(async () => (await import("./commands/plot.ts")).resultPlot, true),
    )
    .example(example.resultShow, "")
    .demandCommand(1, "result takes show, compare, convert, export or plot");

export async function startClientsCommands(y: Argv, handler: Handler): Promise<Argv> {
  const { startClientsFlags } = await import("./commands/start-clients.ts");
  const { fleetsFlags } = await import("./commands/fleets.ts");
  return y
    .command(
      "status [fleets..]",
      "what became of them",
      (f) =>
        fleetsFlags(f)
          .option("json", { type: "boolean", default: false, describe: "as JSON" })
          .example("skyscan start-clients status", ""),
      handler(async () => (await import("./commands/fleets.ts")).fleetsStatus, true),
    )
    .command(
      "stop [fleets..]",
      "takes them away; they hand back what they hold",
      (f) => fleetsFlags(f).example("skyscan start-clients stop", ""),
      handler(async () => (await import("./commands/fleets.ts")).fleetsStop, true),
    )
    .command(
      "$0",
      "starts clients",
      (f) => {
        for (const line of startExamples) f.example(line, "");
        return startClientsFlags(f);
      },
      handler(async () => (await import("./commands/start-clients.ts")).startClients),
    );
}
