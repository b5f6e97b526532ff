import { defaultRegistry, type Reference } from './reference.js';

/** Whether an image is one that Docker curates, and the fact that decides it. */
export interface OfficialAnswer {
  readonly official: boolean;
  /** One clause without a full stop. */
  readonly why: string;
}

/** Official are exactly the repositories `docker.io/library/<one name>`; mirrors and other spellings of the host are not. */
export function isOfficialImage(reference: Pick<Reference, 'registry' | 'repository'>): OfficialAnswer {
  const { registry, repository } = reference;
  if (registry !== defaultRegistry) {
    const alike =
      registry.toLowerCase() === defaultRegistry ||
      registry.endsWith('docker.io') ||
      registry === 'registry.hub.docker.com';
    const why = alike
      ? `the registry is written ${registry}, which is not docker.io to the programs that pull`
      : `the registry is ${registry}; official images live on docker.io`;
    return { official: false, why };
  }
  const parts = repository.split('/');
  if (parts[0] !== 'library') {
    return {
      official: false,
      why: `the repository belongs to the account "${parts[0] ?? ''}" on Docker Hub, not to "library"`,
    };
  }
  if (parts.length !== 2)
    return { official: false, why: 'the repository lies below library/, but official images have one name there' };
  return { official: true, why: `docker.io/library/${parts[1] ?? ''} is kept by the Docker official images program` };
}
