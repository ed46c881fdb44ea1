import { Job } from "kubernetes-models/batch/v1";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { batchSystem, clientEnds, meaningOf } from "@skyscan/launcher";
import type { FleetRequest } from "@skyscan/launcher";
import { podRequest, podRequests } from "./pod-requests.ts";

const k8s = batchSystem("k8s");
type Manifest = ConstructorParameters<typeof Job>[0] & { readonly spec: { readonly template: { readonly spec: object } } };
const manifestOf = (different?: Partial<FleetRequest>): string => k8s.write(podRequest(different)).main.text;
const jobOf = (different?: Partial<FleetRequest>): NonNullable<Manifest> => parse(manifestOf(different)) as NonNullable<Manifest>;

test("the manifest is readable, and its comments say what start-clients does", () => {
  expect(manifestOf({ environmentFiles: { SKYSCAN_BROKER_AUTH_FILE: "/home/ana/my token" } })).toMatchInlineSnapshot(`
    "# 300 clients of run1.evt2.neutrino-pandel_spe-8-0123abcd; made by skyscan start-clients, 2026-11-22T08:00:00Z.
    # No secret is in here. By hand, in the directory of this file:
    #   kubectl create configmap skyscan-2026-11-22t08-00-00z --from-file=client-startup-0.json=/home/ana/client-startup.json
    #   kubectl create secret generic skyscan-2026-11-22t08-00-00z --from-file=SKYSCAN_BROKER_AUTH_FILE='/home/ana/my token'
    #   kubectl create -f job.yaml
    apiVersion: batch/v1
    kind: Job
    metadata:
      name: skyscan-2026-11-22t08-00-00z
      labels:
        app.kubernetes.io/name: skyscan-client
        app.kubernetes.io/instance: skyscan-2026-11-22t08-00-00z
    spec:
      completionMode: Indexed
      completions: 300
      parallelism: 300
      # What became of the clients is told for a day; then all of this goes.
      ttlSecondsAfterFinished: 86400
      # By chance (1, 4, 5, killed), or on a node that is no good (6, 7): started again, after longer and longer waits.
      backoffLimitPerIndex: 10
      podFailurePolicy:
        rules:
          # Evicted, or its node is drained: does not count.
          - action: Ignore
            onPodConditions:
              - type: DisruptionTarget
                status: "True"
          # Done without a scan that ended (0, 3), or to be mended by you (2): not started again.
          - action: FailIndex
            onExitCodes:
              containerName: client
              operator: In
              values: [2, 3]
      template:
        metadata:
          labels:
            app.kubernetes.io/name: skyscan-client
            app.kubernetes.io/instance: skyscan-2026-11-22t08-00-00z
        spec:
          # The policy above wants it so.
          restartPolicy: Never
          # A client that is told to leave hands back what it holds.
          terminationGracePeriodSeconds: 30
          automountServiceAccountToken: false
          enableServiceLinks: false
          securityContext:
            runAsNonRoot: true
            runAsUser: 10001
            runAsGroup: 10001
            # Who may read the files of the Secret.
            fsGroup: 10001
            seccompProfile:
              type: RuntimeDefault
          containers:
            - name: client
              image: "registry/skyscan:0.1.0"
              command: ["skyscan"]
              args:
                - "client"
                - "--client-startup-json"
                - "/run/skyscan/startup/client-startup-0.json"
                - "--slots"
                - "1"
              workingDir: /work
              env:
                - name: SKYSCAN_BROKER_AUTH_FILE
                  value: "/run/skyscan/files/SKYSCAN_BROKER_AUTH_FILE"
              resources:
                requests:
                  cpu: 1
                  memory: 8192Mi
                  ephemeral-storage: 2048Mi
                limits:
                  memory: 8192Mi
                  ephemeral-storage: 2048Mi
              securityContext:
                allowPrivilegeEscalation: false
                readOnlyRootFilesystem: true
                capabilities:
                  drop: [ALL]
              volumeMounts:
                - name: startup
                  mountPath: /run/skyscan/startup
                  readOnly: true
                - name: files
                  mountPath: /run/skyscan/files
                  readOnly: true
                - name: scratch
                  mountPath: /tmp
                  subPath: tmp
                - name: scratch
                  mountPath: /work
                  subPath: work
                - name: shm
                  mountPath: /dev/shm
          volumes:
            - name: startup
              configMap:
                name: skyscan-2026-11-22t08-00-00z
            # The broker's token, and certificates.
            - name: files
              secret:
                secretName: skyscan-2026-11-22t08-00-00z
                # 0440
                defaultMode: 288
            - name: scratch
              emptyDir:
                sizeLimit: 2048Mi
            # Some of IceTray's recos want more than the usual 64 MB. Counts as memory.
            - name: shm
              emptyDir:
                medium: Memory
    "
  `);
});

