import yargs from "yargs";
import type { Argv } from "yargs";
import { packageVersion } from "@skyscan/protocol/version";
import { UsageError } from "@skyscan/runtime";
import { eventCommands, recosCommands, resultCommands, startClientsCommands } from "./command-groups.ts";
import type { Handler } from "./command-groups.ts";
import { logFlags } from "./log-flags.ts";
import type { Command, CommandContext, LogArguments } from "./process.ts";

const example = {
  server: "skyscan server --event-file event.json --reco-algo pandel_spe --client-startup-json ./client-startup.json",
  client: "skyscan client --client-startup-json ./client-startup.json --slots auto",
  scan: "skyscan scan --event-file event.json --reco-algo pandel_spe --nsides 8:0 64:12",
  scanMany: "skyscan scan-many --event-files 'events/*.json' --parallel 4 --clients 8 --reco-algo pandel_spe",
  status: "skyscan status --cache-dir ./skyscan-cache --watch",
};

/**
 * Runs one command line and returns its exit status. A command's code is loaded when it is asked for: together they take long to load.
 * @throws UsageError for what cannot be used; anything else is a bug.
 */
export async function commandLine(words: readonly string[], process: Pick<CommandContext, "signal" | "force">): Promise<number> {
  let exitStatus = 0;
  const handler: Handler =
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
    .command("event", "looks into event files", (y) => eventCommands(y, handler))
    .command("recos", "lists, checks and tries recos", (y) => recosCommands(y, handler))
    .command("result", "shows, compares and converts results", (y) => resultCommands(y, handler))
    .command(
      "status",
      "how a running scan is",
      async (y) => (await import("./commands/status.ts")).statusFlags(y).example(example.status, ""),
      handler(async () => (await import("./commands/status.ts")).status, true),
    )
    .command("start-clients", "starts clients on HTCondor and elsewhere", (y) => startClientsCommands(y, handler))
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
