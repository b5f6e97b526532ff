import { randomBytes } from 'node:crypto';
import { userInfo } from 'node:os';
import { admissionTicketOptions, ConfigError, readUserBytes, type Settings } from '../../config/index.js';
import {
  AdmissionError,
  breakGlassKey,
  readTicketKey,
  ticketImageProblem,
  writeTicket,
} from '../../admission/index.js';
import { CliError } from '../cli-error.js';
import type { Command, CommandArguments, CommandContext, Outcome } from '../command.js';
import { exitCodes } from '../exit-codes.js';
import { writeOutput } from '../output.js';

/** `tidewaiter admission ticket`: a signed permission. */
export const admissionTicket: Command = {
  positionals: [],
  options: admissionTicketOptions,
  examples: [
    {
      line: 'tidewaiter admission ticket --key ticket.pem --namespace shop --image docker.io/library/nginx --reason "INC-4711"',
      does: 'an hour in which the namespace shop may run nginx, whatever the policy says',
    },
    {
      line: 'openssl genpkey -algorithm ed25519 -out ticket.pem && openssl pkey -in ticket.pem -pubout -out ticket.pub',
      does: 'a key to sign with, and its half for admission serve --break-glass-key',
    },
  ],
  notes: [
    'The ticket goes to standard output; it stands in an annotation of the pod (of a Deployment: of its template).\nEach use is in the audit log, in the audit annotations and warnings of the answer, and in the metrics.',
  ],
  run,
};

async function run(context: CommandContext, { settings }: CommandArguments): Promise<Outcome> {
  const path = required(settings, 'key');
  const bytes = await readUserBytes(path, 'key');
  if (!bytes) throw new ConfigError('FILE_NOT_FOUND', `there is no key ${path}`, { hint: 'name a file that exists' });
  const images = settings.list('image');
  for (const image of images) {
    const problem = ticketImageProblem(image);
    if (problem !== undefined) throw new AdmissionError('INVALID_TICKET', `--image "${image}" ${problem}`);
  }
  const now = context.now();
  const ticket = {
    id: randomBytes(6).toString('hex'),
    namespaces: settings.list('namespace'),
    images,
    issuer: settings.text('issuer') ?? userInfo().username,
    reason: settings.text('reason') ?? '',
    issuedAt: now,
    expiresAt: new Date(now.getTime() + (settings.number('valid-for') ?? 0)),
  };
  const text = writeTicket(ticket, readTicketKey(bytes, path));
  await writeOutput([`${text}\n`], undefined, context.terminal);
  const key = breakGlassKey(settings.text('break-glass-prefix') ?? 'tidewaiter');
  context.log('info', `annotation ${key}, until ${ticket.expiresAt.toISOString()}`);
  return { exitCode: exitCodes.pass };
}

function required(settings: Settings, name: string): string {
  const text = settings.text(name);
  if (text !== undefined) return text;
  throw new CliError('MISSING_ARGUMENT', `--${name} is missing`, { hint: 'see tidewaiter admission ticket --help' });
}
