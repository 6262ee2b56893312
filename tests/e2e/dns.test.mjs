// Domains at real name servers: NSD and BIND with a zone for each verdict, over HTTP and in the shell.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { NameServers } from './name_servers.mjs';
import { Server, command, freshDirectory, init, must, removeDirectory } from './server.mjs';
import { Follower, until } from './stream.mjs';

let names;
before(async () => (names = await NameServers.start()));
after(() => names?.stop());

// A data directory that lives in the laboratory.
function laboratory(t) {
  const directory = freshDirectory();
  init(directory);
  must(directory, names.settings);
  t.after(() => removeDirectory(directory));
  return directory;
}

async function serveLaboratory(t) {
  const directory = freshDirectory();
  init(directory);
  must(directory, [...names.settings, '--watch', 'no']);
  const server = await Server.start(directory);
  t.after(async () => {
    await server.stop();
    removeDirectory(directory);
  });
  const token = server.makeToken('manager');
  const ask = (method, path, body) => server.ask(method, `/api/v1${path}`, { token, body });
  const add = async (name, fields) =>
    (await ask('POST', '/partners', { name, status: 'active', ...fields })).body;
  return { server, ask, add };
}

const check = (directory, ...args) =>
  JSON.parse(must(directory, ['dns', 'check', ...args, '--json']));
const codes = (found) => found.reasons.map((reason) => reason.code);

test('each verdict, at servers that deserve it', (t) => {
  const directory = laboratory(t);
  const rows = {
    'healthy.test': ['healthy'],
    'moved.test': ['mismatch', 'delegation_differs'],
    'stale.test': ['out_of_step', 'serial_stale'],
    'lame.test': ['lame', 'server_not_authoritative'],
    'silent.test': ['unreachable', 'all_silent'],
    'parked.test': ['not_delegated', 'not_delegated'],
    'nothing.test': ['no_such_domain', 'no_such_domain'],
    'expired.test': ['mismatch', 'dnssec_expired'],
  };
  for (const [domain, [verdict, ...reasons]] of Object.entries(rows)) {
    const found = check(directory, domain);
    assert.equal(found.verdict, verdict, `${domain}: ${JSON.stringify(found.reasons)}`);
    assert.deepEqual(codes(found), reasons, domain);
    for (const reason of found.reasons) assert.ok(reason.sentence && reason.advice, domain);
  }
});

test('what the servers of a healthy domain say', (t) => {
  const found = check(laboratory(t), 'healthy.test');
  assert.equal(found.zone_above, 'test');
  assert.equal(found.primary_dns, 'ns1.healthy.test');
  assert.equal(found.secondary_dns, 'ns2.healthy.test');
  assert.equal(found.soa.serial, 2020010101);
  assert.equal(found.soa.refresh_s, 3600);
  assert.deepEqual(found.mail, [{ host: 'mail.healthy.test', preference: 10 }]);
  assert.equal(found.dnssec, 'unsigned');
  assert.deepEqual(found.name_servers.map((server) => server.role), ['primary', 'secondary']);
  for (const server of found.name_servers) {
    assert.equal(server.state, 'authoritative');
    assert.equal(server.listed_above && server.listed_in_zone, true);
    assert.ok(server.latency_us > 0);
  }
});

test('signed domains and domains of other letters', (t) => {
  const directory = laboratory(t);
  assert.equal(check(directory, 'signed.test').dnssec, 'signed');
  assert.equal(check(directory, 'expired.test').dnssec, 'expired');
  const found = check(directory, 'Bücher.test');
  assert.equal(found.domain, 'xn--bcher-kva.test');
  assert.equal(found.shown, 'bücher.test');
  assert.equal(found.verdict, 'healthy');
});

test('a given server is asked first, by address and by name', (t) => {
  const directory = laboratory(t);
  const at = (server, domain = 'healthy.test') => check(directory, domain, '--server', server);
  assert.equal(at(`${names.net}.2:${names.port}`).verdict, 'healthy');
  assert.equal(at(`${names.net}.2`).name_servers.length, 2);
  assert.equal(at('ns2.healthy.test').verdict, 'healthy');
  assert.equal(at('127.0.0.1', 'lame.test').verdict, 'lame');
  assert.equal(at(`${names.net}.4`).verdict, 'unreachable');
  const bad = command(directory, ['dns', 'check', 'healthy.test', '--server', 'a b']);
  assert.equal(bad.code, 2);
  assert.match(bad.err, /neither the name nor the address/);
});

