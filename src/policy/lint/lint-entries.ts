import type { YamlPath } from '../../formats/index.js';
import { fitsImage, type ImagePattern } from '../document/image-pattern.js';
import type { Policy, RegistriesCheck } from '../document/policy.js';
import { quote } from '../document/quote.js';
import type { Oddity } from './oddity.js';

/** Entries that are spelt in a way that no program that pulls spells, or that do nothing beside the others. */
export function lintEntries({ rules, exceptions }: Policy): readonly Oddity[] {
  const ofRules = rules.flatMap((rule, at) => {
    const path: YamlPath = ['rules', at];
    const own = rule.check.id === 'registries' ? lintRegistries(rule.check, [...path, 'registries']) : [];
    return [
      ...own,
      ...lintList(rule.match?.images, [...path, 'match', 'images'], 'refuse'),
      ...lintList(rule.exclude?.images, [...path, 'exclude', 'images'], 'grant'),
    ];
  });
  const ofExceptions = exceptions.flatMap((one, at) => lintList(one.images, ['exceptions', at, 'images'], 'grant'));
  return [...ofRules, ...ofExceptions];
}

function lintRegistries({ allow, deny }: RegistriesCheck, path: YamlPath): readonly Oddity[] {
  const oddities = [...lintList(allow, [...path, 'allow'], 'grant'), ...lintList(deny, [...path, 'deny'], 'refuse')];
  if (!allow) {
    oddities.push({
      path,
      code: 'NO_FENCE',
      message: 'what is not denied is allowed, and another port or name of the same host is another registry',
      hint: 'list what is allowed',
    });
    return oddities;
  }
  if (allow.length * deny.length > maxCompared ** 2) return oddities;
  for (const [at, entry] of allow.entries()) {
    const denied = deny.find((other) => covers(other, entry));
    if (!denied) continue;
    oddities.push({
      path: [...path, 'allow', at],
      code: 'UNREACHABLE',
      message: `${quote(entry.text)} allows nothing: ${quote(denied.text)} denies all of it`,
      hint: 'leave one of them out',
    });
  }
  for (const [at, entry] of deny.entries()) {
    if (allow.some((other) => mayMeet(other, entry))) continue;
    oddities.push({
      path: [...path, 'deny', at],
      code: 'NO_EFFECT',
      message: `${quote(entry.text)} denies what no entry allows anyway`,
      hint: 'leave it out',
    });
  }
  return oddities;
}

/** Longer lists are made by programs: comparing each entry with each takes too long. */
const maxCompared = 2000;

function lintList(
  entries: readonly ImagePattern[] | undefined,
  path: YamlPath,
  use: 'grant' | 'refuse',
): readonly Oddity[] {
  return (entries ?? []).flatMap((entry, at) => {
    const here = [...path, at];
    const spelling = spellingOf(entry, use);
    if (spelling) return [{ path: here, ...spelling }];
    if ((entries?.length ?? 0) > maxCompared) return [];
    const wider = entries?.find(
      (other, index) => index !== at && covers(other, entry) && (index < at || !covers(entry, other)),
    );
    if (!wider) return [];
    const message = `${quote(entry.text)} adds nothing to ${quote(wider.text)}`;
    return [{ path: here, code: 'UNREACHABLE' as const, message, hint: 'leave it out' }];
  });
}

function spellingOf(entry: ImagePattern, use: 'grant' | 'refuse'): Omit<Oddity, 'path'> | undefined {
  const { text, registry, segments } = entry;
  if (text.startsWith('index.docker.io')) {
    const message = `${quote(text)} is read as ${quote(text.replace('index.docker.io', 'docker.io'))}`;
    return { code: 'SPELLING', message, hint: 'write docker.io, as all messages do' };
  }
  if (hubHosts.has(registry.toLowerCase())) {
    const message = `${quote(registry)} is another registry than docker.io to the programs that pull`;
    return { code: 'NEVER_MATCHES', message, hint: 'write docker.io if Docker Hub is meant' };
  }
  if (use === 'grant' && registry !== registry.toLowerCase()) {
    const message = `${quote(text)} fits only images whose registry is written in the same case`;
    return { code: 'NEVER_MATCHES', message, hint: `write ${text.toLowerCase()}` };
  }
  const [first = ''] = segments;
  if (registry === 'docker.io' && segments.length === 1 && officialNames.has(first)) {
    const message = `${quote(text)} is the account ${quote(first)} on Docker Hub, not the official image`;
    return { code: 'NEVER_MATCHES', message, hint: `write docker.io/library/${first}` };
  }
  return undefined;
}

const hubHosts: ReadonlySet<string> = new Set(['registry-1.docker.io', 'registry.hub.docker.com', 'hub.docker.com']);

/** The official images that are named most; accounts of these names hold nothing that anybody means. */
const officialNames: ReadonlySet<string> = new Set(
  `alpine amazoncorretto bash busybox caddy cassandra centos composer consul debian docker eclipse-temurin elasticsearch
   fedora ghost golang gradle haproxy hello-world httpd influxdb java jenkins joomla kibana kong logstash mariadb maven
   memcached mongo mysql nats neo4j nextcloud nginx node openjdk perl php postgres python rabbitmq redis registry ruby rust
   solr sonarqube telegraf tomcat traefik ubuntu vault wordpress zookeeper`.split(/\s+/),
);

/** Does the first fit all that the second fits? Only where that is plain to see. */
function covers(wide: ImagePattern, narrow: ImagePattern): boolean {
  if (wide.registry !== narrow.registry) {
    if (narrow.registry.includes('*') || narrow.isGlob || !wide.registry.includes('*')) return false;
    const whole = { registry: narrow.registry, repository: narrow.segments.join('/') || 'x' };
    return (
      !wide.segments.some((segment) => segment.includes('*')) &&
      wide.segments.length === 0 &&
      fitsImage(wide, whole, 'grant')
    );
  }
  if (wide.segments.length === 0) return true;
  if (wide.segments.some((segment) => segment.includes('*')))
    return wide.segments.join('/') === narrow.segments.join('/');
  return wide.segments.every((segment, at) => segment === narrow.segments[at]);
}

/** Could one image fit both? Yes, unless it is plain to see that none can. */
function mayMeet(a: ImagePattern, b: ImagePattern): boolean {
  if (!a.registry.includes('*') && !b.registry.includes('*') && a.registry.toLowerCase() !== b.registry.toLowerCase()) {
    return false;
  }
  const length = Math.min(a.segments.length, b.segments.length);
  for (let at = 0; at < length; at++) {
    const [left = '', right = ''] = [a.segments[at], b.segments[at]];
    if (left.includes('*') || right.includes('*')) return true;
    if (left !== right) return false;
  }
  return true;
}
