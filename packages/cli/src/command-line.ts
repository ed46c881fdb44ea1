import yargs from "yargs";
import type { Argv } from "yargs";
import { packageVersion } from "@skyscan/protocol";
import { UsageError } from "@skyscan/runtime";
import { logFlags } from "./log-flags.ts";
import type { Command, CommandContext, LogArguments } from "./process.ts";

const example = {
  server: "skyscan server --event-file event.json --reco-algo pandel_spe --client-startup-json ./client-startup.json",
  client: "skyscan client --client-startup-json ./client-startup.json --slots auto",
  scan: "skyscan scan --event-file event.json --reco-algo pandel_spe --nsides 8:0 64:12",
  scanMany: "skyscan scan-many --event-files 'events/*.json' --parallel 4 --clients 8 --reco-algo pandel_spe",
  status: "skyscan status --cache-dir ./skyscan-cache --watch",
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

/**
 * Runs one command line and returns its exit status. A command's code is loaded when it is asked for: together they take long to load.
 * @throws UsageError for what cannot be used; anything else is a bug.
 */
export async function commandLine(words: readonly string[], process: Pick<CommandContext, "signal" | "force">): Promise<number> {
  let exitStatus = 0;
  const handler =
    <T>(load: () => Promise<Command<T>>, quiet = false) =>
    async (args: object): Promise<void> => {
      const { commandLogger } = await import("./process.ts");
      const logger = commandLogger(args as LogArguments, quiet);
      const context: CommandContext = {
        ...process,
        logger,
        print: (text) => void globalThis.process.stdout.write(`${text}\n`),
        complain(text) {
          // Who asks for JSON gets nothing else.
          if ((args as LogArguments).logFormat === "json") logger.error({}, text);
          else globalThis.process.stderr.write(`${text}\n`);
        },
      };
      exitStatus = await (await load())(args as T, context);
    };
  const startup = (builder: Argv): Argv =>
    builder.option("client-startup-json", {
      type: "string",
      default: "./client-startup.json",
      describe: "written when clients may start",
    });

  const program = logFlags(yargs([...words]))
    .scriptName("skyscan")
    .usage("$0 <command>\n\nFinds where on the sky a neutrino came from.")
    .command(
      "server",
      "one scan's server",
      async (y) => startup((await import("./commands/server.ts")).serverFlags(y)).example(example.server, ""),
      handler(async () => (await import("./commands/server.ts")).server),
    )
    .command(
      "client",
      "a client with one or more slots",
      async (y) => (await import("./commands/client.ts")).clientFlags(y).example(example.client, ""),
      handler(async () => (await import("./commands/client.ts")).client),
    )
    .command(
      "scan",
      "server and local clients in one go",
      async (y) => {
        const { serverFlags } = await import("./commands/server.ts");
        const { scanFlags } = await import("./commands/scan.ts");
        return scanFlags(serverFlags(y)).example(example.scan, "");
      },
      handler(async () => (await import("./commands/scan.ts")).scan),
    )
    .command(
      "scan-many",
      "many events, a server for each, one table",
      async (y) => (await import("./commands/scan-many.ts")).scanManyFlags(y).example(example.scanMany, ""),
      // The table says it all.
      handler(async () => (await import("./commands/scan-many.ts")).scanMany, globalThis.process.stderr.isTTY),
    )
    .command(
      "demo",
      "scans a simulated event on this machine",
      async (y) => (await import("./commands/demo.ts")).demoFlags(y).example("skyscan demo", ""),
      handler(async () => (await import("./commands/demo.ts")).demo, true),
    )
    .command(
      "simulate",
      "writes simulated events with known truth",
      async (y) =>
        (await import("./commands/simulate.ts"))
          .simulateFlags(y)
          .example("skyscan simulate --events 10 --kind track --seed 1 --output-dir ./events", ""),
      handler(async () => (await import("./commands/simulate.ts")).simulate, true),
    )
    .command(
      "doctor",
      "what works on this machine",
      (y) => y.example("skyscan doctor", ""),
      handler(async () => (await import("./commands/doctor.ts")).doctor, true),
    )
    .command("event", "looks into event files", (y) =>
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
        .demandCommand(1, "event takes show, dump or convert"),
    )
    .command("recos", "lists, checks and tries recos", (y) =>
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
        .example(example.recosCheck, ""),
    )
    .command("result", "shows, compares and converts results", (y) =>
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
            dec(
              (await import("./commands/plot.ts")).plotFlags(r.positional("file", { type: "string", demandOption: true })),
            ).example(
              "skyscan result plot run00136662.evt000035405932.neutrino_8_64.npz --formats png,pdf --truth 46.9,-3.4",
              "",
            ),
          handler(async () => (await import("./commands/plot.ts")).resultPlot, true),
        )
        .example(example.resultShow, "")
        .demandCommand(1, "result takes show, compare, convert, export or plot"),
    )
    .command(
      "status",
      "how a running scan is",
      async (y) => (await import("./commands/status.ts")).statusFlags(y).example(example.status, ""),
      handler(async () => (await import("./commands/status.ts")).status, true),
    )
    .command("start-clients", "starts clients on HTCondor and elsewhere", async (y) => {
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
    })
    .command(
      "scan-clean",
      "lists and removes queues that dead scans left",
      (y) =>
        y
          .option("cache-dir", {
            alias: "c",
            type: "string",
            default: "./skyscan-cache",
            describe: "whose scans' queues are looked for",
          })
          .option("scan-id", { type: "string", array: true, default: [], describe: "look for these, too" })
          .option("remove", { type: "boolean", default: false, describe: "remove them (default: list)" })
          .example("skyscan scan-clean --remove", ""),
      handler(async () => (await import("./commands/scan-clean.ts")).scanClean, true),
    )
    .command(
      "bundle",
      "one tarball that runs in any image: Node, clients, native recos",
      async (y) => (await import("./commands/bundle.ts")).bundleFlags(y).example("skyscan bundle --output skyscan.tar.gz", ""),
      handler(async () => (await import("./commands/bundle.ts")).bundle, true),
    )
    .completion("completion", "prints a completion script for bash or zsh")
    .demandCommand(
      1,
      "give a command: server, client, scan, scan-many, demo, simulate, doctor, event, recos, result, status, start-clients, scan-clean, bundle",
    )
    .strict()
    .recommendCommands()
    .version(packageVersion)
    .help()
    .alias("h", "help")
    .parserConfiguration({ "duplicate-arguments-array": true, "greedy-arrays": true })
    // The parser lays out the help of every command that it runs; breaking it into lines takes longest, and only help shows them.
    .wrap(words.some((word) => ["--help", "-h", "help"].includes(word)) ? 120 : null)
    .exitProcess(false)
    .fail((message: string | null, error: Error | undefined) => {
      if (error !== undefined) throw error;
      throw new UsageError(`${message ?? "wrong usage"} (see --help)`);
    });
  await program.parseAsync();
  return exitStatus;
}
