import type { Draws } from "./draws.ts";

/** Stands for so many lists in each other: no encoder of trees could write them, so the text is replaced in what it wrote. */
export const nestingMark = (depth: number): string => `@deep:${String(depth).padStart(8, "0")}@`;
export const nestingPattern: RegExp = /@deep:([0-9]{8})@/;

type Container = unknown[] | Record<string, unknown>;
interface Place {
  readonly holder: Container;
  readonly key: string | number;
}

const isContainer = (value: unknown): value is Container =>
  typeof value === "object" && value !== null && !(value instanceof Uint8Array) && !ArrayBuffer.isView(value);
const get = ({ holder, key }: Place): unknown => (holder as Record<string | number, unknown>)[key];
const set = ({ holder, key }: Place, value: unknown): void =>
  void Object.defineProperty(holder, key, { value, writable: true, enumerable: true, configurable: true });

/** Every place in a tree, at most so many. */
function placesOf(root: Container): Place[] {
  const places: Place[] = [];
  const open: Container[] = [root];
  for (let holder = open.pop(); holder !== undefined && places.length < 20_000; holder = open.pop()) {
    for (const key of Array.isArray(holder) ? holder.keys() : Object.keys(holder)) {
      const place = { holder, key };
      places.push(place);
      const value = get(place);
      if (isContainer(value)) open.push(value);
    }
  }
  return places;
}

function oddValue(draws: Draws): unknown {
  return draws.pick<() => unknown>([
    () => null,
    () => draws.pick([-1, 0, -0, 0.5, 2 ** 31, 2 ** 32, 2 ** 53, 1e300, -1e300, 5e-324, 12_345]),
    () =>
      draws.pick([
        "",
        "0",
        "NaN",
        "Infinity",
        "../../etc/passwd",
        "\u0000",
        "é".repeat(300),
        "__proto__",
        "constructor",
        "1/2/3",
      ]),
    () => "x".repeat(draws.pick([65, 257, 5000, 70_000])),
    () => draws.chance(0.5),
    () => [],
    () => ({}),
    () => ({ toString: 1, valueOf: 1 }),
    () => [{ toString: 1 }],
    () => ({ length: 1e9 }),
    () => Array.from({ length: draws.pick([2, 300, 20_001]) }, (_, k) => k),
    () => nestingMark(draws.pick([20, 300, 5000, 100_000])),
  ])();
}

/** A deep copy with one to three places changed: odd values, keys gone, renamed or repeated, parts moved about. */
export function mutateTree(tree: unknown, draws: Draws): unknown {
  const root: Container = [structuredClone(tree)];
  for (let times = draws.pick([1, 1, 2, 3]); times > 0; times--) {
    const places = placesOf(root);
    const place = draws.pick(places);
    const { holder, key } = place;
    const value = get(place);
    const isRoot = holder === root;
    switch (draws.below(8)) {
      case 0:
      case 1:
        set(place, oddValue(draws));
        break;
      case 2:
        if (typeof value === "number")
          set(place, draws.pick([value + 1, -value, value * 1e9, value / 3, NaN, Infinity, String(value)]));
        else if (typeof value === "string")
          set(place, draws.pick([`${value}x`, value.slice(1), value.repeat(3), [value], value.toUpperCase()]));
        else set(place, oddValue(draws));
        break;
      case 3:
        if (isRoot) break;
        if (Array.isArray(holder)) holder.splice(Number(key), 1);
        else Reflect.deleteProperty(holder, key);
        break;
      case 4:
        if (Array.isArray(holder) && !isRoot)
          holder.splice(Number(key), 0, ...Array.from({ length: draws.pick([1, 2, 50]) }, () => structuredClone(value)));
        break;
      case 5:
        set(place, structuredClone(get(draws.pick(places))));
        break;
      case 6:
        if (!Array.isArray(holder))
          set({ holder, key: draws.pick([`${key}x`, "__proto__", "constructor", "toString", "x-own", ""]) }, value);
        break;
      default:
        set(place, [value]);
    }
  }
  return root[0];
}
