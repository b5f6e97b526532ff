import { randomBytes } from 'node:crypto';
import { type Exchange, Refusal } from './exchange.js';

export type Action = 'pull' | 'push' | 'delete';

export interface AuthOptions {
  readonly kind: 'basic' | 'bearer';
  /** Password by user. */
  readonly users: Readonly<Record<string, string>>;
  /** User by identity (refresh) token; bearer only. */
  readonly identityTokens?: Readonly<Record<string, string>>;
  /** Tokens that open everything without having been asked for (`registrytoken`), with their user; bearer only. */
  readonly registryTokens?: Readonly<Record<string, string>>;
  /** Default 300. */
  readonly tokenLifetimeSeconds?: number;
  /** Who may do what; `user` is undefined for nobody in particular. Default: whoever is a known user. */
  readonly may?: (user: string | undefined, repository: string, action: Action) => boolean;
  /** Whether the token server answers `POST` (OAuth 2); default true. */
  readonly oauth?: boolean;
  /** What a token is called in the answer; default `token`. */
  readonly tokenMember?: 'token' | 'access_token';
  /** In place of the `WWW-Authenticate` header that the registry would send. */
  readonly challenge?: (proper: string) => string | readonly string[];
  readonly realm?: string;
}

interface Grant {
  readonly user: string | undefined;
  /** `pull` and so on, by repository. */
  readonly actions: ReadonlyMap<string, ReadonlySet<string>>;
  readonly expires: number;
}

/** Who is who, and which token opens what. */
export class Authorization {
  readonly #options: AuthOptions | undefined;
  readonly #service: string;
  readonly #tokens = new Map<string, Grant>();
  readonly #now: () => number;
  realm = '';

  constructor(options: AuthOptions | undefined, service: string, now: () => number) {
    this.#options = options;
    this.#service = service;
    this.#now = now;
  }

  revokeAll(): void {
    this.#tokens.clear();
  }

