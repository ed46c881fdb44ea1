import { isIPv4 } from "node:net";
import { BrokerError } from "./errors.ts";

/** The parts of `[SCHEME://][USER[:PASSWORD]@]HOST[:PORT][/VHOST]`. Absent parts are absent, never guessed: that is the driver's business. */
export interface BrokerAddress {
  readonly scheme?: string;
  readonly user?: string;
  readonly password?: string;
  /** Without brackets when it is an IPv6 address. */
  readonly host: string;
  readonly port?: number;
  /** Percent-decoded. `HOST/` names the empty virtual host, which RabbitMQ does not have: it is taken as absent. */
  readonly vhost?: string;
}

const refuse = (why: string): never => {
  throw new BrokerError(
    "bad-address",
    `The broker address ${why}. Allowed: [SCHEME://][USER[:PASSWORD]@]HOST[:PORT][/VHOST], for example rabbit.example.org/scans.`,
  );
};

const decode = (part: string, what: string): string => {
  try {
    return decodeURIComponent(part);
  } catch {
    return refuse(`has a ${what} with a broken %-escape (write a literal % as %25)`);
  }
};

/**
 * Takes a broker address apart. Errors never repeat the address, since it may hold a password.
 * @throws BrokerError `bad-address`.
 */
export function parseAddress(address: string): BrokerAddress {
  if (address.trim() === "") refuse("is empty");
  if (/\s/.test(address)) refuse("contains white space");
  const schemeEnd = address.indexOf("://");
  const scheme = schemeEnd < 0 ? undefined : address.slice(0, schemeEnd).toLowerCase();
  if (scheme !== undefined && !/^[a-z][a-z0-9+.-]*$/.test(scheme)) refuse("has a scheme that is none");
  const rest = schemeEnd < 0 ? address : address.slice(schemeEnd + 3);

  // The last @ before the path ends the credentials: passwords may hold @ and /, so a slash only counts behind it.
  const at = rest.lastIndexOf("@");
  const credentials = at < 0 ? undefined : rest.slice(0, at);
  const behind = rest.slice(at + 1);
  const slash = behind.indexOf("/");
  const authority = slash < 0 ? behind : behind.slice(0, slash);
  const vhost = slash < 0 ? "" : decode(behind.slice(slash + 1), "virtual host");

  const [, host = "", port] =
    /^(\[[0-9a-fA-F:.%]+\]|[^:[\]]*)(?::(\d*))?$/.exec(authority) ?? refuse("has a host or port that is none");
  if (host === "") refuse("has no host");
  if (!/^(\[.*\]|[A-Za-z0-9._-]+)$/.test(host)) refuse("has a host with characters that no host name has");
  const portNumber = port === undefined || port === "" ? undefined : Number(port);
  if (portNumber !== undefined && (portNumber < 1 || portNumber > 65535))
    refuse(`has the port ${portNumber}, which is not within 1 to 65535`);

  const colon = credentials?.indexOf(":") ?? -1;
  const user = credentials === undefined ? undefined : decode(colon < 0 ? credentials : credentials.slice(0, colon), "user");
  const password = credentials === undefined || colon < 0 ? undefined : decode(credentials.slice(colon + 1), "password");
  return {
    ...(scheme !== undefined && { scheme }),
    ...(user !== undefined && { user }),
    ...(password !== undefined && { password }),
    host: host.replace(/^\[|\]$/g, ""),
    ...(portNumber !== undefined && { port: portNumber }),
    ...(vhost !== "" && { vhost }),
  };
}

/** `HOST:PORT`, with brackets around an IPv6 address. */
export const hostAndPort = (host: string, port: number): string => (host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`);

/** The address as it may be shown: with its user, without its password. @throws BrokerError `bad-address` */
export function withoutPassword(address: string): string {
  const { scheme, user, host, port, vhost } = parseAddress(address);
  const bare = host.includes(":") ? `[${host}]` : host;
  const authority = port === undefined ? bare : hostAndPort(host, port);
  const who = user === undefined ? "" : `${encodeURIComponent(user)}@`;
  return `${scheme === undefined ? "" : `${scheme}://`}${who}${authority}${vhost === undefined ? "" : `/${encodeURIComponent(vhost)}`}`;
}

/** True for a host that only this machine reaches. Names other than localhost are not looked up: they may mean another machine elsewhere. */
export const isLoopback = (host: string): boolean =>
  host === "localhost" || host === "::1" || (isIPv4(host) && host.startsWith("127."));
