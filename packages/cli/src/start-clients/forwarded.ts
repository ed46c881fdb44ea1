import { accessSync, constants, statSync } from "node:fs";
import { resolve } from "node:path";
import { parseAddress, withoutPassword } from "@skyscan/broker";
import { brokerSettingTable, driverSettingTable, readBrokerSettings } from "@skyscan/broker/settings";
import { clientSettingTable } from "@skyscan/client/settings";
import { containerSettingTable } from "@skyscan/recos/settings";
import { messageOf } from "@skyscan/runtime";
import type { SettingTable } from "@skyscan/runtime";
import { commonSettingTable } from "../environment.ts";

const tables: readonly SettingTable[] = [
  commonSettingTable,
  brokerSettingTable,
  driverSettingTable,
  clientSettingTable,
  containerSettingTable,
];
/** What recos read by themselves. */
const ofRecos = ["SKYSCAN_CRASH_DUMMY_PROBABILITY", "SKYSCAN_ICETRAY_SHELL"];
/** The name of one host says nothing of others. */
const ofThisHost = ["SKYSCAN_HOST"];

const settings = tables.flatMap((table) => Object.values(table));
const secrets = settings.filter(({ secret }) => secret === true).map(({ env }) => env);
const plain = [...settings.filter(({ secret }) => secret !== true).map(({ env }) => env), ...ofRecos].filter(
  (name) => !ofThisHost.includes(name),
);

/** What goes from this environment to the clients. */
export interface Forwarded {
  /** No secret is in here. */
  readonly environment: Readonly<Record<string, string>>;
  /** Variables that name files: certificates, keys, the token's. */
  readonly files: Readonly<Record<string, string>>;
  /** A token that is in no file yet. */
  readonly token: string | undefined;
  /** The broker that this environment names, if it does. */
  readonly address: string | undefined;
}

/**
 * Sorts this environment, and `--environment NAME[=VALUE] …`, into what may be seen, what goes as a file, and the secret. Problems are added
 * to the list.
 */
export function forwarded(
  environment: Readonly<Record<string, string | undefined>>,
  asked: readonly string[],
  problems: string[],
): Forwarded {
  const own = readBrokerSettings(problems, environment);
  const values: Record<string, string> = {};
  for (const name of plain) {
    const value = environment[name];
    if (value !== undefined && value !== "") values[name] = value;
  }
  for (const word of asked) addAsked(word, environment, values, problems);
  let password: string | undefined;
  const address = values["SKYSCAN_BROKER_ADDRESS"];
  if (address !== undefined) {
    try {
      ({ password } = parseAddress(address));
      values["SKYSCAN_BROKER_ADDRESS"] = withoutPassword(address);
    } catch (error) {
      problems.push(`SKYSCAN_BROKER_ADDRESS: ${messageOf(error)}`);
    }
  }
  const isFile = (name: string): boolean => name.endsWith("_FILE") && plain.includes(name);
  const files: Record<string, string> = {};
  for (const [name, value] of Object.entries(values)) if (isFile(name)) files[name] = resolve(value);
  const seen = Object.fromEntries(Object.entries(values).filter(([name]) => !isFile(name)));
  const authFile = environment["SKYSCAN_BROKER_AUTH_FILE"];
  if (authFile !== undefined && authFile !== "") files["SKYSCAN_BROKER_AUTH_FILE"] = resolve(authFile);
  for (const [name, path] of Object.entries(files)) problems.push(...unreadable(name, path));
  for (const [name, value] of Object.entries(seen)) {
    if (/\p{Cc}/u.test(value))
      problems.push(`${name} holds a line break or another control character: it cannot be given to clients`);
  }
  const inFile = "SKYSCAN_BROKER_AUTH_FILE" in files;
  return {
    environment: seen,
    files,
    token: inFile ? undefined : (own.auth ?? password),
    address: seen["SKYSCAN_BROKER_ADDRESS"],
  };
}

function addAsked(
  word: string,
  environment: Readonly<Record<string, string | undefined>>,
  values: Record<string, string>,
  problems: string[],
): void {
  const [, name, , given] = /^([A-Za-z_]\w*)(=(.*))?$/s.exec(word) ?? [];
  if (name === undefined) {
    problems.push(`--environment ${word.replace(/=.*/s, "=…")} is not allowed: it takes NAME or NAME=VALUE`);
    return;
  }
  if (secrets.some((secret) => name === secret || name === `${secret}_FILE`)) {
    problems.push(
      `--environment ${name} is not allowed: the token goes along by itself, as a file; set ${name} where you run start-clients`,
    );
    return;
  }
  const value = given ?? environment[name];
  if (value === undefined) problems.push(`--environment ${name}: it is not set here; set it, or give ${name}=VALUE`);
  else if (given !== undefined && name === "SKYSCAN_BROKER_ADDRESS" && passwordIn(given))
    problems.push(
      `--environment ${name} holds a password, which everybody sees in a command line: set ${name} where you run start-clients`,
    );
  else values[name] = value;
}

function passwordIn(address: string): boolean {
  try {
    return parseAddress(address).password !== undefined;
  } catch {
    return false;
  }
}

function unreadable(name: string, path: string): readonly string[] {
  try {
    accessSync(path, constants.R_OK);
    if (!statSync(path).isFile()) return [`${name}=${path} is no file`];
    return [];
  } catch (error) {
    return [`${name}=${path} cannot be read: ${messageOf(error)}`];
  }
}
