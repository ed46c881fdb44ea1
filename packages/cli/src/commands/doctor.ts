import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { openBroker } from "@skyscan/broker";
import { builtGeometryCheck } from "../geometry-check.ts";
import { loadRegistry, recoPathEntries } from "@skyscan/recos";
import { containerEngines } from "@skyscan/recos/settings";
import { messageOf, processEnvironment } from "@skyscan/runtime";
import { serverBroker } from "../broker-settings.ts";
import type { Command, CommandContext } from "../process.ts";

type Verdict = "ok" | "missing" | "problem";

interface Finding {
  readonly verdict: Verdict;
  readonly about: string;
  readonly text: string;
}

/** What works here, what does not, and what to do about it. Status 0 when a scan with the built-in recos can run, else 1. */
export const doctor: Command<object> = async (_args, context) => {
  const findings = [
    nodeFinding(),
    compilerFinding(),
    ...recoFindings(),
    builtGeometryCheck(),
    await brokerFinding(context),
    ...containerFindings(),
  ];
  for (const { verdict, about, text } of findings) context.print(`${verdict.padEnd(8)} ${about.padEnd(11)} ${text}`);
  const broken = findings.some((finding) => finding.verdict === "problem");
  context.print(broken ? "something needs mending before a scan can run here" : "a scan can run here: skyscan demo");
  return broken ? 1 : 0;
};

function nodeFinding(): Finding {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  const fits = major > 20 || (major === 20 && minor >= 19);
  return {
    verdict: fits ? "ok" : "problem",
    about: "Node",
    text: fits ? process.versions.node : `${process.versions.node} is too old: 20.19 or newer is needed`,
  };
}

/** The first line of what a command says, or undefined. */
const saidBy = (command: string, ...args: readonly string[]): string | undefined => {
  const run = spawnSync(command, args, { encoding: "utf8", timeout: 10_000 });
  return run.status === 0 ? run.stdout.split("\n")[0] : undefined;
};
const versionOf = (command: string): string | undefined => saidBy(command, "--version");

function compilerFinding(): Finding {
  const found = ["c++", "g++", "clang++"].map(versionOf).find((version) => version !== undefined);
  return found === undefined
    ? {
        verdict: "missing",
        about: "compiler",
        text: "no C++17 compiler (c++, g++ or clang++): only needed to build the native recos; Debian: apt-get install g++",
      }
    : { verdict: "ok", about: "compiler", text: found };
}

function recoFindings(): readonly Finding[] {
  const registry = loadRegistry({ recoPath: recoPathEntries([], processEnvironment()["SKYSCAN_RECO_PATH"]) });
  const bad = registry.problems.map((text): Finding => ({ verdict: "missing", about: "recos", text }));
  const native = registry.recos.filter((reco) => /^\.{1,2}\//.test(reco.manifest.run.command[0] ?? ""));
  const unbuilt = native.filter((reco) => !existsSync(new URL(reco.manifest.run.command[0]!, `file://${reco.dir}/`)));
  const names = registry.recos.map((reco) => reco.manifest.name).join(", ");
  const built: Finding =
    unbuilt.length === 0
      ? { verdict: "ok", about: "recos", text: names }
      : {
          verdict: "problem",
          about: "recos",
          text: `not built: ${unbuilt.map((reco) => reco.manifest.name).join(", ")}; in a checkout: node scripts/build-native.mjs`,
        };
  return [built, ...bad];
}

async function brokerFinding(context: CommandContext): Promise<Finding> {
  const about = "broker";
  try {
    const settings = serverBroker();
    if (settings === undefined)
      return {
        verdict: "ok",
        about,
        text: "none configured: the embedded broker is used (SKYSCAN_BROKER_ADDRESS names another)",
      };
    const broker = await openBroker(() => Promise.resolve(settings), { logger: context.logger, purpose: "server" });
    const { description } = broker;
    await broker.close();
    return { verdict: "ok", about, text: description };
  } catch (error) {
    return { verdict: "problem", about, text: messageOf(error) };
  }
}

function containerFindings(): readonly Finding[] {
  const about = "containers";
  const found = containerEngines.flatMap((engine) => {
    const version = versionOf(engine);
    if (version === undefined) return [];
    // This one asks the daemon.
    const answers = engine !== "docker" || saidBy(engine, "version") !== undefined;
    return [{ engine, answers, text: `${engine} (${version}${answers ? "" : "; its daemon does not answer"})` }];
  });
  const [first] = found;
  if (first === undefined) {
    const text = `none of ${containerEngines.join(", ")}: only needed for recos that have an image, outside of it`;
    return [{ verdict: "missing", about, text }];
  }
  const listed = found.map(({ text }) => text).join(", ");
  if (first.answers)
    return [
      { verdict: "ok", about, text: `${listed}: recos that have an image run in the first of them (--container names another)` },
    ];
  const other = found.find(({ answers }) => answers);
  const todo = other === undefined ? "start its daemon" : `start its daemon, or name another with --container ${other.engine}`;
  return [{ verdict: "missing", about, text: `${listed}: recos that have an image would run in ${first.engine}: ${todo}` }];
}
