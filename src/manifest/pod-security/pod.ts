import type { JsonValue } from '../../formats/index.js';
import { Field, type UnreadableField } from './field.js';

/** A container of any kind. */
export interface PodContainer {
  /** Its name, or its place in the list if it has none. */
  readonly name: string;
  readonly field: Field;
  readonly securityContext: Field;
}

/** One of the places that may set what holds for processes. */
export interface SecurityContext {
  readonly field: Field;
  readonly from: 'pod' | 'container';
  readonly container?: string;
}

/** A pod, or the template of one, as the checks read it. */
export class Pod {
  readonly #root: Field;
  readonly #report: (field: UnreadableField) => void;
  #containers: readonly PodContainer[] | undefined;
  /** What was unreadable on the way to the containers: every check that asks for them hears of it. */
  readonly #hidden: UnreadableField[] = [];
  #isReadingContainers = false;
  readonly #isPart: boolean;

  /**
   * @param report hears of every field that a check needed and could not read, perhaps several times.
   * @param isPart it may lack its main containers.
   */
  constructor(value: JsonValue, report: (field: UnreadableField) => void, isPart = false) {
    this.#isPart = isPart;
    this.#root = Field.root(value, (field) => {
      if (this.#isReadingContainers) this.#hidden.push(field);
      else report(field);
    });
    this.#report = report;
  }

  get annotations(): Field {
    return this.#root.at('metadata', 'annotations');
  }

  get spec(): Field {
    return this.#root.at('spec');
  }

  get securityContext(): Field {
    return this.spec.at('securityContext');
  }

  /** Init containers, containers, ephemeral containers, each in its order. */
  containers(): readonly PodContainer[] {
    this.#containers ??= this.#readContainers();
    for (const field of this.#hidden) this.#report(field);
    return this.#containers;
  }

  #readContainers(): readonly PodContainer[] {
    this.#isReadingContainers = true;
    const { spec } = this;
    const containers = spec.at('containers');
    const all = [spec.at('initContainers'), containers, spec.at('ephemeralContainers')];
    const read = all.flatMap((list) => list.items().flatMap(readContainer));
    if (!spec.isSet) spec.unreadable('is missing');
    else if (spec.isReadable && !containers.isSet && !this.#isPart) containers.unreadable('is missing');
    else if (containers.isReadable && containers.items().length === 0 && !this.#isPart)
      containers.unreadable('is empty');
    this.#isReadingContainers = false;
    return read;
  }

  /** The pod's security context, then those of the containers. */
  securityContexts(): readonly SecurityContext[] {
    const ofContainers = this.containers().map(
      ({ name, securityContext }): SecurityContext => ({ field: securityContext, from: 'container', container: name }),
    );
    return [{ field: this.securityContext, from: 'pod' }, ...ofContainers];
  }

  /** It says that it runs on Windows. */
  isWindows(): boolean {
    return this.spec.at('os', 'name').string() === 'windows';
  }

  /** Its user 0 is not the node's. */
  hasUserNamespace(): boolean {
    return this.spec.at('hostUsers').boolean() === false;
  }
}

function readContainer(field: Field): readonly PodContainer[] {
  if (!field.isMapping()) {
    if (!field.isSet) field.unreadable('is empty');
    return [];
  }
  const name = field.at('name').value;
  const [list, index] = field.path.slice(-2);
  return [
    {
      name: typeof name === 'string' && name !== '' ? name : `${list}[${index}]`,
      field,
      securityContext: field.at('securityContext'),
    },
  ];
}
