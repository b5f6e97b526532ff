import { asArray, asObject, parseJson } from '../../formats/index.js';
import type { Cataloger } from '../cataloger.js';
import { perFile } from '../per-file.js';

/** Is Ubuntu Pro's extended maintenance (ESM) of the base system on? It adds to what another file says of the OS. */
export const ubuntuAdvantage = {
  id: 'ubuntu-advantage',
  version: 1,
  kind: 'os',
  tells: 'release',
  maxBytes: 1024 * 1024,
  wants: (path) => path === 'var/lib/ubuntu-advantage/status.json',
  start: () =>
    perFile((file) => {
      const services = asArray(asObject(parseJson(file.bytes))?.services) ?? [];
      const enabled = services.some((item) => {
        const service = asObject(item);
        return service?.name === 'esm-infra' && service.status === 'enabled';
      });
      return enabled ? { operatingSystems: [{ path: file.path, family: 'ubuntu', name: '', extended: true }] } : {};
    }),
} as const satisfies Cataloger;
