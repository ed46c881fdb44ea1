import { latin1 } from "../bytes/byte-reader.ts";
import { IceCubeError } from "../errors.ts";
import { PickleGlobal, PickleObject, PickleTuple, type PickleDict, type PickleValue } from "./pickle-value.ts";

/** Bounds on what a pickle may build; real event files stay below a hundredth of them. */
const maxNodes = 200_000;
const maxDepth = 64;
/** Bytes that the memo may give out again, all together: each may become a text of its own. */
const maxRepeatedBytes = 64 * 1024 * 1024;

const newDict = (): PickleDict => Object.create(null) as PickleDict;

function garbled(problem: string): IceCubeError {
  return new IceCubeError("garbled", `pickle: ${problem}`);
}

function isContainer(value: PickleValue): value is PickleValue[] | PickleDict | PickleTuple | PickleObject {
  return typeof value === "object" && value !== null && !(value instanceof Uint8Array) && !(value instanceof PickleGlobal);
}

/**
 * Stack and memo of a pickle. Two invariants make everything that comes out of it safe to walk: containers fetched from the
 * memo are copies, so the result is a tree (no cycles, no exponential sharing); and depth and node count are bounded.
 */
export class PickleMachine {
  #stack: PickleValue[] = [];
  readonly #marks: PickleValue[][] = [];
  readonly #memo = new Map<number, PickleValue>();
  readonly #depths = new WeakMap<object, number>();
  #nodes = 0;
  #repeatedBytes = 0;

  push(value: PickleValue): void {
    if (++this.#nodes > maxNodes) throw new IceCubeError("too-large", `pickle: more than ${maxNodes} values`);
    this.#stack.push(value);
  }

  pop(): PickleValue {
    const value = this.#stack.pop();
    if (value === undefined) throw garbled("an operation on an empty stack");
    return value;
  }

  #top(): PickleValue {
    const value = this.#stack.at(-1);
    if (value === undefined) throw garbled("an operation on an empty stack");
    return value;
  }

  mark(): void {
    if (++this.#nodes > maxNodes) throw new IceCubeError("too-large", `pickle: more than ${maxNodes} values`);
    this.#marks.push(this.#stack);
    this.#stack = [];
  }

  popToMark(): PickleValue[] {
    const outer = this.#marks.pop();
    if (outer === undefined) throw garbled("no mark on the stack");
    const items = this.#stack;
    this.#stack = outer;
    return items;
  }

  put(index: number = this.#memo.size): void {
    if (this.#memo.size >= maxNodes) throw new IceCubeError("too-large", `pickle: more than ${maxNodes} memo entries`);
    this.#memo.set(index, this.#top());
  }

  get(index: number): void {
    const value = this.#memo.get(index);
    if (value === undefined) throw garbled(`memo entry ${index} is used before it is set`);
    this.push(this.#copy(value));
  }

  #copy(value: PickleValue): PickleValue {
    if (value instanceof Uint8Array) {
      this.#repeatedBytes += value.length;
      if (this.#repeatedBytes > maxRepeatedBytes)
        throw new IceCubeError("too-large", `pickle: more than ${maxRepeatedBytes} bytes by reference`);
    }
    if (!isContainer(value)) return value;
    if (++this.#nodes > maxNodes) throw new IceCubeError("too-large", `pickle: more than ${maxNodes} values`);
    let copy: PickleValue[] | PickleDict | PickleTuple | PickleObject;
    if (Array.isArray(value)) copy = value.map((item) => this.#copy(item));
    else if (value instanceof PickleTuple) copy = new PickleTuple(value.items.map((item) => this.#copy(item)));
    else if (value instanceof PickleObject) {
      copy = new PickleObject(
        value.callable,
        value.args.map((item) => this.#copy(item)),
      );
      copy.state = value.state === undefined ? undefined : this.#copy(value.state);
    } else {
      copy = newDict();
      for (const [key, item] of Object.entries(value)) copy[key] = this.#copy(item);
    }
    this.#depths.set(copy, this.#depth(value));
    return copy;
  }

  #depth(value: PickleValue): number {
    return isContainer(value) ? (this.#depths.get(value) ?? 1) : 0;
  }

  #adopt(parent: object, child: PickleValue): void {
    const depth = Math.max(this.#depths.get(parent) ?? 1, this.#depth(child) + 1);
    if (depth > maxDepth) throw new IceCubeError("too-large", `pickle: nested more than ${maxDepth} deep`);
    this.#depths.set(parent, depth);
  }

  pushTuple(items: readonly PickleValue[]): void {
    const tuple = new PickleTuple(items);
    for (const item of items) this.#adopt(tuple, item);
    this.push(tuple);
  }

  pushDict(): void {
    this.push(newDict());
  }

  popTuple(length: number): void {
    const items: PickleValue[] = [];
    for (let i = 0; i < length; i++) items.unshift(this.pop());
    this.pushTuple(items);
  }

  append(items: readonly PickleValue[]): void {
    const list = this.#top();
    if (!Array.isArray(list)) throw garbled("items are appended to something that is no list");
    for (const item of items) {
      this.#adopt(list, item);
      list.push(item);
    }
  }

  setItems(items: readonly PickleValue[]): void {
    const dict = this.#top();
    if (!isContainer(dict) || Array.isArray(dict) || dict instanceof PickleTuple || dict instanceof PickleObject) {
      throw garbled("items are set on something that is no dict");
    }
    if (items.length % 2 !== 0) throw garbled("a dict key without a value");
    for (let i = 0; i < items.length; i += 2) {
      const key = items[i]!;
      const value = items[i + 1]!;
      const name = key instanceof Uint8Array ? latin1(key) : key;
      if (typeof name !== "string") throw new IceCubeError("unsupported", "pickle: a dict key that is no string");
      this.#adopt(dict, value);
      dict[name] = value;
    }
  }

  /** Describes a call (opcodes REDUCE and NEWOBJ); nothing is called. */
  describeCall(): void {
    const args = this.pop();
    const callable = this.pop();
    if (!(callable instanceof PickleGlobal) || !(args instanceof PickleTuple))
      throw garbled("a call of something that is no named class");
    const object = new PickleObject(callable, args.items);
    for (const item of args.items) this.#adopt(object, item);
    this.push(object);
  }

  /** Notes the state of a described object (opcode BUILD). */
  build(): void {
    const state = this.pop();
    const object = this.#top();
    if (!(object instanceof PickleObject)) throw garbled("a state for something that is no object");
    this.#adopt(object, state);
    object.state = state;
  }

  pushGlobal(module: PickleValue, name: PickleValue): void {
    if (typeof module !== "string" || typeof name !== "string") throw garbled("a class name that is no text");
    this.push(new PickleGlobal(module, name));
  }

  result(): PickleValue {
    const value = this.pop();
    if (this.#stack.length > 0 || this.#marks.length > 0) throw garbled("values are left on the stack");
    return value;
  }
}
