import type { PodView } from './pod-view.js';

/** One rule of kubesec's: what it prints, what it is worth, and when it matches. */
export interface KubesecRule {
  readonly id: string;
  readonly selector: string;
  readonly reason: string;
  readonly kinds: readonly string[];
  /** Above 0 for what is good, below for what is bad. */
  readonly points: number;
  /** Shown when rules are listed, and used nowhere. */
  readonly advise: number;
  /** Does the object have what the rule looks for? */
  matches(view: PodView): boolean;
  /** The same without the original's mistake, where it makes one; see docs/kubesec.md. */
  readonly soundly?: ((view: PodView) => boolean) | undefined;
}