test('private targets are refused until the administrator allows them', (t) => {
  const directory = laboratory(t);
  must(directory, ['dns', 'settings', '--allow-private', 'no']);
  const found = check(directory, 'healthy.test');
  assert.equal(found.verdict, 'unreachable');
  const port = command(directory, ['dns', 'check', 'healthy.test', '--server', '127.0.0.1:1']);
  assert.match(port.err, /port/);
});

test('name servers are found from the primary DNS, and taken into the record', async (t) => {
  const { ask, add, server } = await serveLaboratory(t);
  const partner = await add('Brakes', { domain: 'brakes.test', primary_dns: 'ns2.brakes.test' });
  const found = (await ask('POST', `/partners/${partner.id}/dns/determine`, {})).body;
  assert.equal(found.asked_first, 'ns2.brakes.test');
  assert.equal(found.primary_dns, 'ns1.brakes.test');
  const before = (await ask('GET', `/partners/${partner.id}`)).body;
  assert.equal(before.primary_dns, 'ns2.brakes.test');
  await ask('POST', `/partners/${partner.id}/dns/determine`, { fill: 'all' });
  const after = (await ask('GET', `/partners/${partner.id}`)).body;
  assert.equal(after.primary_dns, 'ns1.brakes.test');
  assert.equal(after.secondary_dns, 'ns2.brakes.test');

  // Without a domain, from the mail domain of its contacts.
  const other = await add('Gears', {});
  const none = await ask('POST', `/partners/${other.id}/dns/determine`, {});
  assert.equal(none.status, 409, none.text);
  await ask('POST', `/partners/${other.id}/contacts`, { name: 'Ann', email: 'ann@gears.test' });
  must(server.directory, ['dns', 'determine', other.id, '--fill-empty']);
  const filled = (await ask('GET', `/partners/${other.id}`)).body;
  assert.equal(filled.domain, 'gears.test');
  assert.equal(filled.primary_dns, 'ns1.gears.test');
});

test('a check of a partner is kept, compared with the record, and told', async (t) => {
  const { server, ask, add } = await serveLaboratory(t);
  const partner = await add('Brakes', { domain: 'brakes.test', primary_dns: 'ns1.elsewhere.test' });
  const empty = (await ask('GET', `/partners/${partner.id}/dns`)).body;
  assert.equal(empty.verdict, null);
  assert.equal(empty.check, null);
  const token = server.makeToken('analyst');
  const follower = new Follower(() => server, token);
  const following = follower.connect();
  t.after(() => (follower.abort.abort(), following));
  assert.ok(await until(() => follower.of('ready').length));
  const checked = await ask('POST', `/partners/${partner.id}/dns/check`);
  assert.equal(checked.status, 200, checked.text);
  assert.equal(checked.body.verdict, 'mismatch');
  assert.ok(codes(checked.body.check).includes('record_primary'));
  assert.deepEqual(checked.body.alarms, ['verdict']);
  assert.ok(await until(() => follower.of('domain').length));
  const [told] = follower.of('domain');
  assert.equal(told.data.partner_id, partner.id);
  assert.equal(told.data.verdict, 'mismatch');

  const attention = (await ask('GET', '/attention?reasons=dns')).body.items;
  assert.equal(attention.length, 1);
  assert.match(attention[0].reasons[0].sentence, /The record names ns1\.elsewhere\.test/);
  assert.equal((await ask('GET', '/dns/summary')).body.alarmed, 1);
  const listed = (await ask('GET', '/dns?verdict=mismatch')).body.items;
  assert.equal(listed[0].partner_name, 'Brakes');
  assert.equal((await ask('POST', `/partners/${partner.id}/dns/seen`)).status, 204);
  assert.equal((await ask('GET', '/attention?reasons=dns')).body.items.length, 0);

  await ask('POST', `/partners/${partner.id}/dns/determine`, { fill: 'all' });
  const well = (await ask('POST', `/partners/${partner.id}/dns/check`)).body;
  assert.equal(well.verdict, 'healthy');
  const changes = (await ask('GET', `/partners/${partner.id}/dns/changes`)).body.items;
  assert.deepEqual(changes.map((change) => change.verdict), ['healthy', 'mismatch']);
  assert.match(must(server.directory, ['dns', 'history', partner.id]), /healthy/);
});

