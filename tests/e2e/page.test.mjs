// How the page comes out of the program: which file, in which coding, with which headers.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { request } from 'node:http';
import { test } from 'node:test';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { serve } from './server.mjs';

// As it is on the wire: nothing decoded, no path put in order, no header added.
function wire(server, path, { method = 'GET', headers = {} } = {}) {
  const { hostname, port } = new URL(server.url);
  return new Promise((resolve, reject) => {
    const sent = request({ hostname, port, path, method, headers, agent: false }, (answer) => {
      const pieces = [];
      answer.on('data', (piece) => pieces.push(piece));
      answer.on('error', reject);
      answer.on('end', () =>
        resolve({ status: answer.statusCode, headers: answer.headers, body: Buffer.concat(pieces) }),
      );
    });
    sent.on('error', reject);
    sent.end();
  });
}

const coded = (server, path, coding) =>
  wire(server, path, { headers: { 'accept-encoding': coding } });

const sha256 = (bytes, encoding) => createHash('sha256').update(bytes).digest(encoding);

// The files that the document loads: "/_app/immutable/entry/start.C7x2.js".
async function loaded(server) {
  const document = (await wire(server, '/')).body.toString();
  return [...document.matchAll(/(?:href|src)="(\/[^"]+)"/g)]
    .map((found) => found[1])
    .filter((path) => !path.startsWith('/api/'));
}

test('every address of a screen is the one document, without a sign-in', async (t) => {
  const { server } = await serve(t);
  const first = await wire(server, '/');
  assert.equal(first.status, 200);
  assert.equal(first.headers['content-type'], 'text/html; charset=utf-8');
  assert.equal(first.headers['cache-control'], 'no-cache');
  assert.match(first.body.toString(), /^<!doctype html>/);
  for (const path of ['/partners', '/partners/ptn_0amyethhc0005?from=2020-01-01', '/no/such/screen',
    '/index.html']) {
    const answer = await wire(server, path);
    assert.equal(answer.status, 200, path);
    assert.ok(answer.body.equals(first.body), path);
  }
});

