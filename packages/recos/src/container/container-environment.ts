import type { RunBlock } from "../manifest/manifest.ts";
import type { ContainerEngine } from "./engine.ts";
import { kindOf } from "./engine.ts";

type Environment = Readonly<Record<string, string>>;

/** How the variables of a reco get into its container. */
export interface ContainerEnvironment {
  /** Whole environment of the engine's command. */
  readonly engine: Environment;
  /** Given on the command line with their values; nothing that came from the client's environment. */
  readonly shown: Environment;
  /** Given by name: the container takes their values from the engine's environment. */
  readonly named: readonly string[];
}

/** Variables that mean something to the engines themselves: in their environment they keep the client's values. */
const engineOwn = /^(PATH|HOME|TMPDIR|LD_.*|XDG_.*|DBUS_.*|DOCKER_.*|CONTAINERS?_.*|STORAGE_.*|REGISTRY_.*|GODEBUG|SSL_CERT_.*)$/;

/** Variables that no engine gets: the broker's secrets, and ones that Apptainer and Singularity put into containers whatever they are told. */
const kept = (name: string): boolean => !/^(SKYSCAN_BROKER_.*|APPTAINERENV_.*|SINGULARITYENV_.*)$/.test(name);
const alwaysPassed = /^(TERM|(http|https|ftp|all|no)_proxy)$/i;

/** The environment of an engine's own commands, such as `pull`: the client's without the broker's secrets. */
export const engineEnvironment = (client: Readonly<Record<string, string | undefined>>): Environment =>
  Object.fromEntries(
    Object.entries(client).flatMap(([name, value]) => (value !== undefined && kept(name) ? [[name, value] as const] : [])),
  );

/**
 * @param inside the whole environment of the reco (`childEnvironment`), besides what its image sets
 * @param client the client's
 */
export function containerEnvironment(
  engine: ContainerEngine,
  run: Pick<RunBlock, "env" | "passEnv">,
  inside: Environment,
  client: Readonly<Record<string, string | undefined>>,
): ContainerEnvironment {
  const own = engineEnvironment(client);
  if (kindOf(engine) === "child") {
    const prefix = engine === "apptainer" ? "APPTAINERENV_" : "SINGULARITYENV_";
    const plain = Object.entries(own).filter(([name]) => !alwaysPassed.test(name));
    // HOME is what --home says. Values and arguments are taken as they are, without a shell's second look at them.
    const wanted = Object.entries(inside).filter(([name]) => name !== "HOME");
    const noEval = engine === "apptainer" ? { APPTAINER_NO_EVAL: "1" } : { SINGULARITY_NO_EVAL: "1" };
    return {
      engine: {
        ...Object.fromEntries(plain),
        ...Object.fromEntries(wanted.map(([name, value]) => [prefix + name, value])),
        ...noEval,
      },
      shown: {},
      named: [],
    };
  }
  const isInherited = (name: string): boolean => {
    const set = run.env[name];
    return !engineOwn.test(name) && (set === undefined ? run.passEnv.includes(name) : set.includes("{{ENV:"));
  };
  const named = Object.keys(inside).filter(isInherited);
  return {
    engine: { ...own, ...Object.fromEntries(named.map((name) => [name, inside[name]!])) },
    shown: Object.fromEntries(Object.entries(inside).filter(([name]) => !isInherited(name))),
    named,
  };
}
