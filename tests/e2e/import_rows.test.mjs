// Imports over HTTP and in the shell: files in, looked at, applied, undone.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { command, freshDirectory, init, must, removeDirectory, serve } from './server.mjs';

const folder = join(import.meta.dirname ?? new URL('.', import.meta.url).pathname,
  '..', 'data', 'salesforce');
const files = ['Opportunity.csv', 'Contact.csv', 'Lead.csv', 'Account.csv'];

async function begin(t) {
  const { server } = await serve(t);
  const token = server.makeToken('manager');
  const ask = (method, path, body, headers) =>
    server.ask(method, `/api/v1${path}`, { token, body, headers });
  const send = (path, name) =>
    server.ask('POST', `/api/v1${path}`, {
      token, raw: readFileSync(join(folder, name)), headers: { 'content-type': 'text/csv' },
    });
  return { server, ask, send };
}

function must2xx(answer, status) {
  assert.equal(answer.status, status, answer.text);
  return answer.body;
}

async function until(ask, id, state) {
  for (let i = 0; i < 200; i++) {
    const found = must2xx(await ask('GET', `/imports/${id}`), 200);
    if (found.state === state) return found;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`import ${id} is never ${state}`);
}

// The copies go once the import is stored as applied, not with it.
async function untilEmpty(path) {
  for (let i = 0; i < 200 && readdirSync(path).length; i++)
    await new Promise((resolve) => setTimeout(resolve, 50));
  assert.deepEqual(readdirSync(path), []);
}

const sum = (outcome) => Object.values(outcome).reduce((a, b) => a + b, 0);

async function sendAll(send) {
  const first = must2xx(await send(`/imports?name=${files[0]}`, files[0]), 201);
  assert.equal(first.state, 'open');
  let last = first;
  for (const name of files.slice(1))
    last = must2xx(await send(`/imports/${first.id}/files?name=${name}`, name), 201);
  return last;
}

test('files come in any order, are previewed, applied, read again and undone', async (t) => {
  const { server, ask, send } = await begin(t);
  const made = await sendAll(send);
  assert.deepEqual(made.files.map((file) => file.name)[0], 'Account.csv');
  assert.equal(made.rows, 101);

  const shown = must2xx(await ask('POST', `/imports/${made.id}/preview`), 200);
  assert.equal(sum(shown.outcome), 101);
  assert.equal(shown.first_bad_rows[0].column, 'Email');
  assert.equal(must2xx(await ask('GET', '/partners'), 200).items.length, 0);

  must2xx(await ask('POST', `/imports/${made.id}/apply`), 202);
  const applied = await until(ask, made.id, 'applied');
  assert.deepEqual(applied.outcome, shown.outcome);
  assert.deepEqual(applied.counts.find((one) => one.entity === 'partner').created, 4);
  assert.equal(must2xx(await ask('GET', '/partners'), 200).items.length, 4);
  const bad = must2xx(await ask('GET', `/imports/${made.id}/bad-rows`), 200).items;
  assert.equal(bad.length, applied.bad_rows);

  const again = await sendAll(send);
  must2xx(await ask('POST', `/imports/${again.id}/apply`), 202);
  assert.equal((await until(ask, again.id, 'applied')).changes, 0);
  await untilEmpty(join(server.directory, 'imports'));

  must2xx(await ask('POST', `/imports/${made.id}/undo`), 202);
  await until(ask, made.id, 'undone');
  assert.equal(must2xx(await ask('GET', '/partners'), 200).items.length, 0);
  assert.equal(must2xx(await ask('GET', '/unassigned'), 200).items.length, 0);
});

test('rows that belong to nobody are given to a partner', async (t) => {
  const { ask, send } = await begin(t);
  const made = await sendAll(send);
  must2xx(await ask('POST', `/imports/${made.id}/apply`), 202);
  await until(ask, made.id, 'applied');
  const owner = '001bm00001ZL8UEAA1';
  const rows = must2xx(await ask('GET', `/imports/${made.id}/unassigned?owner=${owner}`), 200);
  assert.equal(rows.items.length, 20);
  assert.equal(rows.items[0].owner_name, 'United Oil & Gas Corp.');
  const partner = must2xx(await ask('GET', '/partners?search=Dickenson'), 200).items[0];
  const done = must2xx(await ask('POST', '/unassigned/assign',
    { partner_id: partner.id, system: 'salesforce', owner }), 200);
  assert.deepEqual(done, { assigned: 20, left: 0 });
  const one = must2xx(await ask('GET', '/unassigned?limit=1'), 200).items[0];
  must2xx(await ask('POST', '/unassigned/assign', { partner_id: partner.id, ids: [one.id] }), 200);
  const gone = await ask('POST', '/unassigned/assign', { partner_id: partner.id, ids: [one.id] });
  assert.equal(gone.status, 404);
});

