/** Fails where the first page is too heavy, where something inline slipped in, and hands over the trusted documents. */
import { copyFileSync, readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

/** Bytes (gzip) of scripts and styles that the first page needs: index.html's, with all they import. */
const LIMIT_BYTES = 350_000;

const dist = process.env.DIST ?? 'dist';
const manifest = JSON.parse(readFileSync(`${dist}/.vite/manifest.json`, 'utf8'));
const html = readFileSync(`${dist}/index.html`, 'utf8');

/** Files that come with a chunk: its own, its styles, and those of what it imports at once. */
function filesOf(name, seen = new Set()) {
  const chunk = manifest[name];
  if (seen.has(chunk.file)) return seen;
  seen.add(chunk.file);
  for (const style of chunk.css ?? []) seen.add(style);
  for (const imported of chunk.imports ?? []) filesOf(imported, seen);
  return seen;
}

const first = filesOf('index.html');
filesOf('src/pages/today/Today.tsx', first);
const sizes = [...first].map((file) => [file, gzipSync(readFileSync(`${dist}/${file}`)).length]);
const total = sizes.reduce((sum, [, size]) => sum + size, 0);
for (const [file, size] of sizes) console.log(`${String(size).padStart(8)}  ${file}`);
console.log(`${String(total).padStart(8)}  bytes gzip for the first page, of ${LIMIT_BYTES}`);

const faults = [];
if (total > LIMIT_BYTES) faults.push(`the first page takes ${total} bytes, more than ${LIMIT_BYTES}`);
if (/<style|<script(?![^>]*\ssrc=)|\sstyle=|\son\w+=/i.test(html))
  faults.push('index.html has something inline');
if (/(?:src|href)="(?:https?:)?\/\//i.test(html)) faults.push('index.html names another host');
if (faults.length > 0) {
  console.error(faults.join('\n'));
  process.exit(1);
}
copyFileSync('src/gql/persisted-documents.json', `${dist}/trusted-documents.json`);
