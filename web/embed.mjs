// Turns the built page into what the program contains: node embed.mjs BUILT_DIRECTORY OUT_DIRECTORY
// writes every file plain and, where that is smaller, as gzip and brotli, page_bytes.S that includes
// their bytes, and page_files.inc with a row for each (see src/app/page.c).
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { extname, join, relative } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

const [built, out] = process.argv.slice(2);
const types = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.webmanifest': 'application/manifest+json',
  '.png': 'image/png',
};

function filesBelow(directory) {
  return readdirSync(directory)
    .sort()
    .flatMap((name) => {
      const path = join(directory, name);
      return statSync(path).isDirectory() ? filesBelow(path) : [path];
    });
}

function brotli(bytes) {
  return brotliCompressSync(bytes, {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
      [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
    },
  });
}

const sha256 = (bytes, encoding) => createHash('sha256').update(bytes).digest(encoding);

// Inline scripts of the one HTML file, and the style that SvelteKit's announcer of page changes
// carries: what the content security policy lets through, by hash.
function policyOf(html, scripts) {
  const inline = [...html.matchAll(/<script>([^]*?)<\/script>/g)].map((found) => found[1]);
  const styles = scripts
    .flatMap((script) => [...script.matchAll(/\sstyle="([^"{}]+)"/g)])
    .map((found) => found[1]);
  const hashes = (texts) =>
    [...new Set(texts)].map((text) => ` 'sha256-${sha256(text, 'base64')}'`).join('');
  return [
    "default-src 'none'",
    `script-src 'self'${hashes(inline)}`,
    styles.length ? `style-src 'self' 'unsafe-hashes'${hashes(styles)}` : "style-src 'self'",
    "img-src 'self' data: blob:",
    "font-src 'self'",
    "connect-src 'self'",
    "manifest-src 'self'",
    "worker-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}

rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });
const quoted = (text) => JSON.stringify(text);
const rows = [];
const assembly = ['    .section .rodata', '    .balign 16'];
const files = filesBelow(built);

function include(label, bytes) {
  const file = join(out, label);
  writeFileSync(file, bytes);
  assembly.push(
    `    .globl ${label}, ${label}_end`,
    `${label}:`,
    `    .incbin ${quoted(file)}`,
    `${label}_end:`,
  );
}

files.forEach((file, i) => {
  const bytes = readFileSync(file);
  const type = types[extname(file)];
  if (!type) throw new Error(`${file}: no content type is known for it`);
  const path = '/' + relative(built, file);
  const codings = { plain: bytes, gzip: gzipSync(bytes, { level: 9 }), brotli: brotli(bytes) };
  for (const [coding, coded] of Object.entries(codings))
    include(
      `page_${i}_${coding}`,
      coding === 'plain' || coded.length < bytes.length ? coded : Buffer.alloc(0),
    );
  const kept = path.startsWith('/_app/immutable/');
  rows.push(
    `PAGE_FILE(${i}, ${quoted(path)}, ${quoted(type)}, ${quoted(sha256(bytes, 'hex').slice(0, 24))}, ${kept})`,
  );
});
assembly.push('    .section .note.GNU-stack, "", %progbits', '');

const html = readFileSync(join(built, 'index.html'), 'utf8');
const scripts = files
  .filter((file) => file.endsWith('.js'))
  .map((file) => readFileSync(file, 'utf8'));
writeFileSync(join(out, 'page_policy.inc'), quoted(policyOf(html, scripts)) + '\n');
writeFileSync(join(out, 'page_files.inc'), rows.join('\n') + '\n');
writeFileSync(join(out, 'page_bytes.S'), assembly.join('\n'));
