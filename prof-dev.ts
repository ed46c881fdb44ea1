import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { startRabbitmq } from "@skyscan/testing";
import { compileNoop, writeNoopManifest } from "./bench/loop/noop-reco.ts";
const [driver, mode, inFlight, nside, ...envs] = process.argv.slice(2);
const dir = mkdtempSync("/tmp/speed/p-");
const exe = await compileNoop(dir);
const reco = await writeNoopManifest(dir, exe, { variations: 1, inFlight: Number(inFlight) });
const rabbit = driver === "rabbitmq" ? await startRabbitmq() : undefined;
const prof = "/tmp/speed/prof"; rmSync(prof, { recursive: true, force: true }); mkdirSync(prof);
const env = { ...process.env, ...(rabbit && { SKYSCAN_BROKER_ADDRESS: rabbit.url }), ...Object.fromEntries(envs.map((e) => e.split("="))) };
const startup = join(dir, "s.json");
const cpu = (pid: number) => { const f = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]!.split(" "); return [(+f[11]!) * 10, (+f[12]!) * 10]; };
const go = (name: string, args: string[]) => spawn(process.execPath, ["--cpu-prof", `--cpu-prof-dir=${prof}`, `--cpu-prof-name=${name}.cpuprofile`, ...args], { env, stdio: "inherit" });
const s = go("server", ["packages/cli/bin/skyscan.js", "server", "--event-file", "/tmp/ev1/simulated-track-1.json", "--reco-algo", "noop", "--reco-path", reco, "--nsides", `${nside}:0`, "--cache-dir", join(dir, "c"), "--output-dir", join(dir, "o"), "--client-startup-json", startup, "--log-level", "warn"]);
const c = go("client", mode === "stream" ? ["packages/cli/bin/skyscan.js", "client", "--client-startup-json", startup, "--wait-for-startup-sec", "60", "--reco-path", reco, "--log-level", "warn"] : ["--import", "tsx", "bench/loop/in-process-client.ts", startup]);
const units = 12 * Number(nside) ** 2;
let journal: string | undefined; let mark: any;
const { statSync } = await import("node:fs");
const beam = () => { try { return rabbit ? readdirSync("/proc").filter((p) => /^\d+$/.test(p)).filter((p) => { try { return readFileSync(`/proc/${p}/cmdline`, "utf8").includes(`skyscan${rabbit.port}@`) && readFileSync(`/proc/${p}/comm`, "utf8").startsWith("beam"); } catch { return false; } }).map((p) => cpu(+p).reduce((a, b) => a + b))[0] : 0; } catch { return 0; } };
const t = setInterval(() => {
  try {
    journal ??= (() => { const f = readdirSync(join(dir, "c"), { recursive: true }).map(String).find((n) => n.endsWith("/journal")); return f && join(dir, "c", f); })();
    if (!journal) return;
    const size = statSync(journal).size; const n = size / 91;
    const now = () => ({ n, t: performance.now(), s: cpu(s.pid!), c: cpu(c.pid!), b: beam() ?? 0 });
    if (!mark && n > units * 0.3) mark = now();
    if (mark && n >= units) { const e = now(); clearInterval(t); const u = e.n - mark.n; const us = (a: number) => ((a * 1000) / u).toFixed(1);
      console.log(`${(u / ((e.t - mark.t) / 1000)).toFixed(0)}/s  us/unit: server user ${us(e.s[0]! - mark.s[0]!)} sys ${us(e.s[1]! - mark.s[1]!)}  client user ${us(e.c[0]! - mark.c[0]!)} sys ${us(e.c[1]! - mark.c[1]!)}  broker ${us(e.b - mark.b)}`); }
  } catch {}
}, 5);
await Promise.all([new Promise((r) => s.on("exit", r)), new Promise((r) => c.on("exit", r))]);
await rabbit?.stop(); rmSync(dir, { recursive: true, force: true });
