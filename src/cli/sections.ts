import type { Section } from '../config/index.js';

/** Sections of options that work, in the order in which help texts and pages show them. */
export const sections: readonly Section[] = [
  'Image',
  'Report',
  'Selection',
  'Fixes',
  'Database',
  'Registry',
  'Secret',
  'Control plane',
  'Admission',
  'Break-glass',
  'Browser page',
  'Policy engine',
  'General',
];
