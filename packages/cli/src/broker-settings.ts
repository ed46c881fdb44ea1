import { connectionSettings, goneSec, readBrokerSettings } from "@skyscan/broker/settings";
import type { ConnectionSettings } from "@skyscan/broker";
import type { ResolveServerBroker } from "@skyscan/server";
import { UsageError, processEnvironment } from "@skyscan/runtime";

/**
 * The server's broker from the environment, or undefined when none is configured (embedded).
 * @throws UsageError: a broker is named or a token given, but no address: nobody who meant a real broker gets the embedded one.
 */
export function serverBroker(
  environment: Readonly<Record<string, string | undefined>> = processEnvironment(),
): ConnectionSettings | undefined {
  const problems: string[] = [];
  const settings = readBrokerSettings(problems, environment);
  if (settings.address === undefined) {
    if (settings.client !== undefined && settings.client !== "embedded") {
      problems.push(
        `SKYSCAN_BROKER_CLIENT=${settings.client} needs SKYSCAN_BROKER_ADDRESS ([SCHEME://][USER[:PASSWORD]@]HOST[:PORT][/VHOST])`,
      );
    }
    if (settings.auth !== undefined)
      problems.push(
        "SKYSCAN_BROKER_AUTH is set, but SKYSCAN_BROKER_ADDRESS is not: give the address, or unset the token to use the embedded broker",
      );
  }
  if (problems.length > 0) throw new UsageError(problems);
  if (settings.address === undefined || settings.client === "embedded") return undefined;
  const { client, address, auth } = settings;
  return connectionSettings(settings, { client, address, auth, goneSec });
}

/** Reads secrets' files anew at each connection: tokens expire during long scans. */
export const resolveServerBroker: ResolveServerBroker = () => Promise.resolve(serverBroker());
