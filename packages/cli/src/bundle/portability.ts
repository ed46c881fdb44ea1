import type { ElfNeeds } from "./elf-needs.ts";

/** What every Linux with glibc has, and libstdc++ with its companion, which Node brings in. */
const systemLibraries = /^(ld-linux[-\w]*|libc|libm|libdl|librt|libpthread|libstdc\+\+|libgcc_s)\.so\.\d+$/;

type Version = readonly [major: number, minor: number];

/** `2.28`; undefined when it is no such version. */
export function parseVersion(text: string): Version | undefined {
  const [, major, minor] = /^(\d+)\.(\d+)$/.exec(text) ?? [];
  return major === undefined ? undefined : [Number(major), Number(minor)];
}

const isNewer = (a: Version, b: Version): boolean => a[0] > b[0] || (a[0] === b[0] && a[1] > b[1]);

/** Why a program does not run everywhere with that glibc, or undefined when it does. */
export function whyNotPortable(needs: ElfNeeds, glibc: Version): string | undefined {
  const foreign = needs.libraries.filter((name) => !systemLibraries.test(name));
  if (foreign.length > 0) return `needs ${foreign.join(", ")}`;
  const newest = needs.versions
    .map((name): Version => parseVersion(/^GLIBC_(\d+\.\d+)/.exec(name)?.[1] ?? "") ?? [0, 0])
    .reduce<Version>((a, b) => (isNewer(b, a) ? b : a), [0, 0]);
  return isNewer(newest, glibc) ? `needs glibc ${newest.join(".")}` : undefined;
}
