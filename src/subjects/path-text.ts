import type { YamlPath } from '../formats/index.js';

/** `spec.containers[0].image`. */
export function pathText(path: YamlPath): string {
  return path.reduce<string>((text, step) => {
    if (typeof step === 'number') return `${text}[${step}]`;
    if (!/^[A-Za-z0-9_-]+$/.test(step)) return `${text}[${JSON.stringify(step.slice(0, 100))}]`;
    return text === '' ? step : `${text}.${step}`;
  }, '');
}
