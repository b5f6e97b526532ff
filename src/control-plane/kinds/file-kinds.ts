import type { FaultKind } from './fault-kind.js';

/** Files themselves, whatever is in them. */
export const fileKinds = {
  'file-missing': {
    severity: 'error',
    why: 'the API server ends when a file that it is told to read is not there',
    fix: 'put the file there, or name the right path',
  },
  'file-is-folder': {
    severity: 'error',
    why: 'the API server ends: a folder cannot be read as a file',
    fix: 'name a file; where a container engine made a folder because the host path was missing, remove it first',
  },
  'file-forbidden': {
    severity: 'error',
    why: 'the user that the API server runs as may not read it, so that it does not start',
    fix: 'change owner or mode so that this user can read the file',
  },
  'key-world-readable': {
    severity: 'warning',
    why: 'every user of the host can take the key and pass for the API server, or for the webhook',
    fix: 'chmod 600 the file',
  },
  'yaml-broken': {
    severity: 'error',
    why: 'the file cannot be read, so that the API server does not start',
    fix: 'correct the line',
  },
  'yaml-tab': {
    severity: 'error',
    why: 'YAML is indented with blanks only; at a tab reading ends, and the API server does not start',
    fix: 'write blanks instead of the tab',
  },
  'byte-order-mark': {
    severity: 'note',
    why: 'an invisible mark stands before the first character; some readers stumble over it',
    fix: 'save the file as UTF-8 without a byte order mark',
  },
  'windows-lines': {
    severity: 'note',
    why: 'lines end as on Windows; YAML allows it, shells and systemd do not',
    fix: 'save the file with plain line ends',
  },
  'repeated-key': {
    severity: 'warning',
    why: 'of two equal keys only the last one counts, and strict readers refuse both',
    fix: 'leave one of them',
  },
  'several-documents': {
    severity: 'warning',
    why: 'only the first document of the file is read; the others have no effect',
    fix: 'put everything into one document, or the others into files of their own',
  },
} as const satisfies Readonly<Record<string, FaultKind>>;