test('a domain is proven by a record at every name server, and by nothing else', async (t) => {
  const { ask, add, server } = await serveLaboratory(t);
  const partner = await add('Gears', { domain: 'gears.test' });
  const begun = await ask('POST', `/partners/${partner.id}/dns/proof`);
  assert.equal(begun.status, 201, begun.text);
  assert.match(begun.body.record_text, /^rapport-verification=[0-9a-f]{32}$/);
  const look = async () => (await ask('POST', `/partners/${partner.id}/dns/proof/check`)).body;
  assert.equal((await look()).state, 'pending');
  const zone = names.ordinaryZone('gears.test', 2020010102);
  const proof = `_rapport-challenge TXT "${begun.body.record_text}"\n`;
  t.after(() => names.change('gears.test', names.ordinaryZone('gears.test')));
  await names.change('gears.test', zone + proof, names.ordinaryZone('gears.test'));
  assert.equal((await look()).state, 'pending', 'the second server has it not yet');
  await names.change('gears.test', zone + proof);
  assert.equal((await look()).state, 'verified');
  assert.equal((await ask('GET', '/dns/summary')).body.verified, 1);
  const twin = await add('Twin', { domain: 'gears.test' });
  assert.equal((await ask('POST', `/partners/${twin.id}/dns/proof`)).status, 409);
  assert.match(must(server.directory, ['dns', 'prove', 'Gears']), /gears\.test: verified/);
  assert.equal((await ask('DELETE', `/partners/${partner.id}/dns/proof`)).status, 204);
});

test('many partners are checked side by side, with progress, and can be stopped', async (t) => {
  const { server, ask, add } = await serveLaboratory(t);
  for (const domain of ['healthy', 'brakes', 'gears', 'stale', 'lame', 'nothing'])
    await add(domain, { domain: `${domain}.test` });
  await add('Without', {});
  const begun = await ask('POST', '/dns/run', {});
  assert.equal(begun.status, 202, begun.text);
  assert.equal(begun.body.total, 6);
  let run = begun.body;
  while (run.running) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    run = (await ask('GET', '/dns/run')).body;
  }
  assert.equal(run.done, 6);
  const count = (verdict) => run.verdicts.find((row) => row.verdict === verdict).count;
  assert.equal(count('healthy'), 3);
  assert.equal(count('out_of_step') + count('lame') + count('no_such_domain'), 3);
  assert.equal((await ask('DELETE', '/dns/run')).status, 200);
  const shell = JSON.parse(must(server.directory, ['dns', 'list', '--json']));
  assert.equal(shell.length, 6);
  assert.match(must(server.directory, ['dns', 'watch', '--all']), /6 checked, 3 healthy/);
});

test('the server checks active partners by itself', async (t) => {
  const { server, ask, add } = await serveLaboratory(t);
  const partner = await add('Brakes', { domain: 'brakes.test' });
  const admin = server.makeToken('administrator');
  const settings = await server.ask('GET', '/api/v1/dns/settings', { token: admin });
  const changed = await server.ask('PATCH', '/api/v1/dns/settings', {
    token: admin,
    headers: { 'if-match': settings.headers.get('etag') },
    body: { watch: true, fill: true },
  });
  assert.equal(changed.status, 200, changed.text);
  let state;
  for (let tries = 0; tries < 600 && !state?.verdict; tries++) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    state = (await ask('GET', `/partners/${partner.id}/dns`)).body;
  }
  assert.equal(state.verdict, 'healthy');
  assert.ok(state.next_check_at > state.checked_at);
  // And fills what is empty, because the settings say so.
  const filled = (await ask('GET', `/partners/${partner.id}`)).body;
  assert.equal(filled.primary_dns, 'ns1.brakes.test');
});

