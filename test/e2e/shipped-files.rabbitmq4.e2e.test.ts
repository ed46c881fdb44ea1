// Starts a real RabbitMQ 4 with resources/brokers/rabbitmq.
import { describe } from "vitest";
import { opensslMissing, rabbitmq4Missing, startShippedRabbitmq4 } from "@skyscan/testing";
import { shippedFilesFit } from "./shipped-files.ts";

describe.skipIf((rabbitmq4Missing ?? opensslMissing) !== undefined)("a RabbitMQ 4 with resources/brokers/rabbitmq takes", () => {
  shippedFilesFit(startShippedRabbitmq4);
});
