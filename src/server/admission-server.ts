import { createServer, type Server } from 'node:https';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2';
import { answerDocument, type AdmissionRoute } from '../admission/index.js';
import { messageOf } from '../core/index.js';
import {
  judging,
  withClientCheck,
  withDeadline,
  withFaults,
  withRecords,
  withRoom,
  withWholeBody,
  type Decider,
  type JudgeInUse,
} from './admission-decide.js';
import type { AdmissionServerOptions } from './admission-options.js';
import { admissionGauges, readinessText } from './admission-status.js';
import { clientOf } from './client-identity.js';
import { dataPathOf, DataRoutes, gatekeeperMs, type DataPath } from './data-routes.js';
import { serveHttp2Beside, type Http2Beside } from './http2-beside.js';
import type { ListenAddress } from './kubesec-server.js';
import { listenOn } from './listen.js';
import { RegularLook } from './regular-look.js';
import { BodyBudget, readReviewBody } from './review-body.js';
import { decisionTimeMs } from './review-deadline.js';
import type { TlsMaterial } from './tls-files.js';

export interface AdmissionServer {
  /** With the port that was taken, where 0 was asked for. */
  readonly address: ListenAddress;
  /** Reads all files again, and opens the log anew. */
  reload(): Promise<void>;
  /**
   * Says first that it is not ready and answers on for a while, then takes no new connections and lets reviews end.
   * Resolves when all have; what is left after the grace is cut off.
   */
  close(times: { readonly announceMs: number; readonly graceMs: number }): Promise<void>;
}

const MiB = 1024 * 1024;
const maxImageReviewBytes = 3 * MiB;
const maxDiscardedBytes = 128 * MiB;
const bodiesAtOnceBytes = 64 * MiB;
const reviewsAtOnce = 2000;
/** API servers close idle connections after 90 s: who closes first must not be us. */
const keepAliveMs = 100_000;

/**
 * Serves `/image-policy` and `/validate` over TLS, beside `/healthz`, `/readyz` and `/metrics`. Whatever goes wrong with a
 * review is a decision that is answered with 200 in its time; only a body without a uid gets 400.
 * @throws ServerError `CANNOT_LISTEN`.
 */
export async function serveAdmission(options: AdmissionServerOptions): Promise<AdmissionServer> {
  const serving = new Serving(options);
  await serving.listen();
  return serving;
}

class Serving implements AdmissionServer {
  readonly #options: AdmissionServerOptions;
  readonly #server: Server;
  readonly #decide: Decider;
  readonly #data: DataRoutes;
  readonly #budget = new BodyBudget(bodiesAtOnceBytes);
  #http2: Http2Beside | undefined;
  readonly #poll: RegularLook;
  #isDraining = false;
  address: ListenAddress;