  /** @throws Refusal 401 with a challenge, 403 */
  check(exchange: Exchange, needs: readonly { readonly repository: string; readonly action: Action }[]): void {
    if (!this.#options) return;
    const header = exchange.header('authorization');
    const allowed = this.#options.kind === 'basic' ? this.#checkBasic(header, needs) : this.#checkBearer(header, needs);
    if (!allowed) throw this.#challenge(needs, header);
  }

  #checkBasic(header: string | undefined, needs: readonly { repository: string; action: Action }[]): boolean {
    const user = this.basicUser(header);
    if (header !== undefined && user === undefined) return false;
    if (needs.length === 0) return user !== undefined;
    const may = needs.every(({ repository, action }) => this.#may(user, repository, action));
    if (!may && user !== undefined) throw new Refusal(403, 'DENIED', 'requested access to the resource is denied');
    return may;
  }

  #checkBearer(header: string | undefined, needs: readonly { repository: string; action: Action }[]): boolean {
    const token = /^Bearer (\S+)$/.exec(header ?? '')?.[1];
    if (token === undefined) return false;
    const pre = this.#options?.registryTokens?.[token];
    if (pre !== undefined) return needs.every(({ repository, action }) => this.#may(pre, repository, action));
    const grant = this.#tokens.get(token);
    if (!grant || grant.expires <= this.#now()) return false;
    return needs.every(({ repository, action }) => grant.actions.get(repository)?.has(action));
  }

  /** The user of a `Basic` header, if the password is right. */
  basicUser(header: string | undefined): string | undefined {
    const encoded = /^Basic ([A-Za-z0-9+/]+=*)$/.exec(header ?? '')?.[1];
    if (encoded === undefined) return undefined;
    const [, user = '', password = ''] = /^([^:]*):([^]*)$/.exec(Buffer.from(encoded, 'base64').toString('utf8')) ?? [];
    const users = this.#options?.users ?? {};
    return Object.hasOwn(users, user) && users[user] === password ? user : undefined;
  }

  /** The token server's answer: `GET` with `Basic` or with nothing, `POST` as OAuth 2 has it. */
  async issue(exchange: Exchange): Promise<void> {
    const options = this.#options;
    if (!options || exchange.url.pathname !== '/token') throw new Refusal(404, 'NOT_FOUND', 'no such page');
    const isPost = exchange.method === 'POST';
    if (!isPost && exchange.method !== 'GET') throw new Refusal(405, 'UNSUPPORTED', 'not this way');
    if (isPost && options.oauth === false) throw new Refusal(404, 'NOT_FOUND', '404 page not found');
    const asked = isPost ? await this.#readForm(exchange) : exchange.url.searchParams;
    if (asked.get('service') !== this.#service) throw new Refusal(400, 'INVALID', 'unknown service');
    if (isPost && !asked.get('client_id')) throw new Refusal(400, 'INVALID', 'no client_id');
    const user = isPost ? this.#oauthUser(asked) : this.#getUser(exchange);
    const scopes = isPost ? (asked.get('scope') ?? '').split(' ') : asked.getAll('scope');
    const actions = new Map(scopes.filter((scope) => scope !== '').map((scope) => this.#grant(scope, user)));
    const token = randomBytes(24).toString('base64url');
    const lifetime = options.tokenLifetimeSeconds ?? 300;
    this.#tokens.set(token, { user, actions, expires: this.#now() + lifetime * 1000 });
    const member = isPost ? 'access_token' : (options.tokenMember ?? 'token');
    const body = { [member]: token, expires_in: lifetime, issued_at: new Date(this.#now()).toISOString() };
    await exchange.answer({
      status: 200,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  }

  async #readForm(exchange: Exchange): Promise<URLSearchParams> {
    if (exchange.header('content-type') !== 'application/x-www-form-urlencoded') {
      throw new Refusal(415, 'INVALID', 'not a form');
    }
    return new URLSearchParams(Buffer.from(await exchange.readBody()).toString('utf8'));
  }

  #oauthUser(asked: URLSearchParams): string {
    const identity = this.#options?.identityTokens ?? {};
    const token = asked.get('refresh_token') ?? '';
    const users = this.#options?.users ?? {};
    const name = asked.get('username') ?? '';
    if (asked.get('grant_type') === 'refresh_token' && Object.hasOwn(identity, token)) return identity[token] ?? '';
    if (asked.get('grant_type') === 'password' && Object.hasOwn(users, name) && users[name] === asked.get('password')) {
      return name;
    }
    throw new Refusal(401, 'UNAUTHORIZED', 'authentication failed');
  }

  #getUser(exchange: Exchange): string | undefined {
    const header = exchange.header('authorization');
    if (header === undefined) return undefined;
    const user = this.basicUser(header);
    if (user === undefined) throw new Refusal(401, 'UNAUTHORIZED', 'incorrect username or password');
    return user;
  }

  #grant(scope: string, user: string | undefined): readonly [string, ReadonlySet<string>] {
    const [, repository = '', asked = ''] = /^repository:([^:]+):([a-z,*]+)$/.exec(scope) ?? [];
    if (repository === '') throw new Refusal(400, 'INVALID', 'not a scope');
    const actions = asked.split(',').filter((action) => this.#may(user, repository, action as Action));
    return [repository, new Set(actions)];
  }

  #may(user: string | undefined, repository: string, action: Action): boolean {
    const may = this.#options?.may;
    return may ? may(user, repository, action) : user !== undefined;
  }

  #challenge(needs: readonly { repository: string; action: Action }[], header: string | undefined): Refusal {
    const actions = new Map<string, string[]>();
    for (const { repository, action } of needs) {
      actions.set(repository, [...(actions.get(repository) ?? []), action]);
    }
    const scope = [...actions].map(([repository, list]) => `repository:${repository}:${list.join(',')}`).join(' ');
    const error = header?.startsWith('Bearer ') ? ',error="invalid_token"' : '';
    const proper =
      this.#options?.kind === 'basic'
        ? `Basic realm="${this.#service}"`
        : `Bearer realm="${this.#options?.realm ?? this.realm}",service="${this.#service}"${scope === '' ? '' : `,scope="${scope}"`}${error}`;
    const challenge = this.#options?.challenge?.(proper) ?? proper;
    return new Refusal(401, 'UNAUTHORIZED', 'authentication required', {
      'www-authenticate': typeof challenge === 'string' ? challenge : challenge.join(', '),
    });
  }
}
