import type { Context } from '../core/index.js';
import type { Credential } from '../credentials/index.js';
import type { HttpResponse } from '../http/index.js';
import { defaultRegistry, formatFamiliar } from '../reference/index.js';
import { type Candidate, Candidates } from './candidates.js';
import { type Challenge, parseChallenges } from './challenge.js';
import { type Call, Connection } from './connection.js';
import { credentialName, describeEndpoint, type Endpoint, repositoryAt } from './endpoint.js';
import { RegistryError } from './errors.js';
import type { RegistryOptions, Repository } from './registry-client.js';
import { encodeBasic, Secrets } from './secrets.js';
import { Tokens } from './tokens.js';
import { readWords, type ServerWords } from './words.js';

/** Where a request goes, and what it wants to be allowed. */
export interface Target {
  readonly endpoint: Endpoint;
  /** As users name it, without the endpoint's prefix; absent for what is about no repository. */
  readonly repository: string | undefined;
  readonly action: 'pull' | 'push';
  /** A repository of the same registry from which a blob is to be mounted. */
  readonly mountFrom?: string | undefined;
}

/** How a candidate showed itself, or why it could not. */
export type Proof =
  | { readonly header: string | undefined /** A token of the cache. */; readonly kept?: string | undefined }
  | { readonly refusal: ServerWords };

/** What became of the candidates for one kind of request to one repository. */
interface Lane {
  /** Where to begin: at the candidate that was accepted last. */
  start: number;
  accepted: number | undefined;
  readonly refusals: Map<number, Refusal>;
}

interface Refusal {
  readonly candidate: Candidate;
  readonly words: ServerWords;
}

/** Sends requests with whatever credential the registry wants and takes: asks, is told what to show, shows it. */
export class Session {
  readonly secrets = new Secrets();
  readonly candidates: Candidates;
  readonly #connection: Connection;
  readonly #tokens: Tokens;
  /** What was wanted to be seen last, by host and repository. */
  readonly #challenges = new Map<string, readonly Challenge[]>();
  readonly #lanes = new Map<string, Lane>();

  constructor({ http, credentials }: Pick<RegistryOptions, 'http' | 'credentials'>) {
    this.#connection = new Connection(http);
    this.#tokens = new Tokens(this.#connection, this.secrets);
    this.candidates = new Candidates(credentials, this.secrets);
  }

