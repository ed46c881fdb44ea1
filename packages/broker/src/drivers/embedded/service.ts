import type { ChannelOptions, MethodDefinition, ServiceDefinition } from "@grpc/grpc-js";
import { ClientFrame, HostFrame } from "../../gen/skyscan/broker/v1/broker.ts";
import { maxMessageBytes } from "@skyscan/runtime";

/** Stated by a client when it connects; a host of another version refuses it. */
export const protocolVersion = "1";
export const versionKey = "skyscan-broker-protocol";

const asBuffer = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** `skyscan.broker.v1.BrokerService/Connect` (proto/skyscan/broker/v1/broker.proto). */
export const connectMethod: MethodDefinition<ClientFrame, HostFrame> = {
  path: "/skyscan.broker.v1.BrokerService/Connect",
  requestStream: true,
  responseStream: true,
  requestSerialize: (frame) => asBuffer(ClientFrame.encode(frame).finish()),
  requestDeserialize: (bytes) => ClientFrame.decode(bytes),
  responseSerialize: (frame) => asBuffer(HostFrame.encode(frame).finish()),
  responseDeserialize: (bytes) => HostFrame.decode(bytes),
};

export const brokerService: ServiceDefinition = { connect: connectMethod };

/** Both ends look for the other one every 10 s and give it 5 s to answer: a cut network is noticed in 15 s. */
export const transportOptions: ChannelOptions = {
  "grpc.keepalive_time_ms": 10_000,
  "grpc.keepalive_timeout_ms": 5000,
  "grpc.keepalive_permit_without_calls": 1,
  "grpc.max_receive_message_length": 2 * maxMessageBytes,
  "grpc.max_send_message_length": 2 * maxMessageBytes,
};

export const emptyClientFrame = (): ClientFrame => ({
  opens: [],
  publishes: [],
  acks: [],
  requeues: [],
  stops: [],
  closes: [],
  questions: [],
});

export const emptyHostFrame = (): HostFrame => ({
  opened: [],
  missing: [],
  confirmed: [],
  deliveries: [],
  broadcasts: [],
  answers: [],
});
