import type { Option } from '../option.js';

const engine = { group: 'works', section: 'Policy engine' } as const;

/** For rules that ask a server of Open Policy Agent. */
export const opaOptions: readonly Option[] = [
  {
    name: 'opa-token',
    type: 'text',
    key: 'opa.token',
    valueName: 'file',
    summary: 'show the token in this file to the OPA that rules ask (all of them the same server)',
    ...engine,
  },
  {
    name: 'opa-ca',
    type: 'text',
    key: 'opa.ca',
    valueName: 'file',
    summary: 'authorities of its certificate, PEM, beside those that the system trusts',
    ...engine,
  },
];

/** For commands that end. */
export const noOpaOption: Option = {
  name: 'no-opa',
  type: 'switch',
  fallback: 'false',
  summary: 'ask no OPA; rules that need one make the verdict incomplete',
  ...engine,
};
