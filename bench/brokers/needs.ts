import { readFile, readdir, readlink } from "node:fs/promises";
import { promisify } from "node:util";
import { execFile } from "node:child_process";
import { descendants } from "@skyscan/testing";

const run = promisify(execFile);

/** What the processes that this one started have now. */
export interface Needs {
  /** Resident, 10^6 bytes. */
  readonly memoryMb: number;
  /** In the directories in which they run or that their environment calls home, 10^6 bytes. */
  readonly diskMb: number;
  readonly files: number;
}

/** Linux only. */
export async function brokerNeeds(): Promise<Needs> {
  let [memoryMb, files] = [0, 0];
  const homes = new Set<string>();
  for (const pid of (await descendants(process.pid)).keys()) {
    const status = await readFile(`/proc/${pid}/status`, "utf8").catch(() => "");
    memoryMb += (Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1] ?? 0) * 1024) / 1e6;
    files += (await readdir(`/proc/${pid}/fd`).catch(() => [])).length;
    const environment = await readFile(`/proc/${pid}/environ`, "utf8").catch(() => "");
    const places = [/(?:^|\0)HOME=([^\0]*)/.exec(environment)?.[1], await readlink(`/proc/${pid}/cwd`).catch(() => undefined)];
    for (const place of places) if (place?.includes("/skyscan-") === true) homes.add(place);
  }
  let diskMb = 0;
  for (const home of homes) diskMb += Number((await run("du", ["-s", "--block-size=1", home])).stdout.split("\t")[0]) / 1e6;
  return { memoryMb, diskMb, files };
}
