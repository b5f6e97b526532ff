import type { CelType, Declarations } from '../../expressions/index.js';
import type { Fact } from './fact.js';

const string: CelType = { kind: 'string' };
const timestamp: CelType = { kind: 'timestamp' };

const image: CelType = {
  kind: 'message',
  name: 'Image',
  fields: {
    text: string,
    registry: string,
    repository: string,
    tag: string,
    digest: string,
    official: { kind: 'bool' },
    slot: string,
    container: string,
  },
};

const finding: CelType = {
  kind: 'message',
  name: 'Finding',
  fields: {
    id: string,
    package: string,
    installed: string,
    fixed: string,
    severity: string,
    cvss: { kind: 'double' },
    published: timestamp,
    firstSeen: timestamp,
  },
};

/** As Kubernetes' own expressions spell it. */
const request: CelType = {
  kind: 'message',
  name: 'Request',
  fields: {
    operation: string,
    namespace: string,
    userInfo: { kind: 'message', name: 'UserInfo', fields: { username: string, groups: { kind: 'list', of: string } } },
  },
};

/** What an expression may mention, by name: its type, the fact that it needs, and whether it is of one image. */
export const expressionVariables = {
  image: { type: image, needs: 'name', ofImage: true },
  findings: { type: { kind: 'list', of: finding }, needs: 'scan', ofImage: true },
  scannedAt: { type: timestamp, needs: 'scan', ofImage: true },
  databaseUpdatedAt: { type: timestamp, needs: 'scan', ofImage: true },
  images: { type: { kind: 'list', of: image }, needs: 'name', ofImage: false },
  object: { type: { kind: 'dyn' }, needs: 'object', ofImage: false },
  podSpec: { type: { kind: 'dyn' }, needs: 'object', ofImage: false },
  namespaceName: { type: string, needs: 'namespace', ofImage: false },
  labels: { type: { kind: 'map', of: string }, needs: 'labels', ofImage: false },
  operation: { type: string, needs: 'request', ofImage: false },
  user: { type: string, needs: 'request', ofImage: false },
  groups: { type: { kind: 'list', of: string }, needs: 'request', ofImage: false },
  request: { type: request, needs: 'request', ofImage: false },
  now: { type: timestamp, needs: undefined, ofImage: false },
} as const satisfies Readonly<Record<string, ExpressionVariable>>;

interface ExpressionVariable {
  readonly type: CelType;
  readonly needs: Fact | undefined;
  readonly ofImage: boolean;
}

export type VariableName = keyof typeof expressionVariables;

export const variableNames = Object.keys(expressionVariables) as readonly VariableName[];

/** For the compiler. */
export const variableTypes: Declarations = Object.fromEntries(
  Object.entries(expressionVariables).map(([name, { type }]) => [name, type]),
);