  /**
   * The answer, of whatever status but a refusal of the registry.
   * @throws RegistryError `UNAUTHORIZED`, `DENIED`, and those of connections and token servers; CredentialError
   */
  async request(context: Context, target: Target, call: Call): Promise<HttpResponse> {
    const known = this.#challenges.get(placeOf(target));
    if (known) return await this.#proven(context, target, call, { challenges: known, bare: undefined });
    const response = await this.#connection.send(context, target.endpoint, call);
    if (!this.#isRefusal(target, response)) return response;
    const challenges = this.challengesOf(target, response);
    const bare = await this.words(response);
    if (challenges.length === 0) throw unexplained(target, bare);
    return await this.#proven(context, target, call, { challenges, bare });
  }

  /** One request with this header and no other attempt. */
  async once(context: Context, target: Target, call: Call, header?: string): Promise<HttpResponse> {
    return await this.#connection.send(context, target.endpoint, call, header);
  }

  /** The challenges that we can answer, remembered for the repository. */
  challengesOf(target: Target, response: HttpResponse): readonly Challenge[] {
    const challenges = parseChallenges(response.header('www-authenticate') ?? '').filter(isUsable);
    if (challenges.length > 0) this.#challenges.set(placeOf(target), challenges);
    return challenges;
  }

  /** What a candidate shows when it is asked like this. */
  async prove(
    context: Context,
    target: Target,
    challenges: readonly Challenge[],
    { credential }: Pick<Candidate, 'credential'>,
  ): Promise<Proof> {
    const { endpoint } = target;
    const bearer = challenges.find(({ scheme }) => scheme === 'bearer');
    if (!credential && !bearer) return { header: undefined };
    const isPlain = this.#connection.base(endpoint).protocol === 'http:' && !endpoint.plainHttp;
    if (isPlain && (!bearer || credential?.registryToken !== undefined)) {
      return cannot(`credentials are not sent in plain HTTP to ${endpoint.host}`);
    }
    if (!bearer) return basicProof(credential ?? {});
    if (credential?.registryToken !== undefined) return { header: `Bearer ${credential.registryToken}` };
    const answer = await this.#tokens.find(context, {
      endpoint,
      realm: bearer.parameters.get('realm') ?? '',
      service: bearer.parameters.get('service'),
      scopes: scopesOf(target, bearer.parameters.get('scope')),
      credential,
    });
    if ('refusal' in answer) return answer;
    return { header: `Bearer ${answer.token}`, kept: answer.kept ? answer.token : undefined };
  }

  /** What an answer says, without secrets; lets go of it. */
  async words(response: HttpResponse): Promise<ServerWords> {
    return await readWords(response, (text) => this.secrets.hide(text));
  }

  /** Where an endpoint is, as far as is known. */
  base(endpoint: Endpoint): URL {
    return this.#connection.base(endpoint);
  }

  forget(): void {
    this.#tokens.forgetAll();
    this.#challenges.clear();
    this.#lanes.clear();
  }

  /** With each candidate in turn, until one is not refused. `bare` is the refusal of a request without a proof. */
  async #proven(
    context: Context,
    target: Target,
    call: Call,
    asked: { readonly challenges: readonly Challenge[]; readonly bare: ServerWords | undefined },
  ): Promise<HttpResponse> {
    const lane = this.#lane(target);
    let { challenges } = asked;
    let renewed = false;
    let candidate = await this.#next(context, target, lane, lane.start);
    while (candidate) {
      const proof = await this.prove(context, target, challenges, candidate);
      const header = 'refusal' in proof ? undefined : proof.header;
      // What others have to pay for may be free for nobody in particular: only a request tells.
      const refusal = 'refusal' in proof && (candidate.credential || asked.bare) ? proof.refusal : undefined;
      const words = refusal ?? (header === undefined ? asked.bare : undefined);
      if (words) {
        candidate = await this.#refused(context, target, lane, { candidate, words });
        continue;
      }
      const response = await this.#connection.send(context, target.endpoint, call, header);
      if (!this.#isRefusal(target, response)) {
        lane.start = candidate.index;
        lane.accepted = candidate.index;
        return response;
      }
      const now = this.challengesOf(target, response);
      const isNew = now.length > 0 && !sameChallenges(now, challenges);
      if (now.length > 0) challenges = now;
      const kept = 'refusal' in proof ? undefined : proof.kept;
      if (kept !== undefined) this.#tokens.forget(kept);
      const said = await this.words(response);
      // A token may have been given back before its time; and a host may ask in several ways.
      if (!renewed && said.status === 401 && (kept !== undefined || isNew)) renewed = true;
      else candidate = await this.#refused(context, target, lane, { candidate, words: said });
    }
    throw await this.#giveUp(context, target, lane);
  }

  async #refused(context: Context, target: Target, lane: Lane, refusal: Refusal): Promise<Candidate | undefined> {
    const { index, considered } = refusal.candidate;
    if (considered) {
      const name = describeEndpoint(target.endpoint);
      context.log('debug', `${name} refuses the credential from ${considered.origin}: ${refusal.words.text}`);
    }
    lane.refusals.set(index, refusal);
    if (lane.start === index) lane.start = index + 1;
    return await this.#next(context, target, lane, index + 1);
  }

  async #next(context: Context, target: Target, lane: Lane, from: number): Promise<Candidate | undefined> {
    const refused = [...lane.refusals.values()].some(({ candidate }) => candidate.credential !== undefined);
    const anonymous = !refused || this.candidates.anonymousAfterRefusal;
    return await this.candidates.next(context, nameOf(target), { from, anonymous });
  }

  async #giveUp(context: Context, target: Target, lane: Lane): Promise<RegistryError> {
    // The next request tries anew: a refusal may have been about what was asked, not about who asked. Those that are
    // under way keep this lane, lest they forget what was refused.
    const key = laneKey(target);
    if (this.#lanes.get(key) === lane) this.#lanes.set(key, freshLane(lane.accepted));
    const empty = await this.candidates.empty(context, nameOf(target));
    const without = empty.map(({ considered, why }) => `${considered.origin}: ${why}`);
    return refusalError(target, [...lane.refusals.values()], without);
  }

  #lane(target: Target): Lane {
    const key = laneKey(target);
    let lane = this.#lanes.get(key);
    if (!lane) this.#lanes.set(key, (lane = freshLane(undefined)));
    return lane;
  }

  /** Refusals of those to whom it redirected us are not about our credentials. */
  #isRefusal(target: Target, response: HttpResponse): boolean {
    if (response.status !== 401 && response.status !== 403) return false;
    return response.url.origin === this.#connection.base(target.endpoint).origin;
  }
}

