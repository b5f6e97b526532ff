import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { formatReference, parseReference } from '../../src/reference/index.js';
import { buildImage, containerdExport, dockerArchive, type ImageSpec } from './image-builder.js';

/** An image as a daemon keeps it. */
export interface DaemonImage {
  readonly id: string;
  /** In any spelling, with a tag or a digest. */
  readonly names: readonly string[];
  readonly inspect: Readonly<Record<string, unknown>>;
  /** What `docker save` gives; `platform` as the query has it. */
  readonly save: (platform: string | null) => Uint8Array;
}

/** What is sent in place of an answer; with `cutAfter` the connection ends after so many bytes of the body. */
export interface RawAnswer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  readonly cutAfter?: number;
  /** The connection stays open behind the body, and nothing comes any more. */
  readonly stall?: boolean;
}

export interface DockerApiOptions {
  readonly images: readonly DaemonImage[];
  /** Default: a free TCP port of the loopback address. */
  readonly socketPath?: string;
  /** Speak TLS, and ask for a client certificate of this authority. */
  readonly tls?: { readonly cert: string; readonly key: string; readonly clientCa?: string };
  /** Asked before each answer, with the path and query of the request. */
  readonly fault?: (path: string) => RawAnswer | undefined;
}

export interface DockerApi {
  /** As `DOCKER_HOST` has it. */
  readonly host: string;
  /** Paths and queries that were asked for, in order. */
  readonly requests: readonly string[];
  readonly close: () => Promise<void>;
}

/** An image as a daemon without an image store of containerd's keeps it: one platform, and named by its config. */
export function daemonImage(
  spec: ImageSpec,
  names: readonly string[],
  inspect: Readonly<Record<string, unknown>> = {},
): DaemonImage {
  const { imageId } = buildImage(spec);
  const [os, architecture, variant = ''] = (spec.platform ?? 'linux/amd64').split('/');
  const tags = names.filter((name) => !name.includes('@'));
  const digests = names.filter((name) => name.includes('@'));
  const members = {
    Id: imageId,
    RepoTags: tags,
    RepoDigests: digests,
    Os: os,
    Architecture: architecture,
    Variant: variant,
  };
  const archive = dockerArchive({ ...spec, tags });
  return { id: imageId, names, inspect: { ...members, ...inspect }, save: () => archive };
}

/** An image of several platforms as Docker keeps it in an image store of containerd's, named by its index. */
export function indexedImage(
  specs: readonly ImageSpec[],
  names: readonly string[],
  options: { readonly id: string; readonly absent?: readonly ImageSpec[] },
): DaemonImage {
  const manifests = specs.map((spec) => {
    const { manifestDigest } = buildImage(spec);
    const [os, architecture, variant] = (spec.platform ?? 'linux/amd64').split('/');
    const available = !options.absent?.includes(spec);
    const platform = { os, architecture, ...(variant ? { variant } : {}) };
    const descriptor = { digest: manifestDigest, size: 1, mediaType: 'application/vnd.oci.image.manifest.v1+json' };
    return {
      ID: manifestDigest,
      Descriptor: descriptor,
      Available: available,
      Kind: 'image',
      ImageData: { Platform: platform },
    };
  });
  const inspect = {
    Id: options.id,
    RepoTags: names.filter((name) => !name.includes('@')),
    RepoDigests: names.filter((name) => name.includes('@')),
    Os: 'linux',
    Architecture: 'amd64',
    Descriptor: { mediaType: 'application/vnd.oci.image.index.v1+json', digest: options.id, size: 1 },
    Manifests: manifests,
  };
  const without = (options.absent ?? []).flatMap((spec) => {
    const { manifestDigest, imageId } = buildImage(spec);
    return [manifestDigest, imageId];
  });
  const named = { name: names[0] ?? 'x' };
  const here = specs.filter((spec) => !options.absent?.includes(spec));
  const save = (platform: string | null) => {
    if (platform === null) return containerdExport(specs, { index: 'nested', ...named, without });
    const { os, architecture } = JSON.parse(platform) as { os: string; architecture: string };
    const meant = here.filter((spec) => (spec.platform ?? 'linux/amd64').startsWith(`${os}/${architecture}`));
    return containerdExport(meant, named);
  };
  return { id: options.id, names, inspect, save };
}

