import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { build } from 'esbuild';
import { repoPath, temporaryFolder } from '../../test/support/paths.js';
import { FirstSeen, type FirstSeenOptions, type SeenFinding } from './index.js';

const app = { registry: 'registry.example.com', repository: 'team/app' };
const other = { registry: 'registry.example.com', repository: 'team/other' };
const dayMs = 86_400_000;
const start = Date.parse('2026-11-24T00:00:00Z');
const day = (nth: number): string => new Date(start + nth * dayMs).toISOString();
const find = (vulnerabilityId: string, packageName = 'openssl', publishedAt?: string): SeenFinding => ({
  vulnerabilityId,
  packageName,
  publishedAt,
});

interface Setting {
  readonly dir: string;
  readonly log: string[];
  readonly clock: { day: number };
  readonly open: (more?: Partial<FirstSeenOptions>) => FirstSeen;
  /** Opens, asks, and waits until all is on the disk. */
  readonly see: (findings: readonly SeenFinding[], where?: typeof app) => Promise<readonly (string | undefined)[]>;
}

function setUp(t: TestContext): Setting {
  const dir = join(temporaryFolder(t), 'state', 'first-seen');
  const log: string[] = [];
  const clock = { day: 0 };
  const opened: FirstSeen[] = [];
  t.after(async () => void (await Promise.all(opened.map((one) => one.close()))));
  const open = (more: Partial<FirstSeenOptions> = {}): FirstSeen => {
    const now = (): Date => new Date(start + clock.day * dayMs);
    const one = new FirstSeen({
      dir,
      now,
      log: (_, message) => void log.push(message),
      lookMs: 0,
      lockGoneMs: 50,
      ...more,
    });
    opened.push(one);
    return one;
  };
  return {
    dir,
    log,
    clock,
    open,
    async see(findings, where = app) {
      const store = open();
      const times = await timesOf(store, findings, where);
      await store.close();
      return times;
    },
  };
}

async function timesOf(
  store: FirstSeen,
  findings: readonly SeenFinding[],
  where = app,
  record = true,
): Promise<readonly (string | undefined)[]> {
  return (await store.withTimes(where, findings, { record })).map(({ firstSeenAt }) => firstSeenAt);
}

const records = (dir: string): readonly string[] => readdirSync(dir).filter((name) => name.endsWith('.json'));

void test('a vulnerability of a package is first seen once in a repository, whatever is built and tagged', async (t) => {
  const { clock, see } = setUp(t);
  assert.deepEqual(await see([find('CVE-1'), find('CVE-2')]), [day(0), day(0)]);
  clock.day = 5;
  assert.deepEqual(await see([find('CVE-1'), find('CVE-3'), find('CVE-1', 'busybox')]), [day(0), day(5), day(5)]);
  assert.deepEqual(await see([find('CVE-1')], other), [day(5)]);
  clock.day = 400;
  assert.deepEqual(await see([find('CVE-2'), find('CVE-3')]), [day(0), day(5)]);
});

void test('times are the same at once, later in the process, and in another', async (t) => {
  const { clock, open } = setUp(t);
  const [one, two] = [open(), open()];
  const findings = [find('CVE-1')];
  assert.deepEqual(await timesOf(one, findings), [day(0)]);
  clock.day = 1;
  assert.deepEqual(await timesOf(one, findings), [day(0)]);
  await one.flush();
  assert.deepEqual(await timesOf(two, findings), [day(0)]);
  assert.deepEqual(await timesOf(one, findings), [day(0)]);
});

void test('what may not be recorded is answered as if it were, and leaves nothing behind', async (t) => {
  const { dir, clock, open, see } = setUp(t);
  const store = open();
  assert.deepEqual(await timesOf(store, [find('CVE-1')], app, false), [day(0)]);
  await store.close();
  assert.throws(() => readdirSync(dir));
  clock.day = 3;
  assert.deepEqual(await timesOf(store, [find('CVE-1')], app, false), [day(3)]);
  assert.deepEqual(await see([find('CVE-1')]), [day(3)]);
});

void test('two that see something at once agree on the earlier time, and none loses what the other wrote', async (t) => {
  const { clock, open, see } = setUp(t);
  const stores = Array.from({ length: 8 }, () => open());
  const shared = find('CVE-0');
  for (const [at, store] of stores.entries()) {
    clock.day = 8 - at;
    await timesOf(store, [shared, find(`CVE-1-${at}`)]);
  }
  await Promise.all(stores.map((store) => store.flush()));
  clock.day = 20;
  const own = stores.map((_, at) => find(`CVE-1-${at}`));
  assert.deepEqual(await see([shared, ...own]), [day(1), ...stores.map((_, at) => day(8 - at))]);
});

