// What `dotnet build` of the hub runs: node build.mjs FOLDER. Installs the packages when the lock file changed, checks
// the types, bundles, and compresses into FOLDER/dist. FOLDER/built.txt is written last: it says that all of it is there.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { compress } from './compress.mjs';

const here = import.meta.dirname;
const folder = path.resolve(process.argv[2] ?? path.join(here, '../obj/web'));
const dist = path.join(folder, 'dist');
const stamp = path.join(folder, 'built.txt');
const bin = path.join(here, 'node_modules');

fs.mkdirSync(folder, { recursive: true });
await withLock(path.join(folder, 'lock'), async () => {
  if (isFresh()) return;
  fs.rmSync(stamp, { force: true });
  await install();
  await Promise.all([
    run(process.execPath, [path.join(bin, 'typescript/bin/tsc'), '--noEmit']),
    run(process.execPath, [
      path.join(bin, 'vite/bin/vite.js'), 'build', '--outDir', dist, '--emptyOutDir', '--logLevel', 'warn',
    ]),
  ]);
  await compress(dist);
  fs.writeFileSync(stamp, `${fs.readdirSync(dist, { recursive: true }).sort().join('\n')}\n`);
});

/** Another build may have done the work while this one waited. */
function isFresh() {
  if (!fs.existsSync(stamp)) return false;
  const built = fs.statSync(stamp).mtimeMs;
  return fs.readdirSync(here, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !path.relative(here, entry.parentPath).startsWith('node_modules'))
    .every((entry) => fs.statSync(path.join(entry.parentPath, entry.name)).mtimeMs <= built);
}

async function install() {
  const mark = path.join(bin, '.installed');
  const wanted = createHash('sha256').update(fs.readFileSync(path.join(here, 'package-lock.json')))
    .update(`${process.platform} ${process.arch}`).digest('hex');
  if (fs.existsSync(mark) && fs.readFileSync(mark, 'utf8') === wanted) return;
  await run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel', 'error']);
  fs.writeFileSync(mark, wanted);
}

function run(command, args) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: here, shell: process.platform === 'win32' && command === 'npm' });
    let said = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => { said += text; });
    child.on('error', reject);
    child.on('close', (code) => (code === 0 ? resolve() : reject(new Error(`${command} ${args.join(' ')}\n${said}`))));
  }).catch((fault) => {
    console.error(`The dashboard cannot be built: ${fault.message}`);
    release();
    process.exit(1);
  });
}

/** One build of the dashboard at a time on a machine: two projects may refer to the hub with different settings. */
async function withLock(file, work) {
  while (!take(file)) await new Promise((resolve) => setTimeout(resolve, 200));
  process.once('exit', release);
  await work();
}

function take(file) {
  try {
    fs.writeFileSync(file, String(process.pid), { flag: 'wx' });
    return true;
  } catch {
    const holder = Number(fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : 0);
    if (holder > 0 && !isAlive(holder)) fs.rmSync(file, { force: true });
    return false;
  }
}

function isAlive(process_) {
  try {
    process.kill(process_, 0);
    return true;
  } catch (fault) {
    return fault.code === 'EPERM';
  }
}

function release() {
  fs.rmSync(path.join(folder, 'lock'), { force: true });
}
