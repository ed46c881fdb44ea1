import { open } from "node:fs/promises";
import { arch, platform } from "node:process";
import { fileURLToPath } from "node:url";

const packagePath = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));

/** For the recos that come with this package: what makes them. Begins with a semicolon; empty for others. */
export const howToBuild = (file: string): string =>
  file.startsWith(packagePath("build/")) ? `; with a C++17 compiler: node ${packagePath("native/build.mjs")}` : "";

const elfMagic = 0x7f454c46;
/** Machine numbers of ELF, by Node's names of processors. */
const elfMachines: Readonly<Record<string, number>> = { x64: 62, arm64: 183 };

/** Why a program is not for this machine, or undefined: what the kernel cannot run would be taken for a shell script, and its errors mean nothing. */
export async function otherPlatform(path: string): Promise<string | undefined> {
  const start = await firstBytes(path, 20);
  if (start === undefined || start.length < 20 || start.readUInt32BE(0) !== elfMagic) return undefined;
  const machine = start.readUInt16LE(18);
  if (platform === "linux" && machine === (elfMachines[arch] ?? machine)) return undefined;
  return `is a program for another platform than ${platform}-${arch}${howToBuild(path)}`;
}

/** Undefined for what may be run but not read. */
async function firstBytes(path: string, count: number): Promise<Buffer | undefined> {
  const file = await open(path, "r").catch(() => undefined);
  try {
    const reading = await file?.read(Buffer.alloc(count), 0, count, 0);
    return reading?.buffer.subarray(0, reading.bytesRead);
  } finally {
    await file?.close();
  }
}