test('who may do what', async (t) => {
  const { server, add } = await serveLaboratory(t);
  const partner = await add('Brakes', { domain: 'brakes.test' });
  const own = server.makeToken('partner', 'read', ['--partner', partner.id]);
  const as = (token, method, path, body) => server.ask(method, `/api/v1${path}`, { token, body });
  assert.equal((await as(own, 'GET', `/partners/${partner.id}/dns`)).status, 200);
  for (const [method, path, body] of [
    ['GET', '/dns'], ['GET', '/dns/summary'], ['GET', '/dns/changes'], ['GET', '/dns/settings'],
    ['POST', '/dns/check', { domain: 'brakes.test' }], ['POST', `/partners/${partner.id}/dns/check`],
    ['POST', '/dns/run', {}],
  ])
    assert.equal((await as(own, method, path, body)).status, 403, path);
  const analyst = server.makeToken('analyst');
  const found = await as(analyst, 'POST', '/dns/check', { domain: 'brakes.test' });
  assert.equal(found.body.verdict, 'healthy');
  assert.equal((await as(analyst, 'POST', `/partners/${partner.id}/dns/proof`)).status, 403);
  const bad = await as(analyst, 'POST', '/dns/check', { domain: 'no domain' });
  assert.equal(bad.status, 400);
  assert.equal(bad.body.field, 'domain');
});

test('people of a proven domain ask for access, and somebody lets them in', async (t) => {
  const { server, ask, add } = await serveLaboratory(t);
  const partner = await add('Brakes', { domain: 'brakes.test' });
  const person = { email: 'Ann@Brakes.test', name: 'Ann', password: 'quiet harbour lamp 7' };
  const asks = (body) => server.ask('POST', '/api/v1/access-requests', { body });
  const waiting = async () => (await ask('GET', '/access-requests')).body.items;
  // Neither proven nor allowed: the answer is the same, and nothing is taken.
  const first = await asks(person);
  assert.equal(first.status, 202, first.text);
  assert.equal((await waiting()).length, 0);

  const { body: proof } = await ask('POST', `/partners/${partner.id}/dns/proof`);
  t.after(() => names.change('brakes.test', names.ordinaryZone('brakes.test')));
  await names.change('brakes.test', names.ordinaryZone('brakes.test', 2020010102) +
    `_rapport-challenge TXT "${proof.record_text}"\n`);
  await ask('POST', `/partners/${partner.id}/dns/proof/check`);
  await asks(person);
  assert.equal((await waiting()).length, 0, 'the administrator has not allowed it');
  must(server.directory, ['dns', 'settings', '--admit', 'yes']);
  const taken = await asks(person);
  assert.equal(taken.text, first.text);
  await asks(person);
  await asks({ ...person, email: 'bob@elsewhere.test' });
  const [request, ...others] = await waiting();
  assert.equal(others.length, 0, 'once, and only of the proven domain');
  assert.equal(request.email, 'ann@brakes.test');
  assert.equal(request.partner_id, partner.id);
  assert.equal((await server.signIn(person.email, person.password)).status, 401);

  const analyst = server.makeToken('analyst');
  const admit = `/api/v1/access-requests/${request.id}/admit`;
  assert.equal((await server.ask('POST', admit, { token: analyst })).status, 403);
  assert.equal((await ask('POST', `/access-requests/${request.id}/admit`)).status, 204);
  const session = await server.signIn(person.email, person.password);
  assert.equal(session.body.partner_id, partner.id);
  assert.equal(session.body.role, 'partner');
  assert.equal((await ask('POST', `/access-requests/${request.id}/admit`)).status, 404);

  await asks({ ...person, email: 'cid@brakes.test', name: 'Cid' });
  const cid = JSON.parse(must(server.directory, ['access', 'list', '--json']))[0];
  must(server.directory, ['access', 'refuse', cid.id]);
  assert.equal((await waiting()).length, 0);
  const short = await asks({ ...person, email: 'eve@brakes.test', password: 'short' });
  assert.equal(short.status, 400);
  // Who has lost the domain lets nobody in.
  await asks({ ...person, email: 'dan@brakes.test', name: 'Dan' });
  const [dan] = await waiting();
  await ask('DELETE', `/partners/${partner.id}/dns/proof`);
  assert.equal((await ask('POST', `/access-requests/${dan.id}/admit`)).status, 409);
});
