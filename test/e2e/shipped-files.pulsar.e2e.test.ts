// Starts a real Pulsar with resources/brokers/pulsar.
import { describe, expect, test } from "vitest";
import { opensslMissing, pulsarMissing, startShippedPulsar } from "@skyscan/testing";
import { shippedFilesFit } from "./shipped-files.ts";

describe.skipIf((pulsarMissing ?? opensslMissing) !== undefined)("a Pulsar with resources/brokers/pulsar takes", () => {
  const shipped = shippedFilesFit(startShippedPulsar);

  test("its limits from the file, and nobody but the two roles", async () => {
    const inForce = JSON.parse(await shipped().broker.admin("GET", "brokers/configuration/runtime")) as Record<string, string>;
    expect(inForce).toMatchObject({
      ...{ webServicePort: "Optional.empty", brokerServicePort: "Optional.empty", authorizationEnabled: "true" },
      ...{ maxHttpServerConnections: "20000", ttlDurationDefaultInSeconds: "0", anonymousUserRole: "" },
    });
    const permissions = JSON.parse(await shipped().broker.admin("GET", "namespaces/scans/default/permissions")) as object;
    expect(Object.keys(permissions).sort()).toEqual(["scans-client", "scans-server"]);
  });
});
