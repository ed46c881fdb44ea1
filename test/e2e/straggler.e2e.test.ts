import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { eventually, freePort } from "@skyscan/testing";
import { freshDirectories } from "./fresh-directories.ts";
import { scanning } from "./scanning.ts";
import { makeScriptedReco } from "./scripted-reco.ts";

const late = "4/100/0";
const nsides = ["4:0", "8:12"];

const freshDirectory = freshDirectories();

test("a fit that would take for ever at one host is overtaken by its copy at another one, ended there while the scan goes on, and the result is that of the undisturbed scan", async () => {
  const directory = await freshDirectory();
  const [hung, go] = [join(directory, "hung"), join(directory, "go")];
  const onUnit = `
    if (line.unit === "${late}" && before === 0) {
      writeFileSync(${JSON.stringify(hung)}, String(process.pid));
      await pause(3_600_000);
    }
    await pause(30);
    while (line.unit.startsWith("8/") && !existsSync(${JSON.stringify(go)})) await pause(20);
    answer(line);`;
  const reco = await makeScriptedReco(directory, onUnit);
  const scan = scanning(directory, { reco: reco.name, nsides, env: { SKYSCAN_SPECULATION: "yes" } });
  const paths = ["--reco-path", reco.path];
  const metricsPort = await freePort();
  const server = scan.server(...paths, "--metrics-port", String(metricsPort));
  const hosts = ["host-a", "host-b"];
  const clients = hosts.map((host) => scan.clientOn(host, "--slots", "2", ...paths));

  const pid = await eventually("the unit hangs", () => readFile(hung, "utf8").catch(() => undefined));
  await server.said("the copy of a late unit came first");
  // The scan is held at the next nside: its end is not what ends the fit.
  await eventually("the late fit is ended", () => (existsSync(`/proc/${pid}`) ? undefined : true));
  expect(existsSync(go)).toBe(false);
  const fitters = (await reco.begun()).filter(({ unit }) => unit === late).map(({ client }) => client);
  expect([...fitters].sort()).toEqual(clients.map((client) => client.pid).sort());
  const slow = hosts[clients.findIndex((client) => client.pid === fitters[0])]!;
  expect(server.stderr).toMatch(new RegExp(`"unit":"${late}","worker":"[^"]*","host":"${slow}".*a copy of a late unit goes out`));
  const metrics = await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text();
  expect(metrics).toMatch(/^skyscan_faults_total\{fault="copiesWon"\} [1-9]/m);

  await writeFile(go, "");
  for (const one of [server, ...clients]) expect(await one.ended).toMatchObject({ status: 0 });
  const times = (said: RegExp): number => server.stderr.match(said)?.length ?? 0;
  expect(await scan.manifest()).toMatchObject({
    state: "finished",
    counters: {
      copiesSent: times(/copy of a late unit goes out/g),
      copiesWon: times(/copy of a late unit came first/g),
      failures: 0,
    },
    failures: { "failed units": 0 },
  });

  const elsewhere = await freshDirectory();
  const quick = await makeScriptedReco(elsewhere, "answer(line);");
  const undisturbed = scanning(elsewhere, { reco: quick.name, nsides });
  expect(await undisturbed.scan("--reco-path", quick.path, "--clients", "2").ended).toMatchObject({ status: 0 });
  expect((await scan.npz("4_8")).equals(await undisturbed.npz("4_8"))).toBe(true);
});
