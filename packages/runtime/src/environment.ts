import { hostname } from "node:os";

/** A frozen copy of this process's environment, for each process's one `env.ts` and for what children inherit by name. */
export const processEnvironment = (): Readonly<Record<string, string | undefined>> => Object.freeze({ ...process.env });

/** The name of this host: `SKYSCAN_HOST` where it is set (many containers share one name), else the host name. */
export const hostName = (): string => {
  const given = process.env["SKYSCAN_HOST"];
  return given === undefined || given === "" ? hostname() : given;
};
