import type { JsonValue } from '../../src/formats/index.js';
import { podSecurityControls } from '../../src/manifest/pod-security/index.js';
import { startApiServer, type ApiAnswer, type ApiServer } from '../support/kube-apiserver.js';

export type Level = 'baseline' | 'restricted';

/** What the API server's admission says about a pod at one level. */
export type Admission =
  | { readonly kind: 'judged'; readonly forbidden: readonly Forbidden[] }
  /** It is no valid pod, whatever the level. */
  | { readonly kind: 'invalid'; readonly message: string };

export interface Forbidden {
  /** How it speaks of the control, in the singular; a control has the same words as one that tightens it. */
  readonly reason: string;
  /** Containers that the message names. */
  readonly containers: readonly string[];
}

type JsonObject = { readonly [key: string]: JsonValue };

/** Asks the Pod Security admission of a real API server. */
export class PodSecurityServer {
  readonly #server: ApiServer;
  readonly #namespaces = new Map<string, Promise<string>>();
  #names = 0;

  constructor(server: ApiServer) {
    this.#server = server;
  }

  static async start(assets: string, folder: string): Promise<PodSecurityServer> {
    return new PodSecurityServer(await startApiServer({ assets, folder, flags: ['--allow-privileged=true'] }));
  }

  close(): Promise<void> {
    return this.#server.close();
  }

  /** Creates it, without keeping it, where the level is enforced; or adds its ephemeral containers to the pod without them. */
  async judge(pod: JsonObject, level: Level, version: string): Promise<Admission> {
    const { ephemeralContainers, ...spec } = objectOf(pod['spec']);
    const hasThem = Array.isArray(ephemeralContainers) ? ephemeralContainers.length > 0 : Boolean(ephemeralContainers);
    if (hasThem) return await this.#judgeEphemeral(pod, spec, ephemeralContainers ?? null, level, version);
    const namespace = await this.#namespace('enforce', level, version);
    const path = `/api/v1/namespaces/${namespace}/pods?dryRun=All&fieldValidation=Strict`;
    const answer = await this.#server.ask({ method: 'POST', path, body: { apiVersion: 'v1', kind: 'Pod', ...pod } });
    const found = violation(answer.message);
    if (answer.status === 403 && found !== undefined) return { kind: 'judged', forbidden: readViolation(found) };
    return answer.status === 201 ? { kind: 'judged', forbidden: [] } : invalid(answer);
  }

  /** What the server warns of when the pod is the template of a Deployment. */
  async judgeTemplate({ metadata, ...pod }: JsonObject, level: Level, version: string): Promise<Admission> {
    const namespace = await this.#namespace('warn', level, version);
    const labels = { app: 'app' };
    const template = { ...pod, metadata: { ...objectOf(metadata), labels } };
    const answer = await this.#server.ask({
      method: 'POST',
      path: `/apis/apps/v1/namespaces/${namespace}/deployments?dryRun=All`,
      body: {
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata: { name: 'app' },
        spec: { selector: { matchLabels: labels }, template },
      },
    });
    return answer.status === 201 ? warned(answer) : invalid(answer);
  }

  /** Ephemeral containers come only into pods that exist: where the level warns, any pod may. */
  async #judgeEphemeral(
    pod: JsonObject,
    spec: JsonObject,
    ephemeralContainers: JsonValue,
    level: Level,
    version: string,
  ): Promise<Admission> {
    const namespace = await this.#namespace('warn', level, version);
    const pods = `/api/v1/namespaces/${namespace}/pods`;
    const name = `pod-${++this.#names}`;
    const body = { apiVersion: 'v1', kind: 'Pod', ...pod, metadata: { ...objectOf(pod['metadata']), name }, spec };
    const created = await this.#server.ask({ method: 'POST', path: `${pods}?fieldValidation=Strict`, body });
    if (created.status !== 201) return invalid(created);
    const existing = objectOf(created.body);
    const answer = await this.#server.ask({
      method: 'PUT',
      path: `${pods}/${name}/ephemeralcontainers?dryRun=All&fieldValidation=Strict`,
      body: { ...existing, spec: { ...objectOf(existing['spec']), ephemeralContainers } },
    });
    return answer.status === 200 ? warned(answer) : invalid(answer);
  }

  #namespace(mode: 'enforce' | 'warn', level: Level, version: string): Promise<string> {
    const name = `${mode}-${level}-${version.replaceAll('.', '-')}`;
    const known = this.#namespaces.get(name);
    if (known !== undefined) return known;
    const labels = {
      [`pod-security.kubernetes.io/${mode}`]: level,
      [`pod-security.kubernetes.io/${mode}-version`]: version,
    };
    const made = this.#server
      .ask({ method: 'POST', path: '/api/v1/namespaces', body: { metadata: { name, labels } } })
      .then((answer) => {
        if (answer.status !== 201) throw new Error(`no namespace: ${answer.message}`);
        return name;
      });
    this.#namespaces.set(name, made);
    return made;
  }
}

function warned({ warnings }: ApiAnswer): Admission {
  const found = warnings.map(violation).find((text) => text !== undefined);
  return { kind: 'judged', forbidden: found === undefined ? [] : readViolation(found) };
}

function invalid(answer: ApiAnswer): Admission {
  // 400: no pod at all; 403: against the rules for adding containers; 422: a pod with wrong values.
  if (![400, 403, 422].includes(answer.status)) throw new Error(`${answer.status}: ${answer.message}`);
  return { kind: 'invalid', message: answer.message };
}

/** `... violates PodSecurity "restricted:latest": WHAT` (a refusal), or `would violate ...` (a warning). */
function violation(message: string): string | undefined {
  return /violates? PodSecurity "[^"]*": ([\s\S]*)$/.exec(message)?.[1];
}

/** `reason (detail), reason (detail)`; details have quotes and brackets of their own. */
export function readViolation(text: string): readonly Forbidden[] {
  return splitOutside(text, ', ').map((part) => {
    const bracket = part.indexOf(' (');
    const reason = bracket < 0 ? part : part.slice(0, bracket);
    const detail = bracket < 0 ? '' : part.slice(bracket + 2, -1);
    return { reason: singular(reason, text), containers: containersIn(detail) };
  });
}

function singular(reason: string, text: string): string {
  const known = podSecurityControls.map(({ serverReason }) => serverReason);
  const found = known.find((one) => reason === one || reason === `${one}s`);
  if (found === undefined) throw new Error(`an unknown reason, ${reason}, in: ${text}`);
  return found;
}

function containersIn(detail: string): readonly string[] {
  return [...detail.matchAll(/\bcontainers? ((?:"[^"]*"(?:, )?)+)/g)].flatMap(([, list = '']) =>
    [...list.matchAll(/"([^"]*)"/g)].map(([, name = '']) => name),
  );
}

/** Splits where neither a quotation nor a bracket is open. */
function splitOutside(text: string, separator: string): readonly string[] {
  const parts: string[] = [];
  let start = 0;
  let depth = 0;
  let isQuoted = false;
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (isQuoted && character === '\\') at++;
    else if (character === '"') isQuoted = !isQuoted;
    else if (isQuoted) continue;
    else if (character === '(') depth++;
    else if (character === ')') depth--;
    else if (depth === 0 && text.startsWith(separator, at)) {
      parts.push(text.slice(start, at));
      start = at + separator.length;
    }
  }
  return [...parts, text.slice(start)];
}

function objectOf(value: unknown): JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : {};
}
