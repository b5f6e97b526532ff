import { type Context, createContext } from '../../../src/core/index.js';
import type { ConsideredCredential, Credential, CredentialSource } from '../../../src/credentials/index.js';
import { createHttpClient, type HttpOptions } from '../../../src/http/index.js';
import {
  type BlobSource,
  createRegistryClient,
  type RegistryClient,
  type RegistryOptions,
} from '../../../src/registry/index.js';
import { parseDigest } from '../../../src/reference/index.js';
import { sha256 } from '../image-builder.js';

/** A client as a test wants it. Waits take no time. */
export interface TestClientOptions extends Partial<Omit<RegistryOptions, 'http' | 'sleep'>> {
  readonly http?: Partial<HttpOptions>;
  readonly context?: Partial<Context>;
}

export interface TestClient {
  readonly client: RegistryClient;
  readonly context: Context;
  /** Lines of all levels: `warn: ...`. */
  readonly log: readonly string[];
  /** Waits that were asked for, in milliseconds. */
  readonly waits: readonly number[];
}

/** A client over real connections, which end with the test. */
export function testClient(
  test: { after(run: () => Promise<void>): void },
  options: TestClientOptions = {},
): TestClient {
  const { http: httpOptions, context: contextMembers, ...rest } = options;
  const log: string[] = [];
  const waits: number[] = [];
  const sleep = async (ms: number): Promise<void> => {
    waits.push(ms);
    await new Promise((resolve) => setImmediate(resolve));
  };
  const http = createHttpClient({ userAgent: 'tidewaiter/test', sleep, ...httpOptions });
  const client = createRegistryClient({ http, credentials: offering(), sleep, ...rest });
  const context = createContext({ log: (level, line) => log.push(`${level}: ${line}`), ...contextMembers });
  test.after(async () => {
    await client.close();
    await http.close();
  });
  return { client, context, log, waits };
}

/** A credential source that offers these to whoever asks, in this order. */
export function offering(...credentials: readonly Credential[]): CredentialSource {
  return offeringFor(() => credentials);
}

/** A credential source that decides by name. */
export function offeringFor(
  choose: (registry: string, repository: string) => readonly Credential[],
  anonymousAfterRefusal = false,
): CredentialSource {
  return {
    anonymousAfterRefusal,
    consider: (_context, { registry, repository }) =>
      Promise.resolve(
        choose(registry, repository).map(
          (credential, index): ConsideredCredential => ({
            origin: `place ${index + 1}`,
            key: registry,
            matches: true,
            why: 'the test says so',
            username: credential.username,
            load: () => Promise.resolve(credential),
          }),
        ),
      ),
  };
}

/** Bytes to push, handed out in pieces. */
export function blobSource(bytes: Uint8Array, pieceBytes = 10_000): BlobSource & { readonly opened: number[] } {
  const opened: number[] = [];
  return {
    opened,
    digest: parseDigest(sha256(bytes)),
    sizeBytes: bytes.length,
    async *open(start) {
      opened.push(start);
      for (let at = start; at < bytes.length; at += pieceBytes) yield bytes.subarray(at, at + pieceBytes);
    },
  };
}

/** All bytes of a stream. */
export async function readAll(stream: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  for await (const piece of stream) pieces.push(new Uint8Array(piece));
  return new Uint8Array(Buffer.concat(pieces));
}

/** Bytes that look like nothing, the same every time. */
export function noise(length: number, seed = 1): Uint8Array {
  const bytes = new Uint8Array(length);
  let state = seed;
  for (let at = 0; at < length; at++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    bytes[at] = state >>> 24;
  }
  return bytes;
}
