import type { KubesecCompat } from '../manifest/index.js';
import { parseListenAddress, serveKubesec, ServerError, type RunningServer } from '../server/index.js';
import type { WordsContext } from './command.js';
import type { KubesecWords } from './kubesec-flags.js';
import { refuse, usageOf } from './kubesec-failure.js';
import { chooseChecks } from './kubesec-schemas.js';

const graceMs = 60_000;

/** `kubesec http`: serves until a signal ends it. */
export async function httpCommand(context: WordsContext, words: KubesecWords, compat: KubesecCompat): Promise<number> {
  const { terminal, environment } = context;
  const log = (line: Readonly<Record<string, string | number>>): void => {
    terminal.say(JSON.stringify({ ...line, time: new Date().toISOString() }));
  };
  const text = addressOf(words, environment, log);
  let server: RunningServer;
  try {
    if (text === undefined) {
      throw new ServerError(
        'INVALID_ADDRESS',
        '[[ip:]port] is missing, set CLI argument or use KUBESEC_ADDR environment variable',
      );
    }
    const checks = await chooseChecks(context, words);
    server = await serveKubesec({ address: parseListenAddress(text), compat, checks, log });
  } catch (error) {
    if (error instanceof ServerError) return await refuse(context, error.message, usageOf('http'));
    throw error;
  }
  const { host, port } = server.address;
  log({ level: 'info', msg: 'listening', address: host.includes(':') ? `[${host}]:${port}` : `${host}:${port}` });
  const signal = await nextSignal();
  log({ level: 'info', msg: 'shutting down', signal });
  const again = nextSignal();
  await Promise.race([server.close(graceMs), again]);
  return 0;
}

/** The argument, then the variables. */
function addressOf(
  words: KubesecWords,
  environment: WordsContext['environment'],
  log: (line: Readonly<Record<string, string>>) => void,
): string | undefined {
  const [argument] = words.operands;
  if (argument !== undefined) return argument;
  if (environment.PORT) {
    log({ level: 'warn', msg: 'PORT is deprecated, use KUBESEC_ADDR' });
    return environment.PORT;
  }
  return environment.KUBESEC_ADDR || undefined;
}

function nextSignal(): Promise<string> {
  return new Promise((resolve) => {
    process.once('SIGTERM', () => resolve('SIGTERM'));
    process.once('SIGINT', () => resolve('SIGINT'));
  });
}
