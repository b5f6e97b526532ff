import { createServer, type Server } from 'node:https';
import { messageOf } from '../../core/index.js';
import type { ListenAddress } from '../kubesec-server.js';
import { listenOn } from '../listen.js';
import { RegularLook } from '../regular-look.js';
import type { AdmissionPage, AdmissionPageOptions } from './admission-page.js';
import { readTlsFiles, type TlsMaterial } from '../tls-files.js';
import { Watched } from '../watched.js';
import { readPageFiles, type PageFiles } from './page-files.js';
import { plain, sendReply } from './page-reply.js';
import { answerPage } from './page-routes.js';
import { readPageToken, type PageToken } from './page-token.js';
import { RecentDecisions } from './recent-decisions.js';
import { Sessions } from './sessions.js';
import { TokenAttempts } from './token-attempts.js';
import { Turns } from './turns.js';

const wrongTokenMs = 1000;
const closeGraceMs = 1000;
/** Of a connection on which nothing moves: also one whose reader takes no answers. */
const stillMs = 20_000;

/**
 * Serves the page over TLS.
 * @throws as `openAdmissionPage` does.
 */
export async function servePage(options: AdmissionPageOptions, files?: PageFiles): Promise<AdmissionPage> {
  const { tls, tokenPath, log } = options;
  const page = new PageServing(options, {
    files: files ?? (await readPageFiles()),
    tls: await Watched.open({
      what: 'the certificates of the page',
      paths: Object.values(tls).filter((path) => path !== undefined),
      load: () => readTlsFiles(tls),
      log,
    }),
    token:
      tokenPath === undefined
        ? undefined
        : await Watched.open({
            what: 'the token of the page',
            paths: [tokenPath],
            load: () => readPageToken(tokenPath),
            log,
          }),
  });
  await page.listen();
  return page;
}

interface PageParts {
  readonly files: PageFiles;
  readonly tls: Watched<TlsMaterial>;
  readonly token: Watched<PageToken> | undefined;
}

class PageServing implements AdmissionPage {
  readonly #options: AdmissionPageOptions;
  readonly #parts: PageParts;
  readonly #recent = new RecentDecisions();
  readonly #server: Server;
  readonly #poll: RegularLook;
  address: ListenAddress;
  readonly records: AdmissionPage['records'];

  constructor(options: AdmissionPageOptions, parts: PageParts) {
    this.#options = options;
    this.#parts = parts;
    this.address = options.address;
    this.#poll = new RegularLook((force) => this.#look(force), options.pollMs);
    this.records = this.#recordsThrough();
    this.#server = createServer({
      ...tlsOptions(parts.tls.value),
      requestCert: options.tls.clientAuthorities !== undefined,
      // Who shows no certificate may still sign in.
      rejectUnauthorized: false,
      handshakeTimeout: 10_000,
      headersTimeout: 10_000,
      requestTimeout: 20_000,
      keepAliveTimeout: 30_000,
      ALPNProtocols: ['http/1.1'],
    });
    this.#server.maxConnections = 200;
    this.#server.setTimeout(stillMs);
    this.#answerRequests();
  }

  async listen(): Promise<void> {
    const { address, log } = this.#options;
    this.address = await listenOn(this.#server, address, (error) =>
      log('error', `the page's listener failed: ${error.message}`),
    );
    this.#poll.start();
  }

  async reload(): Promise<void> {
    await this.#poll.force();
  }

  async close(): Promise<void> {
    await this.#poll.stop();
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeIdleConnections();
    const timer = setTimeout(() => this.#server.closeAllConnections(), closeGraceMs);
    await closed;
    clearTimeout(timer);
  }

  async #look(force: boolean): Promise<void> {
    const { tls, token } = this.#parts;
    const { ca } = tls.value;
    if (await tls.check({ force })) {
      this.#server.setSecureContext(tlsOptions(tls.value));
      // On open connections certificates were checked with the authorities before, and a page that polls never ends its own.
      if (tls.value.ca !== ca) this.#server.closeAllConnections();
    }
    await token?.check({ force });
  }

  #answerRequests(): void {
    const { log, clientNames, tls } = this.#options;
    const { files, tls: ownTls, token } = this.#parts;
    const routes = {
      options: this.#options,
      files,
      watched: token ? [ownTls, token] : [ownTls],
      recent: this.#recent,
      startedAt: new Date(),
      turns: new Turns(),
      sessions: new Sessions(() => performance.now()),
      attempts: new TokenAttempts({
        delayMs: this.#options.wrongTokenMs ?? wrongTokenMs,
        warn: (message) => log('warn', message),
      }),
      token: () => token?.value,
      clientNames: tls.clientAuthorities === undefined ? undefined : clientNames,
    };
    this.#server.on('request', (request, response) => {
      // A reader that goes away is no error of ours.
      response.on('error', () => {});
      answerPage(request, routes)
        .catch((error: unknown) => {
          if (!request.destroyed) log('error', `the page could not answer: ${messageOf(error)}`);
          return plain(500, 'an internal error, which the log of the server tells');
        })
        .then((reply) => sendReply(request, response, reply))
        .catch(() => response.destroy());
    });
  }

  /** The log comes first, and what goes wrong with the page is no matter of a decision. */
  #recordsThrough(): AdmissionPage['records'] {
    const { log, watching } = this.#options;
    const { records } = watching;
    const recent = this.#recent;
    let isTold = false;
    return {
      get problem() {
        return records.problem;
      },
      get waiting() {
        return records.waiting;
      },
      reopen: () => records.reopen(),
      add(record) {
        records.add(record);
        try {
          recent.add(record);
        } catch (error) {
          if (!isTold) log('error', `the page misses a decision: ${messageOf(error)}`);
          isTold = true;
        }
      },
    };
  }
}

function tlsOptions({ cert, key, ca }: TlsMaterial): { cert: string; key: string; ca?: string; minVersion: 'TLSv1.2' } {
  return { cert, key, ...(ca === undefined ? {} : { ca }), minVersion: 'TLSv1.2' };
}
