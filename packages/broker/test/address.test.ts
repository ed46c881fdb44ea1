import { describe, expect, it } from "vitest";
import { BrokerError, isLoopback, parseAddress, withoutPassword } from "@skyscan/broker";

describe("parseAddress", () => {
  it.each([
    ["localhost", { host: "localhost" }],
    ["rabbit.example.org/scans", { host: "rabbit.example.org", vhost: "scans" }],
    [
      "amqps://skyscan:pw@rabbit.example.org:5671/my%2Fscans",
      { scheme: "amqps", user: "skyscan", password: "pw", host: "rabbit.example.org", port: 5671, vhost: "my/scans" },
    ],
    ["user@host:5672", { user: "user", host: "host", port: 5672 }],
    [":token@host", { user: "", password: "token", host: "host" }],
    ["user:p@ss:w/rd%25@host/v", { user: "user", password: "p@ss:w/rd%", host: "host", vhost: "v" }],
    ["[::1]:41234", { host: "::1", port: 41234 }],
    ["amqp://guest:guest@127.0.0.1:5672/", { scheme: "amqp", user: "guest", password: "guest", host: "127.0.0.1", port: 5672 }],
  ])("takes %s apart", (address, parts) => {
    expect(parseAddress(address)).toEqual(parts);
  });

  it.each(["", "  ", "ho st", "host:0", "host:65536", "host:port", "://host", "/vhost", "user@", "host/%zz", "::1"])(
    "refuses %j",
    (address) => {
      expect(() => parseAddress(address)).toThrow(BrokerError);
    },
  );

  it("repeats no secret in what it says", () => {
    expect(() => parseAddress("user:hunter2@host:99999")).toThrow(/^(?!.*hunter2).*99999/s);
  });
});

describe("withoutPassword", () => {
  it.each([
    ["amqps://skyscan:pw@rabbit.example.org:5671/my%2Fscans", "amqps://skyscan@rabbit.example.org:5671/my%2Fscans"],
    ["us%40er:pw@[::1]", "us%40er@[::1]"],
    [":token@host", "@host"],
    ["host/scans", "host/scans"],
  ])("leaves of %s what names the same place", (address, shown) => {
    expect(withoutPassword(address)).toBe(shown);
    const { password: _, ...rest } = parseAddress(address);
    expect(parseAddress(shown)).toEqual(rest);
  });
});

it.each([
  ["localhost", true],
  ["127.1.2.3", true],
  ["::1", true],
  ["rabbit.example.org", false],
  ["127.example.org", false],
])("isLoopback(%s) is %s", (host, loopback) => {
  expect(isLoopback(host)).toBe(loopback);
});