/**
 * The part of Docker's API that gives images, over TCP, TLS or a socket, at the root or `/below/a/path`. It ends with the
 * test.
 */
export async function startDockerApi(
  test: { after(run: () => Promise<void>): void },
  options: DockerApiOptions,
): Promise<DockerApi> {
  const requests: string[] = [];
  const listener: RequestListener = (request, response) => {
    requests.push(request.url ?? '');
    respond(request, response, options);
  };
  const { tls, socketPath } = options;
  const server = tls
    ? createTlsServer(
        { cert: tls.cert, key: tls.key, ca: tls.clientCa, requestCert: tls.clientCa !== undefined },
        listener,
      )
    : createServer(listener);
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => {});
  });
  await new Promise<void>((resolve) => {
    if (socketPath) server.listen(socketPath, resolve);
    else server.listen(0, '127.0.0.1', resolve);
  });
  const close = async () => {
    if (!server.listening) return;
    const closed = new Promise<void>((resolve) => void server.close(() => resolve()));
    for (const socket of sockets) socket.destroy();
    await closed;
  };
  test.after(close);
  const host = socketPath ? `unix://${socketPath}` : `tcp://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { host, requests, close };
}

function respond(request: IncomingMessage, response: ServerResponse, { images, fault }: DockerApiOptions): void {
  const path = request.url ?? '';
  const faulty = fault?.(path);
  if (faulty) {
    sendRaw(response, faulty);
    return;
  }
  const url = new URL(path, 'http://docker');
  const [, name = '', what] = /^(?:\/below\/a\/path)?\/images\/(.+)\/(json|get)$/.exec(url.pathname) ?? [];
  const image = find(images, decodeURIComponent(name));
  if (what === undefined) sendJson(response, 404, { message: 'page not found' });
  else if (!image) sendJson(response, 404, { message: `No such image: ${name}` });
  else if (what === 'get') {
    response.writeHead(200, { 'content-type': 'application/x-tar', 'api-version': '1.48' });
    response.end(image.save(url.searchParams.get('platform')));
  } else {
    const { Manifests: manifests, ...inspect } = image.inspect;
    sendJson(response, 200, url.searchParams.get('manifests') === '1' ? { ...inspect, Manifests: manifests } : inspect);
  }
}

function find(images: readonly DaemonImage[], name: string): DaemonImage | undefined {
  const hex = name.startsWith('sha256:') ? name.slice('sha256:'.length) : name;
  return (
    images.find((image) => image.names.some((other) => inFull(other) === inFull(name))) ??
    images.find(({ id }) => /^[0-9a-f]+$/.test(hex) && id.startsWith(`sha256:${hex}`))
  );
}

/** A digest makes a tag void. */
function inFull(name: string): string {
  try {
    const { registry, repository, tag, digest } = parseReference(name);
    return formatReference(digest === undefined ? { registry, repository, tag } : { registry, repository, digest });
  } catch {
    return name;
  }
}

function sendJson(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json', 'api-version': '1.48' });
  response.end(JSON.stringify(value));
}

function sendRaw(
  response: ServerResponse,
  { status = 200, headers = {}, body = '', cutAfter, stall }: RawAnswer,
): void {
  const bytes = typeof body === 'string' ? new TextEncoder().encode(body) : body;
  response.writeHead(status, { ...headers });
  if (stall) response.write(bytes);
  else if (cutAfter === undefined) response.end(bytes);
  else response.write(bytes.subarray(0, cutAfter), () => response.destroy());
}
