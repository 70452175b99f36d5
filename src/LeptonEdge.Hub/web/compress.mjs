// Beside each text file its brotli and gzip forms, made once here and not for each request.
import fs from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import zlib from 'node:zlib';

const brotli = promisify(zlib.brotliCompress);
const gzip = promisify(zlib.gzip);
const TEXT = new Set(['.html', '.js', '.css', '.json', '.svg', '.webmanifest']);
const SMALL = 256;

export async function compress(folder) {
  const files = fs.readdirSync(folder, { recursive: true })
    .map((name) => path.join(folder, name))
    .filter((file) => TEXT.has(path.extname(file)) && fs.statSync(file).size >= SMALL);
  await Promise.all(files.map(async (file) => {
    const plain = fs.readFileSync(file);
    const params = {
      [zlib.constants.BROTLI_PARAM_QUALITY]: 11,
      [zlib.constants.BROTLI_PARAM_SIZE_HINT]: plain.length,
    };
    fs.writeFileSync(`${file}.br`, await brotli(plain, { params }));
    fs.writeFileSync(`${file}.gz`, await gzip(plain, { level: 9 }));
  }));
}