test('the rule for partners and a mapping are changed before it is applied', async (t) => {
  const { ask, send } = await begin(t);
  const made = must2xx(await send('/imports?name=Account.csv', 'Account.csv'), 201);
  const match = { 'if-match': `"${made.version}"` };
  assert.equal((await ask('PATCH', `/imports/${made.id}`, { partners: 'x' }, match)).status, 400);
  const chosen = must2xx(await ask('PATCH', `/imports/${made.id}`, { partners: 'all' }, match), 200);
  assert.ok(chosen.files[0].notes.some((note) => note.includes('as chosen')));
  assert.equal((await ask('PATCH', `/imports/${made.id}`, { partners: null }, match)).status, 412);
  const mapping = { ...chosen.files[0].mapping, name: 'mine' };
  const mapped = must2xx(await ask('PATCH', `/imports/${made.id}/files/1`, { mapping },
    { 'if-match': `"${chosen.version}"` }), 200);
  assert.equal(mapped.files[0].mapping_name, 'mine');
  const broken = await ask('PATCH', `/imports/${made.id}/files/1`, { mapping: { name: 'x' } },
    { 'if-match': `"${mapped.version}"` });
  assert.equal(broken.status, 400, broken.text);
  const shown = must2xx(await ask('POST', `/imports/${made.id}/preview`), 200);
  assert.equal(shown.outcome.created, 18);
  assert.equal((await ask('DELETE', `/imports/${made.id}`)).status, 204);
  assert.equal((await ask('POST', `/imports/${made.id}/apply`)).status, 409);
});

test('a file shows its first rows while it is kept, and can be taken out', async (t) => {
  const { server, ask, send } = await begin(t);
  const made = await sendAll(send);
  assert.deepEqual([made.first_file, made.file_total], ['Account.csv', 4]);
  const account = made.files.find((file) => file.name === 'Account.csv');
  const path = `/imports/${made.id}/files/${account.number}`;
  const rows = must2xx(await ask('GET', `${path}/rows`), 200).items;
  assert.equal(rows.length, 10);
  assert.equal(rows[0].row, 1);
  assert.equal(rows[0].cells.length, account.columns.length);
  assert.match(rows[0].cells[account.columns.indexOf('Id')], /^001/);

  const left = must2xx(await ask('DELETE', path), 200);
  assert.deepEqual(left.files.map((file) => file.name).sort(), ['Contact.csv', 'Lead.csv', 'Opportunity.csv']);
  assert.equal(readdirSync(join(server.directory, 'imports')).length, 3);
  assert.equal((await ask('DELETE', path)).status, 404);
  assert.equal((await ask('GET', `${path}/rows`)).status, 404);
  const back = must2xx(await send(`/imports/${made.id}/files?name=Account.csv`, 'Account.csv'), 201);
  // However often files come and go, their numbers stay those of an import's files.
  assert.deepEqual(back.files.map((file) => file.number).sort(), [1, 2, 3, 4]);

  must2xx(await ask('POST', `/imports/${made.id}/apply`), 202);
  await until(ask, made.id, 'applied');
  await untilEmpty(join(server.directory, 'imports'));
  const [first] = back.files;
  const gone = await ask('GET', `/imports/${made.id}/files/${first.number}/rows`);
  assert.deepEqual([gone.status, gone.body.code], [404, 'file_gone']);
  const late = await ask('DELETE', `/imports/${made.id}/files/${first.number}`);
  assert.equal(late.status, 409, late.text);
});

test('what a mapping can make of a row is told with the fields of each', async (t) => {
  const { ask } = await begin(t);
  const records = must2xx(await ask('GET', '/imports/records'), 200).items;
  const of = (make) => records.find((each) => each.make === make).fields;
  assert.ok(of('partner').includes('domain') && !of('partner').includes('amount'));
  assert.ok(of('order').includes('amount') && of('call.made').includes('quantity'));
});

test('a body that is no table is refused and leaves nothing', async (t) => {
  const { server } = await begin(t);
  const token = server.makeToken('manager');
  const answer = await server.ask('POST', '/api/v1/imports?name=x.csv',
    { token, raw: Buffer.from([0, 1, 2, 3]), headers: { 'content-type': 'text/csv' } });
  assert.equal(answer.status, 400, answer.text);
  assert.equal(readdirSync(join(server.directory, 'imports')).length, 0);
});