describe("against the types of the API", () => {
  test.each(podRequests)("the manifest for %j is valid", (different) => {
    new Job(jobOf(different)).validate();
  });

  test("an invalid manifest is refused", () => {
    const job = jobOf();
    expect(() => new Job({ ...job, spec: { ...job.spec, parallelism: "many" as unknown as number } }).validate()).toThrow(
      "parallelism",
    );
    const { template: _, ...rest } = job.spec;
    expect(() => new Job({ ...job, spec: rest as typeof job.spec & object }).validate()).toThrow("template");
  });
});

test("each exit status of a client is answered as the table of statuses says", () => {
  const { podFailurePolicy, backoffLimitPerIndex } = jobOf().spec;
  const rules = podFailurePolicy!.rules;
  expect(backoffLimitPerIndex).toBeGreaterThan(0);
  for (const { status } of clientEnds.filter((end) => end.status !== 0)) {
    const action = rules.find(({ onExitCodes }) => onExitCodes?.values.includes(status) === true)?.action ?? "Count";
    const meaning = meaningOf(status);
    expect([status, action]).toEqual([status, meaning === "done" || meaning === "never" ? "FailIndex" : "Count"]);
  }
  // Kubernetes allows it for containers that are there, in order, without 0.
  expect(rules.find(({ onExitCodes }) => onExitCodes !== undefined)?.onExitCodes).toMatchObject({
    containerName: "client",
    values: [2, 3],
  });
});

/** What differs in the request, and what then is in the Job. */
const parts: readonly (readonly [Partial<FleetRequest>, object])[] = [
  [{ jobs: 4 }, { completions: 4, parallelism: 4, completionMode: "Indexed" }],
  [{ timeLimitSec: 28_800 }, { activeDeadlineSeconds: 28_800 }],
  [{ requirements: "disktype=ssd, zone=a" }, { template: { spec: { nodeSelector: { disktype: "ssd", zone: "a" } } } }],
  [
    { cpus: 2, memoryMib: 500, diskMib: 100 },
    {
      template: {
        spec: {
          containers: [
            {
              resources: {
                requests: { cpu: 2, memory: "500Mi", "ephemeral-storage": "100Mi" },
                limits: { memory: "500Mi", "ephemeral-storage": "100Mi" },
              },
            },
          ],
        },
      },
    },
  ],
  [
    { environment: { NAME: "$(HOME) #: 'x'" }, clientArguments: ["--container", "$none"] },
    {
      template: {
        spec: {
          containers: [
            {
              command: ["skyscan"],
              args: [
                "client",
                "--client-startup-json",
                "/run/skyscan/startup/client-startup-0.json",
                "--slots",
                "1",
                "--container",
                "$$none",
              ],
              env: [{ name: "NAME", value: "$$(HOME) #: 'x'" }],
            },
          ],
        },
      },
    },
  ],
  [
    { environmentFiles: { SKYSCAN_BROKER_AUTH_FILE: "/home/ana/token" } },
    {
      template: {
        spec: {
          containers: [{ env: [{ name: "SKYSCAN_BROKER_AUTH_FILE", value: "/run/skyscan/files/SKYSCAN_BROKER_AUTH_FILE" }] }],
          // Startup file, then the Secret, for its group alone.
          volumes: [{ configMap: {} }, { secret: { secretName: "skyscan-2026-11-22t08-00-00z", defaultMode: 0o440 } }, {}, {}],
        },
      },
    },
  ],
];

test.each(parts)("%j is in the Job", (different, wanted) => {
  expect(jobOf(different).spec).toMatchObject(wanted);
});

test("pods may do as little as possible", () => {
  expect(jobOf().spec.template.spec).toMatchObject({
    automountServiceAccountToken: false,
    securityContext: { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } },
    containers: [
      { securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ["ALL"] } } },
    ],
  });
});

test("what Kubernetes cannot do is told before anything is asked of it", () => {
  expect(k8s.problems(podRequest())).toEqual([]);
  const problems: readonly (readonly [Partial<FleetRequest>, string])[] = [
    [{ image: undefined }, "--image"],
    [{ startup: [{ path: "/data", directory: true }] }, "--client-startup-json /data"],
    [{ requirements: "Memory > 2" }, "--requirements Memory > 2"],
    [{ priority: 0 }, "--priority"],
    [{ accountingGroup: "g" }, "--accounting-group"],
    [{ clientArguments: ["--debug-directory", "d"] }, "debug-directory"],
  ];
  for (const [different, words] of problems)
    expect(k8s.problems(podRequest(different))).toEqual([expect.stringContaining(words)]);
});
