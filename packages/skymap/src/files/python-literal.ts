import { SkymapError } from "../result/errors.ts";

/** A value of the literals that npy headers are made of. Tuples and lists are both arrays. */
export type PythonLiteral = string | number | boolean | null | readonly PythonLiteral[] | ReadonlyMap<string, PythonLiteral>;

const MAX_DEPTH = 8;
const ESCAPES = new Map([
  ["n", "\n"],
  ["t", "\t"],
  ["r", "\r"],
]);

/**
 * Reads a Python literal as numpy writes into npy headers: dicts with text keys, tuples, lists, texts, integers, True, False, None.
 * Nothing is evaluated. @throws SkymapError `garbled`
 */
export function parsePythonLiteral(text: string): PythonLiteral {
  let at = 0;
  const fail = (): SkymapError =>
    new SkymapError(
      "garbled",
      `npy header is not a Python literal at character ${at}: ${JSON.stringify(text.slice(at, at + 20))}`,
    );
  const skip = (): void => {
    while (at < text.length && " \n\t\r".includes(text[at]!)) at++;
  };
  const take = (what: string): boolean => {
    skip();
    if (!text.startsWith(what, at)) return false;
    at += what.length;
    return true;
  };
  const sequence = (close: string, item: () => void): void => {
    while (!take(close)) {
      item();
      if (take(",")) continue;
      if (!take(close)) throw fail();
      return;
    }
  };
  const quoted = (quote: string): string => {
    let result = "";
    for (;;) {
      const c = text[at++];
      if (c === undefined) throw fail();
      if (c === quote) return result;
      if (c !== "\\") {
        result += c;
        continue;
      }
      const escaped = text[at++];
      if (escaped === undefined) throw fail();
      result += ESCAPES.get(escaped) ?? escaped;
    }
  };
  const value = (depth: number): PythonLiteral => {
    if (depth > MAX_DEPTH) throw fail();
    if (take("{")) {
      const map = new Map<string, PythonLiteral>();
      sequence("}", () => {
        const key = value(depth + 1);
        if (typeof key !== "string" || !take(":")) throw fail();
        map.set(key, value(depth + 1));
      });
      return map;
    }
    for (const [open, close] of ["()", "[]"]) {
      if (!take(open!)) continue;
      const list: PythonLiteral[] = [];
      sequence(close!, () => list.push(value(depth + 1)));
      return list;
    }
    for (const quote of ["'", '"']) if (take(quote)) return quoted(quote);
    if (take("True")) return true;
    if (take("False")) return false;
    if (take("None")) return null;
    const digits = /^-?[0-9]{1,15}(?![0-9])/.exec(text.slice(at, at + 20));
    if (digits === null) throw fail();
    at += digits[0].length;
    take("L"); // as Python 2 wrote long integers
    return Number(digits[0]);
  };
  const result = value(0);
  skip();
  if (at < text.length) throw fail();
  return result;
}
