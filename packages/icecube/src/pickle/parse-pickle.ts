import { ByteReader, latin1, utf8 } from "../bytes/byte-reader.ts";
import { IceCubeError } from "../errors.ts";
import { PickleMachine } from "./pickle-machine.ts";
import type { PickleValue } from "./pickle-value.ts";

/**
 * Reads a Python pickle of protocol 2, 3 or 4 as data: only the opcodes that event files, frames and reco results are written
 * with. It is a parser, not an interpreter of instructions to Python: no name is resolved, nothing is called.
 * @throws IceCubeError `truncated`, `garbled`, `unsupported` (another opcode or protocol), `too-large` (bounds on depth and size)
 */
export function parsePickle(bytes: Uint8Array): PickleValue {
  const reader = new ByteReader(bytes);
  const machine = new PickleMachine();
  if (reader.u8() !== 0x80) throw new IceCubeError("garbled", "pickle: does not begin with a protocol number");
  const protocol = reader.u8();
  if (protocol < 2 || protocol > 4) throw new IceCubeError("unsupported", `pickle: protocol ${protocol}; 2, 3 and 4 are read`);
  for (;;) {
    const opcode = reader.u8();
    if (opcode === 0x2e) {
      reader.end();
      return machine.result();
    }
    execute(opcode, reader, machine);
  }
}

function length64(reader: ByteReader): number {
  const length = reader.u64();
  if (length > BigInt(reader.remaining))
    throw new IceCubeError("truncated", `pickle: ${length} bytes are announced, ${reader.remaining} are left`);
  return Number(length);
}

function long1(reader: ByteReader): PickleValue {
  const bytes = reader.bytes(reader.u8());
  let value = 0n;
  for (let i = bytes.length - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[i]!);
  value = BigInt.asIntN(8 * bytes.length, value);
  const narrow = Number(value);
  return Number.isSafeInteger(narrow) ? narrow : value;
}

/** One opcode; names in the comments are those of Python's pickletools. */
function execute(opcode: number, reader: ByteReader, machine: PickleMachine): void {
  switch (opcode) {
    case 0x4e: // NONE
      machine.push(null);
      break;
    case 0x88: // NEWTRUE
      machine.push(true);
      break;
    case 0x89: // NEWFALSE
      machine.push(false);
      break;
    case 0x4b: // BININT1
      machine.push(reader.u8());
      break;
    case 0x4d: // BININT2
      machine.push(reader.u16());
      break;
    case 0x4a: // BININT
      machine.push(reader.i32());
      break;
    case 0x8a: // LONG1
      machine.push(long1(reader));
      break;
    case 0x47: // BINFLOAT
      machine.push(reader.f64BigEndian());
      break;
    case 0x58: // BINUNICODE
      machine.push(utf8(reader.lengthPrefixed()));
      break;
    case 0x8c: // SHORT_BINUNICODE
      machine.push(utf8(reader.bytes(reader.u8())));
      break;
    case 0x8d: // BINUNICODE8
      machine.push(utf8(reader.bytes(length64(reader))));
      break;
    case 0x54: // BINSTRING
    case 0x42: // BINBYTES
      machine.push(reader.lengthPrefixed());
      break;
    case 0x55: // SHORT_BINSTRING
    case 0x43: // SHORT_BINBYTES
      machine.push(reader.bytes(reader.u8()));
      break;
    case 0x8e: // BINBYTES8
      machine.push(reader.bytes(length64(reader)));
      break;
    case 0x5d: // EMPTY_LIST
      machine.push([]);
      break;
    case 0x7d: // EMPTY_DICT
      machine.pushDict();
      break;
    case 0x29: // EMPTY_TUPLE
      machine.pushTuple([]);
      break;
    case 0x85: // TUPLE1
    case 0x86: // TUPLE2
    case 0x87: // TUPLE3
      machine.popTuple(opcode - 0x84);
      break;
    case 0x28: // MARK
      machine.mark();
      break;
    case 0x74: // TUPLE
      machine.pushTuple(machine.popToMark());
      break;
    case 0x61: // APPEND
      machine.append([machine.pop()]);
      break;
    case 0x65: // APPENDS
      machine.append(machine.popToMark());
      break;
    case 0x73: {
      // SETITEM
      const value = machine.pop();
      machine.setItems([machine.pop(), value]);
      break;
    }
    case 0x75: // SETITEMS
      machine.setItems(machine.popToMark());
      break;
    case 0x71: // BINPUT
      machine.put(reader.u8());
      break;
    case 0x72: // LONG_BINPUT
      machine.put(reader.u32());
      break;
    case 0x94: // MEMOIZE
      machine.put();
      break;
    case 0x68: // BINGET
      machine.get(reader.u8());
      break;
    case 0x6a: // LONG_BINGET
      machine.get(reader.u32());
      break;
    case 0x63: // GLOBAL
      machine.pushGlobal(latin1(reader.line()), latin1(reader.line()));
      break;
    case 0x93: {
      // STACK_GLOBAL
      const name = machine.pop();
      machine.pushGlobal(machine.pop(), name);
      break;
    }
    case 0x52: // REDUCE
    case 0x81: // NEWOBJ
      machine.describeCall();
      break;
    case 0x62: // BUILD
      machine.build();
      break;
    case 0x95: // FRAME: its length is a hint for buffered readers
      length64(reader);
      break;
    default:
      throw new IceCubeError(
        "unsupported",
        `pickle: opcode 0x${opcode.toString(16).padStart(2, "0")} at offset ${reader.offset - 1}`,
      );
  }
}
