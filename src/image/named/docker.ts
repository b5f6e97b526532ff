import type { Context } from '../../core/index.js';
import type { OpenedImages } from '../image.js';
import { findDockerEndpoint } from './docker-host.js';
import { openFromDaemon } from './docker-open.js';
import type { NamedImage, NamedSource } from './named-source.js';

/** The images of the Docker service, found as docker's command line finds it. */
export const docker = {
  id: 'docker',
  title: 'Docker',
  async open(context: Context, wanted: NamedImage): Promise<OpenedImages> {
    const endpoint = await findDockerEndpoint(wanted);
    return await openFromDaemon(context, { endpoint, title: docker.title }, wanted);
  },
} as const satisfies NamedSource;
