/** A plain ustar archive of regular files, for archives of advisories and databases. */
export function tarOf(
  files: Readonly<Record<string, Uint8Array>> | readonly (readonly [string, Uint8Array])[],
): Uint8Array {
  const entries = Array.isArray(files) ? files : Object.entries(files);
  const parts = entries.flatMap(([name, bytes]: readonly [string, Uint8Array]) => [
    header(name, bytes.length),
    bytes,
    Buffer.alloc(Math.ceil(bytes.length / 512) * 512 - bytes.length),
  ]);
  return Buffer.concat([...parts, Buffer.alloc(1024)]);
}

function header(name: string, size: number): Uint8Array {
  const block = Buffer.alloc(512);
  block.write(name, 0, 100, 'utf8');
  block.write('0000644\0', 100);
  block.write('0000000\0', 108);
  block.write('0000000\0', 116);
  block.write(`${size.toString(8).padStart(11, '0')}\0`, 124);
  block.write('00000000000\0', 136);
  block.write('        ', 148);
  block.write('0', 156);
  block.write('ustar', 257);
  block.write('00', 263);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return block;
}