  constructor(options: AdmissionServerOptions) {
    this.#options = options;
    this.address = options.address;
    this.#poll = new RegularLook((force) => this.#look(force), options.pollMs);
    this.#decide = this.#layers();
    this.#data = this.#dataRoutes();
    const listen = (request: Asking, response: Answering): void => {
      this.#answer(request, response).catch((error: unknown) => {
        options.log('error', `an answer failed: ${messageOf(error)}`);
        response.destroy();
      });
    };
    this.#server = createServer(
      {
        ...tlsOptions(options.tls.value),
        minVersion: 'TLSv1.2',
        requestCert: options.tls.value.ca !== undefined,
        // Probes show no certificate: each route says whom it answers.
        rejectUnauthorized: false,
        handshakeTimeout: 10_000,
        headersTimeout: 10_000,
        requestTimeout: 60_000,
        keepAliveTimeout: keepAliveMs,
        // Over HTTP/2 all reviews of an API server ride one connection, past whatever spreads them over replicas.
        ALPNProtocols: isLoopback(options.address.host) ? ['h2', 'http/1.1'] : ['http/1.1'],
      },
      listen,
    );
    this.#server.maxConnections = 5000;
    // What somebody expects of the way is no fault of their review.
    this.#server.on('checkExpectation', listen);
    if (isLoopback(options.address.host)) this.#http2 = serveHttp2Beside(this.#server, listen, keepAliveMs);
  }

  async listen(): Promise<void> {
    const { address, log } = this.#options;
    this.address = await listenOn(this.#server, address, (error) =>
      log('error', `the listener failed: ${error.message}`),
    );
    this.#poll.start();
  }

  async reload(): Promise<void> {
    await this.#poll.force();
    await this.#options.records.reopen();
  }

  async close({ announceMs, graceMs }: { readonly announceMs: number; readonly graceMs: number }): Promise<void> {
    this.#isDraining = true;
    await this.#poll.stop();
    if (announceMs > 0) await new Promise<void>((resolve) => setTimeout(resolve, announceMs));
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeIdleConnections();
    this.#http2?.finish();
    const timer = setTimeout(() => {
      this.#server.closeAllConnections();
      this.#http2?.destroy();
    }, graceMs);
    await closed;
    clearTimeout(timer);
  }

  async #look(force: boolean): Promise<void> {
    const { tls, policy, breakGlass, scans, opa, log } = this.#options;
    if (await tls.check({ force })) {
      this.#server.setSecureContext({ ...tlsOptions(tls.value), minVersion: 'TLSv1.2' });
      for (const warning of tls.value.warnings) log('warn', warning);
    }
    await policy.check({ force });
    await breakGlass?.check({ force });
    await scans?.refresh({ force });
    await opa?.refresh({ force });
  }

  #layers(): Decider {
    const { policy, clients, records, metrics, log } = this.#options;
    const now = (): Date => new Date();
    const judge = judging(() => this.#judge(), this.#options.maxBodyBytes, now);
    const guarded = withClientCheck(
      withWholeBody(withRoom(judge, reviewsAtOnce, metrics), (route) => this.#maxBytes(route)),
      clients,
    );
    const safe = withFaults(guarded, (error) => log('error', `a review could not be judged: ${messageOf(error)}`));
    return withRecords(withDeadline(safe), {
      metrics,
      write: (record) => records.add(record),
      policyName: () => policy.value.name,
      now,
    });
  }

  #judge(): JudgeInUse {
    const { policy, breakGlass, exemptNamespaces, scans, opa } = this.#options;
    return {
      policy: policy.value.policy,
      policyName: policy.value.name,
      exemptNamespaces,
      breakGlass: breakGlass?.value,
      scans: scans?.source,
      answers: opa?.source,
    };
  }

  #dataRoutes(): DataRoutes {
    const { clients, records, metrics, maxBodyBytes, log } = this.#options;
    return new DataRoutes({
      judge: () => this.#judge(),
      clients: clients.admissionReview,
      metrics,
      write: (record) => records.add(record),
      maxBodyBytes,
      mostAtOnce: reviewsAtOnce,
      log,
    });
  }

  async #answer(request: Asking, response: Answering): Promise<void> {
    // A client that goes away is no error of ours.
    response.on('error', () => {});
    const { url = '/' } = request;
    const path = url.split('?', 1)[0] ?? '';
    const route = routes.get(path);
    const data = dataPathOf(path);
    if (!route && !data) {
      request.resume();
      this.#send(request, response, this.#plainAnswer(path));
    } else if (request.method !== 'POST') {
      request.resume();
      this.#send(request, response, { status: 405, type: plainType, body: 'reviews come by POST\n', allow: 'POST' });
    } else if (data) await this.#question(request, response, data, url);
    else if (route) await this.#review(request, response, route, url);
  }

  async #review(request: Asking, response: Answering, route: AdmissionRoute, url: string): Promise<void> {
    const { metrics, policy, decisionMs } = this.#options;
    const startedAt = performance.now();
    const timeMs = decisionTimeMs(url, decisionMs);
    metrics.inFlight++;
    const announcedBytes = Number(request.headers['content-length']) || 0;
    const bounds = { maxBytes: this.#maxBytes(route), announcedBytes, maxDiscardedBytes, timeMs, budget: this.#budget };
    const body = await readReviewBody(request, bounds);
    try {
      const question = { route, body, client: clientOf(request), startedAt, deadline: startedAt + timeMs };
      const { envelope, verdict } = await this.#decide(question);
      if (!envelope) {
        this.#send(request, response, { status: 400, type: plainType, body: `${verdict.because ?? 'no review'}\n` });
        return;
      }
      const document = answerDocument(envelope, verdict, { policy: policy.value.name });
      this.#send(request, response, { status: 200, type: 'application/json', body: JSON.stringify(document) });
    } finally {
      body.release();
      metrics.inFlight--;
    }
  }

  async #question(request: Asking, response: Answering, path: DataPath, url: string): Promise<void> {
    const { metrics, decisionMs, maxBodyBytes: maxBytes } = this.#options;
    const startedAt = performance.now();
    const timeMs = decisionTimeMs(url, path.route === 'gatekeeper' ? Math.min(decisionMs, gatekeeperMs) : decisionMs);
    metrics.inFlight++;
    const body = await readReviewBody(request, { maxBytes, maxDiscardedBytes, timeMs, budget: this.#budget });
    try {
      const asked = { path, body, client: clientOf(request), startedAt, deadline: startedAt + timeMs };
      const { status, document } = await this.#data.answer(asked);
      this.#send(request, response, { status, type: 'application/json', body: JSON.stringify(document) });
    } finally {
      body.release();
      metrics.inFlight--;
    }
  }

  #plainAnswer(path: string): Reply {
    const { metrics } = this.#options;
    switch (path) {
      case '/healthz':
      case '/livez':
        return { status: 200, type: plainType, body: 'ok\n' };
      case '/readyz': {
        const text = readinessText(this.#options, this.#isDraining);
        return { status: this.#isDraining ? 503 : 200, type: plainType, body: text };
      }
      case '/metrics':
        return {
          status: 200,
          type: 'text/plain; version=0.0.4; charset=utf-8',
          body: metrics.text(admissionGauges(this.#options, this.#isDraining)),
        };
      default:
        return { status: 404, type: plainType, body: 'reviews are taken at /image-policy and /validate\n' };
    }
  }

  #maxBytes(route: AdmissionRoute): number {
    const { maxBodyBytes } = this.#options;
    return route === 'imageReview' ? Math.min(maxImageReviewBytes, maxBodyBytes) : maxBodyBytes;
  }

  #send(request: Asking, response: Answering, { status, type, body, allow }: Reply): void {
    // What was not read to its end would be taken for the next request.
    const closes = request.httpVersionMajor < 2 && (this.#isDraining || !request.complete);
    response.statusCode = status;
    const headers = {
      'content-type': type,
      'content-length': String(Buffer.byteLength(body)),
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      ...(allow === undefined ? {} : { allow }),
      ...(closes ? { connection: 'close' } : {}),
    };
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    if (request.method === 'HEAD') response.end();
    else response.end(body);
  }
}

type Asking = IncomingMessage | Http2ServerRequest;
type Answering = ServerResponse | Http2ServerResponse;

function isLoopback(host: string): boolean {
  return host === '::1' || host.startsWith('127.');
}

interface Reply {
  readonly status: number;
  readonly type: string;
  readonly body: string;
  readonly allow?: string | undefined;
}

const plainType = 'text/plain; charset=utf-8';

/** By path; API servers drop a slash at the end, others may not. */
const routes: ReadonlyMap<string, AdmissionRoute> = new Map([
  ['/image-policy', 'imageReview'],
  ['/image-policy/', 'imageReview'],
  ['/validate', 'admissionReview'],
  ['/validate/', 'admissionReview'],
]);

function tlsOptions({ cert, key, ca }: TlsMaterial): { cert: string; key: string; ca?: string } {
  return { cert, key, ...(ca === undefined ? {} : { ca }) };
}
