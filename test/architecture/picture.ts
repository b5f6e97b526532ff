import { rooms } from './rooms.js';

/**
 * The picture of the rooms in docs/architecture.md, drawn from the table: an arrow from a room to each room that it may
 * import, without the arrows that other arrows already imply.
 */
export function drawRooms(): string {
  const names = Object.keys(rooms);
  const reach = (room: string): ReadonlySet<string> => {
    const found = new Set<string>();
    const visit = (name: string): void => {
      for (const next of rooms[name]?.mayImport ?? []) {
        if (!found.has(next)) {
          found.add(next);
          visit(next);
        }
      }
    };
    visit(room);
    return found;
  };
  const lines = ['```mermaid', 'flowchart TD'];
  for (const name of names) {
    const shape = rooms[name]?.pure ? `(${name})` : `[${name}]`;
    lines.push(`  ${name}${shape}`);
  }
  for (const name of names) {
    const direct = rooms[name]?.mayImport ?? [];
    const implied = new Set(direct.flatMap((next) => [...reach(next)]));
    for (const next of direct.filter((candidate) => !implied.has(candidate))) lines.push(`  ${name} --> ${next}`);
  }
  lines.push('```');
  return lines.join('\n');
}
