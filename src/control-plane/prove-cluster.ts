import { asObject, asString } from '../formats/index.js';
import type { Cluster, ClusterAnswer } from './cluster.js';
import { explainWords } from './explain-log.js';
import { type FaultList, quote } from './fault.js';
import type { LiveAnswer } from './live.js';
import type { UnreadFile } from './server-files.js';

export interface ClusterQuestions {
  /** Images that must be allowed, and those that must be denied. */
  readonly allow: readonly string[];
  readonly deny: readonly string[];
  readonly namespace: string;
}

export interface ClusterProof {
  readonly answers: readonly LiveAnswer[];
  /** Questions that were not answered by whoever judges images. */
  readonly unread: readonly UnreadFile[];
}

/**
 * Has the API server itself decide about a pod of each image, by a dry run that stores nothing: the proof of the whole chain,
 * from its flags and objects to the webhook's verdict.
 */
export async function proveCluster(
  cluster: Cluster,
  { allow, deny, namespace }: ClusterQuestions,
  faults: FaultList,
): Promise<ClusterProof> {
  const answers: LiveAnswer[] = [];
  const unread: UnreadFile[] = [];
  const questions = [
    ...allow.map((image) => ({ image, expected: 'allowed' as const })),
    ...deny.map((image) => ({ image, expected: 'denied' as const })),
  ];
  for (const { image, expected } of questions) {
    const started = performance.now();
    const answer = await cluster.ask(
      'POST',
      `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods?dryRun=All`,
      podOf(image, namespace),
    );
    const durationMs = Math.round(performance.now() - started);
    const { verdict, reason, failure } = judge(answer);
    const place = { file: cluster.address };
    answers.push({ protocol: 'dry run', url: cluster.address, image, expected, verdict, reason, durationMs });
    if (failure !== undefined) {
      const known = explainWords(failure);
      if (known === undefined) unread.push({ file: `${cluster.address}, dry run of ${quote(image)}`, reason: failure });
      else faults.add(known.id, place, { what: `${quote(image)}: ${known.what}`, fix: known.fix, why: known.why });
    } else if (verdict !== expected) {
      const id = expected === 'allowed' ? 'live-allow-denied' : 'live-deny-allowed';
      const because = reason === undefined ? '' : `: ${quote(reason)}`;
      faults.add(id, place, { what: `${quote(image)} should be ${expected} and is ${verdict}${because}` });
    }
  }
  if (allow.length === 0 || deny.length === 0) {
    faults.add(
      'live-not-proved',
      { file: cluster.address },
      {
        what: 'the API server was not asked about an image that may run and one that may not',
      },
    );
  }
  return { answers, unread };
}

/** Such that no level of the Pod Security Standards has anything against it. */
function podOf(image: string, namespace: string): object {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { generateName: 'tidewaiter-doctor-', namespace },
    spec: {
      automountServiceAccountToken: false,
      restartPolicy: 'Never',
      securityContext: { runAsNonRoot: true, runAsUser: 65_534, seccompProfile: { type: 'RuntimeDefault' } },
      containers: [
        {
          name: 'doctor',
          image,
          securityContext: {
            allowPrivilegeEscalation: false,
            readOnlyRootFilesystem: true,
            capabilities: { drop: ['ALL'] },
          },
          resources: { requests: { cpu: '10m', memory: '16Mi' }, limits: { cpu: '10m', memory: '16Mi' } },
        },
      ],
    },
  };
}

interface Judged {
  readonly verdict: LiveAnswer['verdict'];
  readonly reason: string | undefined;
  /** Whoever judges images gave no verdict: what the API server said. */
  readonly failure?: string | undefined;
}

/** Words of those who judge images: the plugin, webhooks, and policies of the API server's own. */
const denials = [
  /image policy webhook backend denied one or more images(?:: ([^]*))?$/,
  /one or more images rejected by webhook backend/,
  /admission webhook "[^"]*" denied the request(?:: ([^]*))?$/,
  /ValidatingAdmissionPolicy '[^']*' with binding '[^']*' denied request(?:: ([^]*))?$/,
] as const;

function judge({ status, body, message }: ClusterAnswer): Judged {
  if (status === 201 || status === 200) {
    // What did not come from an API server says nothing.
    const isPod = asString(body?.['kind']) === 'Pod' && asObject(body?.['metadata']) !== undefined;
    return isPod
      ? { verdict: 'allowed', reason: undefined }
      : { verdict: undefined, reason: undefined, failure: 'the answer is no pod' };
  }
  for (const words of denials) {
    const match = words.exec(message);
    if (match) return { verdict: 'denied', reason: match[1] ?? message };
  }
  return { verdict: undefined, reason: undefined, failure: message };
}
