// Just enough of the zip format to look into a .vsix: names, sizes, bytes.
import { readFileSync } from 'node:fs';
import { inflateRawSync } from 'node:zlib';

const endOfDirectory = 0x06054b50;

/** @returns {Map<string, () => Buffer>} every file's name and how to read it */
export function readZip(file) {
  const zip = readFileSync(file);
  let end = zip.length - 22;
  while (zip.readUInt32LE(end) !== endOfDirectory) end -= 1;
  const entries = new Map();
  let at = zip.readUInt32LE(end + 16);
  for (let left = zip.readUInt16LE(end + 10); left > 0; left -= 1) {
    const [nameLength, extraLength, commentLength] = [28, 30, 32].map((offset) => zip.readUInt16LE(at + offset));
    const name = zip.toString('utf8', at + 46, at + 46 + nameLength);
    const [method, size, local] = [zip.readUInt16LE(at + 10), zip.readUInt32LE(at + 20), zip.readUInt32LE(at + 42)];
    if (!name.endsWith('/')) entries.set(name, () => bytesAt(zip, local, size, method));
    at += 46 + nameLength + extraLength + commentLength;
  }
  return entries;
}

function bytesAt(zip, local, size, method) {
  const begin = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28);
  const bytes = zip.subarray(begin, begin + size);
  return method === 0 ? bytes : inflateRawSync(bytes);
}
