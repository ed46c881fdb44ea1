import { expect, test } from "vitest";
import { parseVersion, whyNotPortable } from "../src/bundle/portability.ts";

const libraries = ["libc.so.6", "libstdc++.so.6", "libgcc_s.so.1", "libm.so.6", "ld-linux-x86-64.so.2"];

test("a program that needs what every Linux has, in versions up to the given one, runs everywhere", () => {
  const versions = ["GLIBC_2.2.5", "GLIBC_2.28", "GLIBC_2.9", "GLIBCXX_3.4.21", "GCC_3.0"];
  expect(whyNotPortable({ libraries, versions }, [2, 28])).toBeUndefined();
});

test("so does one that needs nothing", () => {
  expect(whyNotPortable({ libraries: [], versions: [] }, [2, 28])).toBeUndefined();
});

test("the newest version of glibc that is too new is named: 2.34 is newer than 2.4", () => {
  expect(whyNotPortable({ libraries, versions: ["GLIBC_2.4", "GLIBC_2.34", "GLIBC_2.29"] }, [2, 28])).toBe("needs glibc 2.34");
});

test("libraries that not every image has are named", () => {
  expect(whyNotPortable({ libraries: [...libraries, "libnode.so.108", "libuv.so.1"], versions: [] }, [2, 28])).toBe(
    "needs libnode.so.108, libuv.so.1",
  );
});

test("a version is two numbers", () => {
  expect([parseVersion("2.28"), parseVersion("2"), parseVersion("2.28.1"), parseVersion("two")]).toEqual([
    [2, 28],
    undefined,
    undefined,
    undefined,
  ]);
});