void test('a damaged record is kept aside, and nothing older than the damage gets a time', async (t) => {
  const { dir, log, clock, see } = setUp(t);
  await see([find('CVE-1')]);
  const [name = ''] = records(dir);
  const whole = readFileSync(join(dir, name), 'utf8');
  clock.day = 10;
  const damages = [
    whole.slice(0, -20),
    '',
    '[]',
    '['.repeat(100_000),
    whole.replace('team/app', 'team/ape'),
    whole.replace('2026-11', 'never'),
    `{"version":1,"repository":"registry.example.com/team/app","seen":[["x\\ny"]]}`,
    'x'.repeat(9_000_000),
  ];
  for (const damage of damages) {
    rmSync(join(dir, `${name}.damaged`), { force: true });
    writeFileSync(join(dir, name), damage);
    log.length = 0;
    const older = find('CVE-1', 'openssl', day(-100));
    const newer = find('CVE-9', 'openssl', day(11));
    assert.deepEqual(await see([older, find('CVE-2')]), [undefined, undefined], damage.slice(0, 50));
    assert.equal(log.length, 1);
    assert.equal(readFileSync(join(dir, `${name}.damaged`), 'utf8'), damage);
    clock.day = 12;
    assert.deepEqual(await see([older, newer, find('CVE-2')]), [undefined, day(12), undefined]);
    clock.day = 10;
  }
});

void test('what is in memory is written again when its file is damaged or gone', async (t) => {
  const { dir, clock, open, see } = setUp(t);
  const store = open();
  await timesOf(store, [find('CVE-1')]);
  await store.flush();
  const [name = ''] = records(dir);
  clock.day = 4;
  for (const change of [() => writeFileSync(join(dir, name), 'no'), () => rmSync(join(dir, name))]) {
    change();
    assert.deepEqual(await timesOf(store, [find('CVE-1')]), [day(0)]);
    await store.flush();
    assert.deepEqual(await see([find('CVE-1')]), [day(0)]);
  }
});

void test('a clock that was wrong gives nobody more time', async (t) => {
  const { clock, see } = setUp(t);
  clock.day = 3000;
  assert.deepEqual(await see([find('CVE-1')]), [day(3000)]);
  clock.day = 2;
  assert.deepEqual(await see([find('CVE-1')]), [day(2)]);
  clock.day = 1;
  assert.deepEqual(await see([find('CVE-1')]), [day(1)]);
  clock.day = 9;
  assert.deepEqual(await see([find('CVE-1')]), [day(1)]);
});

void test('what cannot be kept has no time, until it can', async (t) => {
  if (process.platform === 'win32') return t.skip('no permission bits here');
  const { dir, log, clock, open } = setUp(t);
  mkdirSync(dir, { recursive: true });
  chmodSync(dir, 0o777);
  const store = open({ retryMs: 5 });
  assert.deepEqual(await timesOf(store, [find('CVE-1')]), [undefined]);
  assert.ok(store.problem);
  await store.flush();
  assert.equal(log.length, 1);
  chmodSync(dir, 0o700);
  clock.day = 2;
  assert.deepEqual(await timesOf(store, [find('CVE-1')]), [day(2)]);
  await store.flush();
  assert.equal(store.problem, undefined);
  assert.equal(records(dir).length, 1);
});

void test('a folder that cannot be made: no time once that is known, one warning, and nothing waits', async (t) => {
  const { log, open } = setUp(t);
  const folder = temporaryFolder(t);
  writeFileSync(join(folder, 'file'), '');
  for (const dir of [join(folder, 'file', 'x'), '/proc/none/here']) {
    log.length = 0;
    const store = open({ dir, retryMs: 1 });
    await timesOf(store, [find('CVE-1')]);
    await store.flush();
    assert.deepEqual(await timesOf(store, [find('CVE-1'), find('CVE-2')]), [undefined, undefined], dir);
    assert.equal(log.length, 1, dir);
    assert.ok(store.problem);
    await store.close();
  }
});

