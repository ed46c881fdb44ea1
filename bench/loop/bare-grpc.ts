import type { MethodDefinition, ServiceDefinition } from "@grpc/grpc-js";

const asIs = (bytes: Buffer): Buffer => bytes;

/** Bytes both ways, no schema. */
export const bareMethod: MethodDefinition<Buffer, Buffer> = {
  path: "/bare.Loop/Connect",
  requestStream: true,
  responseStream: true,
  requestSerialize: asIs,
  requestDeserialize: asIs,
  responseSerialize: asIs,
  responseDeserialize: asIs,
};
export const bareService: ServiceDefinition = { connect: bareMethod };

/** Tells the client that a reply is on disk: shorter than any work. */
export const confirmMark: Buffer = Buffer.from([1]);
