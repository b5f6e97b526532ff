import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';

export interface Measured {
  readonly seconds: number;
  readonly peakBytes: number;
  /** Of all its threads, up to the last look before it ended. */
  readonly cpuSeconds: number;
  readonly exitCode: number | null;
}

/** Ticks of /proc in a second, on every Linux that matters. */
const ticks = 100;

/** Runs a command as a whole process: wall time, and the processor time and highest resident memory that /proc told of. */
export async function measure(
  command: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<Measured> {
  const [program = '', ...rest] = command;
  const started = process.hrtime.bigint();
  const child = spawn(program, rest, { stdio: 'ignore', env: { ...process.env, ...environment } });
  let peakBytes = 0;
  let cpuSeconds = 0;
  const look = (): void => {
    try {
      const kilobytes = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1];
      peakBytes = Math.max(peakBytes, Number(kilobytes ?? 0) * 1024);
      const fields = readFileSync(`/proc/${child.pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
      cpuSeconds = Math.max(cpuSeconds, (Number(fields[11] ?? 0) + Number(fields[12] ?? 0)) / ticks);
    } catch {
      // The process has ended between two looks, or there is no /proc: what was seen so far counts.
    }
  };
  const timer = setInterval(look, 20);
  const exitCode = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', resolve);
  });
  clearInterval(timer);
  return { seconds: Number(process.hrtime.bigint() - started) / 1e9, peakBytes, cpuSeconds, exitCode };
}

export interface Candidate {
  readonly name: string;
  readonly command: readonly string[];
  /** Done before each run, untimed. */
  readonly before?: (() => void) | undefined;
}

/** Runs every candidate `runs` times, turn by turn so that a slow minute hits all alike, and takes the medians. */
export async function compare(candidates: readonly Candidate[], runs: number): Promise<ReadonlyMap<string, Measured>> {
  const all = new Map<string, Measured[]>();
  for (let run = 0; run < runs; run++) {
    for (const candidate of candidates) {
      candidate.before?.();
      const measured = await measure(candidate.command);
      all.set(candidate.name, [...(all.get(candidate.name) ?? []), measured]);
    }
  }
  return new Map([...all].map(([name, list]) => [name, median(list)]));
}

function median(list: readonly Measured[]): Measured {
  const sorted = [...list].sort((a, b) => a.seconds - b.seconds);
  const middle = sorted[Math.floor(sorted.length / 2)] ?? {
    seconds: Number.NaN,
    peakBytes: 0,
    cpuSeconds: 0,
    exitCode: null,
  };
  return { ...middle, peakBytes: Math.max(...list.map((one) => one.peakBytes)) };
}