void test('bounds: so many repositories and entries, and who came first keeps the time', async (t) => {
  const { dir, clock, open, see } = setUp(t);
  const store = open({ maxRepositories: 3, retryMs: 100_000 });
  const nth = (at: number): typeof app => ({ registry: 'r.example.com', repository: `r${at}` });
  for (const at of [0, 1, 2]) await timesOf(store, [find('CVE-1')], nth(at));
  await store.flush();
  await timesOf(store, [find('CVE-1')], nth(3));
  await store.flush();
  assert.deepEqual(await timesOf(store, [find('CVE-1')], nth(3)), [undefined]);
  assert.deepEqual(await timesOf(store, [find('CVE-1')], nth(0)), [day(0)]);
  assert.equal(records(dir).length, 3);
  // Those that nobody has seen for a year may go.
  for (const name of records(dir)) utimesSync(join(dir, name), 1, 1);
  const later = open({ maxRepositories: 3 });
  await timesOf(later, [find('CVE-1')], nth(4));
  await later.flush();
  assert.deepEqual(await timesOf(later, [find('CVE-1')], nth(4)), [day(0)]);
  const many = Array.from({ length: 20_500 }, (_, at) => find(`CVE-${at}`, 'x'));
  assert.equal((await see(many)).filter((time) => time === undefined).length, 500);
  clock.day = 1;
  assert.deepEqual(
    (await see(many)).slice(0, 20_000),
    Array.from({ length: 20_000 }, () => day(0)),
  );
  assert.deepEqual(await see([find('CVE-'.repeat(1000)), find('CVE-1\n2', 'x')]), [undefined, undefined]);
});

void test('a lock that somebody left behind does not last', async (t) => {
  const { dir, see, open } = setUp(t);
  await see([find('CVE-1')]);
  const [name = ''] = records(dir);
  writeFileSync(join(dir, `${name}.lock`), '');
  const store = open();
  // Who asks does not wait for it.
  assert.deepEqual(await timesOf(store, [find('CVE-2')]), [day(0)]);
  await store.close();
  assert.match(readFileSync(join(dir, name), 'utf8'), /CVE-2/);
});

void test('what is no plain file in the place of a record is damage, and a link leads nowhere', async (t) => {
  const { dir, open, see } = setUp(t);
  await see([find('CVE-1')]);
  const [name = ''] = records(dir);
  rmSync(join(dir, name));
  mkdirSync(join(dir, name));
  assert.deepEqual(await see([find('CVE-1')]), [undefined]);
  rmSync(join(dir, name));
  symlinkSync('/etc/hostname', join(dir, name));
  const store = open();
  assert.deepEqual(await timesOf(store, [find('CVE-1')]), [undefined]);
  await store.flush();
  assert.ok(store.problem);
});

void test('many processes at once, some killed: nothing that was kept is lost', async (t) => {
  const { dir, clock, see } = setUp(t);
  const program = join(temporaryFolder(t), 'writer.mjs');
  const source = `import { FirstSeen } from ${JSON.stringify(repoPath('src/first-seen/index.ts'))};
    const [, , dir, seed] = process.argv;
    const store = new FirstSeen({ dir, now: () => new Date(${start} + Number(seed) * ${dayMs}), log() {}, lookMs: 0, lockGoneMs: 1000 });
    for (let i = 0; i < 40; i++) {
      const findings = ['shared', seed + '-' + i].map((vulnerabilityId) => ({ vulnerabilityId, packageName: 'x' }));
      await store.withTimes({ registry: 'registry.example.com', repository: 'team/app' }, findings, { record: true });
      await store.flush();
      if (store.problem) process.exit(9);
    }
    await store.close();`;
  await build({
    stdin: { contents: source, resolveDir: repoPath() },
    outfile: program,
    bundle: true,
    platform: 'node',
    format: 'esm',
  });
  const run = (seed: number, killAfterMs?: number): Promise<number | null> =>
    new Promise((resolve) => {
      const child = spawn(process.execPath, [program, dir, String(seed)], { stdio: 'inherit' });
      if (killAfterMs !== undefined) setTimeout(() => child.kill('SIGKILL'), killAfterMs);
      child.on('close', resolve);
    });
  const codes = await Promise.all([run(3), run(2), run(4, 90), run(5, 130)]);
  assert.deepEqual(codes.slice(0, 2), [0, 0]);
  const all = [2, 3].flatMap((seed) => Array.from({ length: 40 }, (_, at) => find(`${seed}-${at}`, 'x')));
  const expected = [2, 3].flatMap((seed) => Array.from({ length: 40 }, () => day(seed)));
  clock.day = 20;
  assert.deepEqual(await see([find('shared', 'x'), ...all]), [day(2), ...expected]);
  assert.deepEqual(
    readdirSync(dir).filter((name) => name.endsWith('.lock')),
    [],
  );
});
