// What starting a process costs is the code that it loads: a command loads what it uses and no other.
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { endAllSkyscan, temporaryDirectory } from "@skyscan/testing";
import type { SkyscanProcess } from "@skyscan/testing";
import { scanning } from "./scanning.ts";

/** Notes each module that is imported, with the process that does. */
const noteLoads = `
import { appendFileSync } from "node:fs";
export async function load(url, context, next) {
  appendFileSync(process.env.LOADED_MODULES, process.pid + " " + url + "\\n");
  return next(url, context);
}
`;

describe("a whole scan with a native reco", () => {
  let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
  beforeEach(async () => {
    directory = await temporaryDirectory();
  });
  afterEach(async () => {
    await endAllSkyscan();
    await directory.remove();
  });

  test("takes a server that loads no client, a client that loads no sky and no event formats, and neither what only others need", async () => {
    const at = (name: string): string => join(directory.path, name);
    const [hooks, register, loads] = [at("hooks.mjs"), at("register.mjs"), at("loads")];
    await writeFile(hooks, noteLoads);
    await writeFile(
      register,
      `import { register } from "node:module";\nregister(${JSON.stringify(pathToFileURL(hooks).href)});\n`,
    );
    const scan = scanning(directory.path, {
      reco: "pandel_spe",
      nsides: ["1:0"],
      env: { NODE_OPTIONS: `--import ${register}`, LOADED_MODULES: loads },
    });
    const server = scan.server();
    const client = scan.client();
    expect(await client.ended).toMatchObject({ status: 0 });
    expect(await server.ended).toMatchObject({ status: 0 });

    const rows = (await readFile(loads, "utf8")).split("\n");
    // By their entry: the tables of all settings are looked at by every command.
    const packagesOf = ({ pid }: SkyscanProcess): readonly string[] =>
      rows
        .filter((row) => row.startsWith(`${pid} `))
        .flatMap((row) => /\/packages\/([a-z]+)\/dist\/index\.js$/.exec(row)?.[1] ?? []);
    expect(new Set(packagesOf(server))).toEqual(
      new Set(["broker", "healpix", "icecube", "protocol", "recos", "runtime", "server", "skymap"]),
    );
    expect(new Set(packagesOf(client))).toEqual(new Set(["broker", "client", "protocol", "recos", "runtime"]));
    for (const library of ["amqplib", "@nats-io", "ws", "prom-client", "pdfkit", "@resvg"])
      expect(rows.filter((row) => row.includes(`/node_modules/${library}/`))).toEqual([]);
  });
});