test('what the document loads is there, kept for ever where its name holds a hash', async (t) => {
  const { server } = await serve(t);
  const paths = await loaded(server);
  assert.ok(paths.filter((path) => path.startsWith('/_app/immutable/')).length > 3, `${paths}`);
  for (const path of paths) {
    const { status, headers } = await wire(server, path);
    assert.equal(status, 200, path);
    assert.equal(headers['cache-control'], path.startsWith('/_app/immutable/')
      ? 'public, max-age=31536000, immutable' : 'no-cache', path);
    assert.match(headers['content-type'], path.endsWith('.js') ? /^text\/javascript; charset=utf-8$/
      : path.endsWith('.css') ? /^text\/css; charset=utf-8$/ : /^image\/svg\+xml$/, path);
  }
  assert.match((await wire(server, '/robots.txt')).body.toString(), /Disallow: \//);
});

test('each coding is smaller and decodes to the same file', async (t) => {
  const { server } = await serve(t);
  const paths = ['/', ...(await loaded(server))];
  let smaller = 0;
  for (const path of paths) {
    const plain = await coded(server, path, 'identity');
    assert.equal(plain.headers['content-encoding'], undefined, path);
    assert.equal(plain.headers.etag, `"${sha256(plain.body, 'hex').slice(0, 24)}"`, path);
    for (const [coding, decode] of [['br', brotliDecompressSync], ['gzip', gunzipSync]]) {
      const answer = await coded(server, path, coding);
      assert.equal(answer.headers.vary, 'Accept-Encoding', path);
      assert.equal(Number(answer.headers['content-length']), answer.body.length, path);
      if (!answer.headers['content-encoding']) continue;
      assert.equal(answer.headers['content-encoding'], coding, path);
      assert.ok(answer.body.length < plain.body.length, path);
      assert.ok(decode(answer.body).equals(plain.body), path);
      assert.notEqual(answer.headers.etag, plain.headers.etag, path);
      smaller++;
    }
  }
  assert.ok(smaller > paths.length, `${smaller} of ${paths.length} files`);
});

test('a client says which coding it wants', async (t) => {
  const { server } = await serve(t);
  const choice = async (accepted) =>
    (await coded(server, '/', accepted)).headers['content-encoding'] ?? 'identity';
  assert.equal((await wire(server, '/')).headers['content-encoding'], undefined);
  assert.equal(await choice('gzip, deflate, br, zstd'), 'br');
  assert.equal(await choice('gzip, deflate'), 'gzip');
  assert.equal(await choice('br;q=0.2, gzip;q=0.8'), 'gzip');
  assert.equal(await choice('br;q=0, *'), 'gzip');
  assert.equal(await choice('identity, br;q=0.5'), 'identity');
});

test('a file that the browser has is not sent again', async (t) => {
  const { server } = await serve(t);
  const { etag } = (await coded(server, '/', 'br')).headers;
  const ask = (tag, coding = 'br') =>
    wire(server, '/', { headers: { 'accept-encoding': coding, 'if-none-match': tag } });
  for (const tag of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
    const again = await ask(tag);
    assert.equal(again.status, 304, tag);
    assert.equal(again.body.length, 0);
    assert.equal(again.headers.etag, etag);
    assert.equal(again.headers.vary, 'Accept-Encoding');
    assert.equal(again.headers['cache-control'], 'no-cache');
  }
  assert.equal((await ask('"other"')).status, 200);
  assert.equal((await ask(etag, 'gzip')).status, 200);
});

test('HEAD tells what GET would send', async (t) => {
  const { server } = await serve(t);
  for (const path of ['/', '/partners', '/favicon.svg']) {
    const got = await coded(server, path, 'br');
    const head = await wire(server, path, { method: 'HEAD', headers: { 'accept-encoding': 'br' } });
    assert.equal(head.status, 200, path);
    assert.equal(head.body.length, 0);
    const { date: one, ...before } = got.headers;
    const { date: other, ...after } = head.headers;
    assert.ok(one && other);
    delete before['x-request-id'];
    delete after['x-request-id'];
    assert.deepEqual(after, before);
  }
});

test('the policy names what the document holds, and nothing else runs', async (t) => {
  const { server } = await serve(t);
  const { headers, body } = await wire(server, '/sign-in');
  const policy = new Map(headers['content-security-policy'].split('; ').map((directive) => {
    const [name, ...sources] = directive.split(' ');
    return [name, sources];
  }));
  const inline = [...body.toString().matchAll(/<script>([^]*?)<\/script>/g)];
  const hashes = inline.map((found) => `'sha256-${sha256(found[1], 'base64')}'`);
  assert.ok(hashes.length > 0);
  assert.deepEqual(policy.get('script-src'), ["'self'", ...hashes]);
  assert.deepEqual(policy.get('default-src'), ["'none'"]);
  assert.deepEqual(policy.get('frame-ancestors'), ["'none'"]);
  assert.deepEqual(policy.get('base-uri'), ["'none'"]);
  assert.deepEqual(policy.get('connect-src'), ["'self'"]);
  assert.doesNotMatch(headers['content-security-policy'], /unsafe-inline|unsafe-eval|https?:|\*/);
  assert.equal(headers['x-content-type-options'], 'nosniff');
  assert.equal(headers['referrer-policy'], 'same-origin');
  assert.equal(headers['cross-origin-opener-policy'], 'same-origin');
  assert.match(headers['permissions-policy'], /camera=\(\)/);
});

test('scripts and styles carry no headers that only documents need', async (t) => {
  const { server } = await serve(t);
  for (const path of [...(await loaded(server)), '/favicon.svg']) {
    const { headers } = await wire(server, path);
    const isPart = /\.(js|css)$/.test(path);
    for (const name of ['content-security-policy', 'permissions-policy', 'referrer-policy'])
      assert.equal(headers[name] === undefined, isPart, `${path}: ${name}`);
    assert.equal(headers['x-content-type-options'], 'nosniff', path);
    assert.equal(headers['cross-origin-resource-policy'], 'same-origin', path);
  }
});

test('what is no screen and no file stays a problem', async (t) => {
  const { server } = await serve(t);
  for (const path of ['/api', '/api/', '/api/v1', '/api/v1/nothing', '/api/v2/partners',
    '/_app/immutable/entry/gone.js', '/_app/nothing', '/wp-login.php', '/robots.txt.bak']) {
    const answer = await wire(server, path);
    assert.equal(answer.status, 404, path);
    assert.equal(answer.headers['content-type'], 'application/problem+json', path);
    assert.equal(JSON.parse(answer.body).status, 404, path);
  }
  for (const method of ['POST', 'PUT', 'DELETE']) {
    const answer = await wire(server, '/partners', { method });
    assert.equal(answer.status, 404, method);
    assert.equal(answer.headers['content-type'], 'application/problem+json', method);
  }
});

test('no path leads out of the page', async (t) => {
  const { server } = await serve(t);
  for (const path of ['/../../etc/passwd', '/_app/../../../etc/passwd', '/%2e%2e/%2e%2e/etc/passwd',
    '/..%2f..%2fetc%2fpasswd', '//etc/passwd', '/index.html%00.js', '/_app/immutable/']) {
    const answer = await wire(server, path);
    assert.ok([400, 404].includes(answer.status), `${path}: ${answer.status}`);
    assert.doesNotMatch(answer.body.toString(), /root:|<!doctype/);
  }
});

test('answers of the API run nothing and are embedded nowhere', async (t) => {
  const { server } = await serve(t);
  for (const path of ['/healthz', '/api/v1/session', '/api/v1/nothing']) {
    const { headers } = await wire(server, path);
    assert.equal(headers['content-security-policy'], "default-src 'none'; frame-ancestors 'none'");
    assert.equal(headers['cross-origin-resource-policy'], 'same-origin');
    assert.equal(headers['x-content-type-options'], 'nosniff');
    assert.equal(headers['cache-control'], 'no-store');
  }
});

test('files of the page stay out of the log, calls are in it', async (t) => {
  const { server } = await serve(t);
  for (const path of ['/', '/favicon.svg', '/healthz']) await wire(server, path);
  await server.stop();
  const paths = server.log.split('\n').filter(Boolean).map((line) => JSON.parse(line).path);
  assert.ok(paths.includes('/healthz'), server.log);
  assert.ok(!paths.includes('/') && !paths.includes('/favicon.svg'), server.log);
});