/** What is allowed to be asked for: our own scopes, and of those in the challenge what we need anyway. */
export function scopesOf(target: Target, challenged: string | undefined): readonly string[] {
  const { endpoint, repository, mountFrom } = target;
  if (repository === undefined) return [];
  const actions = target.action === 'push' ? ['pull', 'push'] : ['pull'];
  const scopes = new Set([`repository:${repositoryAt(endpoint, repository)}:${actions.join(',')}`]);
  if (mountFrom !== undefined) scopes.add(`repository:${repositoryAt(endpoint, mountFrom)}:pull`);
  const named = new Set([...scopes].map((scope) => scope.slice(0, scope.lastIndexOf(':'))));
  for (const scope of (challenged ?? '').split(' ').slice(0, 8)) {
    const [, resource = '', asked = ''] = /^(repository:[^:\s]{1,300}):([a-z,]{1,60})$/.exec(scope) ?? [];
    const needed = asked.split(',').filter((action) => actions.includes(action));
    if (resource !== '' && needed.length > 0 && !named.has(resource)) scopes.add(`${resource}:${needed.join(',')}`);
  }
  return [...scopes];
}

/** The name under which credentials for this are looked up. */
export function nameOf({ endpoint, repository }: Target): Repository {
  return credentialName(endpoint, repository ?? '');
}

function laneKey(target: Target): string {
  return JSON.stringify([placeOf(target), target.action, target.mountFrom]);
}

function freshLane(accepted: number | undefined): Lane {
  return { start: accepted ?? 0, accepted, refusals: new Map() };
}

function placeOf({ endpoint, repository }: Target): string {
  return JSON.stringify([endpoint.host, endpoint.prefix, repository]);
}

function basicProof({ username, password }: Credential): Proof {
  if (username === undefined || password === undefined) return cannot('a user name and a password are wanted');
  if (username.includes(':')) return cannot('the user name has a colon');
  return { header: `Basic ${encodeBasic(username, password)}` };
}

function cannot(text: string): Proof {
  return { refusal: { status: 401, code: undefined, text } };
}

function isUsable({ scheme, parameters }: Challenge): boolean {
  return scheme === 'basic' || (scheme === 'bearer' && parameters.has('realm'));
}

function sameChallenges(one: readonly Challenge[], other: readonly Challenge[]): boolean {
  const plain = (list: readonly Challenge[]): string =>
    JSON.stringify(
      list.map(({ scheme, parameters }) => [
        scheme,
        ...['realm', 'service', 'scope'].map((name) => parameters.get(name)),
      ]),
    );
  return plain(one) === plain(other);
}

function unexplained(target: Target, words: ServerWords): RegistryError {
  const name = describeEndpoint(target.endpoint);
  const code = words.status === 403 ? 'DENIED' : 'UNAUTHORIZED';
  const problem =
    words.status === 403
      ? `${name} denies ${whatOf(target)}`
      : `${name} wants to know who asks for ${whatOf(target)}, and not in a way that is known here`;
  return new RegistryError(code, `${problem} (${words.text})`, { status: words.status, hint: hintFor(target) });
}

function refusalError(target: Target, refusals: readonly Refusal[], without: readonly string[]): RegistryError {
  const shown = refusals.filter(({ candidate }) => candidate.considered);
  const words = (shown.length > 0 ? shown : refusals).map((refusal) => refusal.words);
  const denied = words.find(({ status }) => status === 403);
  const last = denied ?? words.at(-1);
  const answer = last === undefined ? '' : ` (${last.text})`;
  return new RegistryError(
    denied ? 'DENIED' : 'UNAUTHORIZED',
    `${describeEndpoint(target.endpoint)} ${refusalWords(target, shown, { isDenied: denied !== undefined, without })}${answer}`,
    { hint: hintFor(target), status: last?.status },
  );
}

function refusalWords(
  target: Target,
  shown: readonly Refusal[],
  { isDenied, without }: { readonly isDenied: boolean; readonly without: readonly string[] },
): string {
  const what = whatOf(target);
  if (shown.length === 0) {
    const none = without.length === 0 ? 'none matched' : `there are none (${without.join('; ')})`;
    return `wants credentials for ${what}, and ${none}`;
  }
  const [first, ...others] = shown.map(({ candidate }) => `from ${candidate.considered?.origin}`);
  const whose =
    others.length === 0 ? `credentials ${first}` : `${shown.length} credentials (${[first, ...others].join('; ')})`;
  return isDenied ? `denies ${what} to the ${whose}` : `refused the ${whose} for ${what}`;
}

function whatOf({ repository, action }: Target): string {
  if (repository === undefined) return 'access';
  return `${action === 'push' ? 'pushing to ' : ''}${repository}`;
}

function hintFor({ endpoint, repository }: Target): string {
  const { registry } = endpoint;
  const host = endpoint.isMirror ? endpoint.host : registry;
  const login = `log in with "tidewaiter login ${host}"`;
  if (repository === undefined) return login;
  const explain = `see "tidewaiter auth explain ${formatFamiliar({ registry, repository })}"`;
  const hub =
    registry === defaultRegistry ? 'Docker Hub answers so for repositories that do not exist, too; else ' : '';
  return `${hub}${login}, or ${explain}`;
}