test('the command previews, imports, says so and lists', async (t) => {
  const { server } = await serve(t);
  const paths = files.map((name) => join(folder, name));
  const shown = command(server.directory, ['import', ...paths, '--dry-run', '--json']);
  assert.equal(shown.code, 0, shown.err);
  assert.equal(sum(JSON.parse(shown.out).outcome), 101);
  const first = must(server.directory, ['import', ...paths]);
  assert.match(first, /is applied/);
  assert.match(must(server.directory, ['import', ...paths]), /it changed nothing/);
  const listed = JSON.parse(must(server.directory, ['import', 'list', '--json']));
  assert.equal(listed.length, 2);
  const made = listed[1].id;
  assert.match(must(server.directory, ['import', 'bad-rows', made]), /cell left out/);
  assert.match(must(server.directory, ['import', 'unassigned', made]), /United Oil/);
  const undone = JSON.parse(must(server.directory, ['import', 'undo', made, '--json']));
  assert.equal(undone.facts_reversed, '11');
  assert.equal(command(server.directory, ['import', 'show', 'nothing']).code, 2);
  assert.equal(command(server.directory, ['import', '/absent.csv']).code, 3);
});

test('a preview names every bad cell, an import the first ones and where the rest are', async (t) => {
  const { server } = await serve(t);
  const directory = server.directory;
  const file = join(directory, 'contacts.csv');
  const rows = Array.from({ length: 30 }, (_, i) => `c${i},p1,Ann${i},Lee,no mail address`);
  writeFileSync(file, ['Id,AccountId,FirstName,LastName,Email', ...rows].join('\n'));
  must(directory, ['partner', 'add', 'Alpha', '--external', 'salesforce:p1']);
  const lines = (text) => text.split('\n').filter((line) => line.includes('no mail address'));
  assert.equal(lines(must(directory, ['import', '--dry-run', file])).length, 30);
  const applied = must(directory, ['import', file]);
  assert.equal(lines(applied).length, 20);
  const [, id] = applied.match(/rapport import bad-rows (imp_\w+)/);
  assert.equal(lines(must(directory, ['import', 'bad-rows', id])).length, 30);
});

test('a file that nobody knows is guessed at, shown, corrected and taken in', (t) => {
  const directory = freshDirectory();
  t.after(() => removeDirectory(directory));
  init(directory);
  const file = join(directory, 'de.csv'), mapping = join(directory, 'de.json');
  writeFileSync(file, 'Firma;Telefon;Umsatz;Datum;Farbe\nAlpenrad GmbH;01 533 33 18;1.234,50;03.05.2024;rot\n');
  const shown = command(directory, ['import', file]);
  assert.equal(shown.code, 2);
  assert.match(shown.out, /A row makes order: .*partner \{Firma\}, at \{Datum\}, amount \{Umsatz\}/);
  assert.match(shown.out, /Nothing is made of Farbe\./);
  assert.match(shown.err, /is a guess/);
  assert.deepEqual(JSON.parse(must(directory, ['import', 'list', '--json'])), []);
  must(directory, ['import', file, '--save-mapping', mapping]);
  const saved = JSON.parse(readFileSync(mapping, 'utf8'));
  assert.deepEqual(saved.ignored, ['Farbe']);
  saved.records[0].fields.tag = '{Farbe}';
  writeFileSync(mapping, JSON.stringify(saved));
  must(directory, ['import', file, '--mapping', mapping]);
  const report = must(directory,
    ['report', 'Alpenrad GmbH', '--from', '2024-05-01', '--to', '2024-06-01', '--json']);
  assert.match(report, /"value":"1234.50"/);
  assert.match(must(directory, ['partner', 'show', 'Alpenrad GmbH', '--json']), /"tags":\["rot"\]/);
});

test('a file that is like nothing gives a mapping to start from', (t) => {
  const directory = freshDirectory();
  t.after(() => removeDirectory(directory));
  init(directory);
  const file = join(directory, 'x.csv'), mapping = join(directory, 'x.json');
  writeFileSync(file, 'Farbe;Zahl\nrot;7\n');
  assert.match(command(directory, ['import', file]).err, /not recognised.*--save-mapping/);
  assert.match(must(directory, ['import', file, '--save-mapping', mapping]), /a mapping to start from/);
  assert.deepEqual(JSON.parse(readFileSync(mapping, 'utf8')).ignored, ['Zahl']);
});
