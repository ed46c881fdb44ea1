/**
 * What a pickle holds, as data. Nothing is ever looked up or called: a class or function stays its name (`PickleGlobal`), and
 * "call this with those" stays a description (`PickleObject`). Dicts are plain objects without prototype, lists are arrays, so
 * that the data of an event file has the same shape as parsed JSON.
 */
export type PickleValue =
  null | boolean | number | bigint | string | Uint8Array | PickleValue[] | PickleDict | PickleTuple | PickleGlobal | PickleObject;

export interface PickleDict {
  [key: string]: PickleValue;
}

export class PickleTuple {
  readonly items: readonly PickleValue[];
  constructor(items: readonly PickleValue[]) {
    this.items = items;
  }
}

/** The name of a class or function, for instance module `icecube._icetray`, name `I3Frame`. */
export class PickleGlobal {
  readonly module: string;
  readonly name: string;
  constructor(module: string, name: string) {
    this.module = module;
    this.name = name;
  }
  toString(): string {
    return `${this.module}.${this.name}`;
  }
}

/** What would be made by calling `callable(*args)` and setting `state` on it. */
export class PickleObject {
  readonly callable: PickleGlobal;
  readonly args: readonly PickleValue[];
  state: PickleValue | undefined;
  constructor(callable: PickleGlobal, args: readonly PickleValue[]) {
    this.callable = callable;
    this.args = args;
    this.state = undefined;
  }
}
