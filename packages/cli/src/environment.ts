import { brokerSettingTable, driverSettingTable } from "@skyscan/broker/settings";
import { clientSettingTable } from "@skyscan/client/settings";
import { containerSettingTable } from "@skyscan/recos/settings";
import { serverSettingTable } from "@skyscan/server/settings";
import { logLevels, nearestName, oneOf, optional, processEnvironment, readSettings, settingNames, text } from "@skyscan/runtime";
import type { LogLevel, Logger, Setting, SettingTable } from "@skyscan/runtime";

/** The environment of every command. */
export const commonSettingTable = {
  logLevel: {
    env: "SKYSCAN_LOG",
    kind: oneOf(...logLevels, "warning", "critical"),
    default: "info",
    doc: "Log level: trace, debug, info, warn, error or silent (the predecessor's WARNING and CRITICAL are understood too).",
  } as Setting<LogLevel | "warning" | "critical">,
} as const;

/** A variable that something else than these processes reads: known and documented, not parsed here. */
const readElsewhere = (env: string, doc: string): Setting<string | undefined> => ({
  env,
  kind: optional(text),
  default: undefined,
  doc,
});

const elsewhereTable = {
  crashDummy: readElsewhere(
    "SKYSCAN_CRASH_DUMMY_PROBABILITY",
    "Reco crash_dummy: probability that it fails a unit, 0 to 1 (default 0.5).",
  ),
  icetrayShell: readElsewhere(
    "SKYSCAN_ICETRAY_SHELL",
    "IceTray recos outside an image, or in one whose environment shell is elsewhere: path of that shell script (docs/icetray.md).",
  ),
  localCache: readElsewhere("SKYSCAN_CACHE_DIR", "local-scan.sh: the server's --cache-dir."),
  localOutput: readElsewhere("SKYSCAN_OUTPUT_DIR", "local-scan.sh: the server's --output-dir."),
  localDebug: readElsewhere("SKYSCAN_DEBUG_DIR", "local-scan.sh: the clients' --debug-directory."),
  localReco: readElsewhere("_RECO_ALGO", "local-scan.sh: the server's --reco-algo."),
  localEvent: readElsewhere("_EVENTS_FILE", "local-scan.sh: the server's --event-file."),
  localNsides: readElsewhere("_NSIDES", "local-scan.sh: the server's --nsides."),
  localThreshold: readElsewhere("_PREDICTIVE_SCANNING_THRESHOLD", "local-scan.sh: the server's --predictive-scanning-threshold."),
  dockerImage: readElsewhere("SKYSCAN_DOCKER_IMAGE", "Launch scripts for docker, compose.yaml: the image (default skyscan)."),
  dockerTag: readElsewhere("SKYSCAN_DOCKER_IMAGE_TAG", "Launch scripts for docker, compose.yaml: its tag (default latest)."),
  singularityImage: readElsewhere(
    "SKYSCAN_SINGULARITY_IMAGE",
    "Launch scripts for singularity: the image, a file or an address.",
  ),
  singularityBundle: readElsewhere(
    "SKYSCAN_SINGULARITY_BUNDLE",
    "Launch scripts for singularity: an unpacked bundle to use inside an image that does not have the program.",
  ),
  testData: readElsewhere("SKYSCAN_TEST_DATA", "Tests: where the real event files are (default ../shared/data)."),
  testTools: readElsewhere("SKYSCAN_TEST_TOOLS", "Tests: where the scripts that start services are (default ../shared/tools)."),
  testRequire: readElsewhere(
    "SKYSCAN_TEST_REQUIRE",
    "Tests: services whose absence is a failure instead of a skip, comma-separated.",
  ),
  testPython: readElsewhere("SKYSCAN_TEST_PYTHON", "Tests: the Python that has numpy and icecube-skyreader."),
  logThirdParty: readElsewhere("SKYSCAN_LOG_THIRD_PARTY", "Understood by the predecessor; has no effect."),
  logPilot: readElsewhere("SKYSCAN_EWMS_PILOT_LOG", "Understood by the predecessor; has no effect."),
  logBroker: readElsewhere("SKYSCAN_MQ_CLIENT_LOG", "Understood by the predecessor; has no effect."),
  killSwitch: readElsewhere("SKYSCAN_KILL_SWITCH_CHECK_INTERVAL", "Understood by the predecessor; has no effect."),
} as const;

/** Every table there is, by who reads it; docs/configuration.md is made from this. */
export const settingTables: Readonly<Record<string, SettingTable>> = {
  "every command": commonSettingTable,
  "server and client: the broker": { ...brokerSettingTable, ...driverSettingTable },
  server: serverSettingTable,
  client: clientSettingTable,
  "server and client: recos in containers": containerSettingTable,
  "scripts, recos, tests": elsewhereTable,
};

/** The log level that the environment asks for; problems are added to the list. */
export function environmentLogLevel(problems: string[]): LogLevel {
  const { logLevel } = readSettings(commonSettingTable, problems);
  if (logLevel === "warning") return "warn";
  return logLevel === "critical" ? "error" : logLevel;
}

/** Warns of `SKYSCAN_*` variables that nobody reads: a mistyped name would silently mean the default. */
export function warnOfUnknown(logger: Logger): void {
  const known = Object.values(settingTables).flatMap(settingNames);
  for (const name of Object.keys(processEnvironment())) {
    // SKYSCAN_TEST_* is between the test command and its children.
    if (!name.startsWith("SKYSCAN_") || name.startsWith("SKYSCAN_TEST_") || known.includes(name)) continue;
    const near = nearestName(name, known);
    logger.warn(
      { name, ...(near !== undefined && { near }) },
      `${name} is not a variable that skyscan knows${near === undefined ? "" : `; did you mean ${near}?`}`,
    );
  }
}
