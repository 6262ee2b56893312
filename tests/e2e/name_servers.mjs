// A laboratory of real name servers on loopback addresses: a root, the signed zone test., and below
// it domains that show each verdict. NSD has these two and is the partners' first name server, BIND
// their second one; it takes no address but that of the interface. `node name_servers.mjs PORT` keeps
// one running until it is ended.
import { execFileSync, spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const START_MS = 15_000;
const BIND_ADDRESS = '127.0.0.1';
const sbin = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` };

// Secondaries look every hour; the serials' days are long gone.
const soa = (domain, serial) =>
  `$TTL 60\n@ SOA ns1.${domain}. hostmaster.${domain}. ${serial} 3600 600 86400 60\n`;

// What one server has: [name, text].
function ordinaryZone(domain, net, serial = 2020010101, servers = ['ns1', 'ns2']) {
  const address = { ns1: `${net}.2`, ns2: BIND_ADDRESS, ns3: BIND_ADDRESS };
  return soa(domain, serial) +
    servers.map((name) => `@ NS ${name}.${domain}.\n${name} A ${address[name]}\n`).join('') +
    `@ MX 10 mail.${domain}.\nmail A ${net}.9\n@ A ${net}.9\n`;
}

const delegate = (domain, servers) =>
  Object.entries(servers)
    .map(([name, address]) => `${domain}. NS ${name}.${domain}.\n${name}.${domain}. A ${address}\n`)
    .join('');

export class NameServers {
  constructor(net, port) {
    this.net = net;
    this.port = port;
    this.children = [];
    this.directory = mkdtempSync(join(tmpdir(), 'rapport-names-'));
    this.first = {}; // zones of NSD
    this.second = {}; // zones of BIND
  }

  // The arguments of `rapport dns settings` with which a data directory lives in this laboratory.
  get settings() {
    return ['dns', 'settings', '--allow-private', 'yes', '--port', `${this.port}`, '--root',
      `${this.net}.1`, '--per-second', '0'];
  }

  #sign(domain, zone, options = []) {
    const directory = join(this.directory, `sign-${domain}`);
    mkdirSync(directory);
    const run = (program, args) =>
      execFileSync(program, args, { cwd: directory, env: sbin, encoding: 'utf8', stdio: 'pipe' });
    for (const flag of [['-f', 'KSK'], []])
      run('dnssec-keygen', ['-q', '-a', 'ECDSAP256SHA256', ...flag, domain]);
    writeFileSync(join(directory, 'zone'), zone);
    run('dnssec-signzone', ['-q', '-S', '-o', domain, ...options, 'zone']);
    const ds = readdirSync(directory).find((name) => name.startsWith('dsset-'));
    return {
      zone: readFileSync(join(directory, 'zone.signed'), 'utf8'),
      ds: readFileSync(join(directory, ds), 'utf8'),
    };
  }

  #both(domain, text = ordinaryZone(domain, this.net)) {
    this.first[domain] = text;
    this.second[domain] = text;
  }

  #fill() {
    const { net } = this;
    let test = soa('test', 1) + `@ NS ns1.test.\nns1 A ${net}.5\n`;
    const add = (domain, servers = { ns1: `${net}.2`, ns2: BIND_ADDRESS }) =>
      (test += delegate(domain, servers));
    for (const domain of ['healthy.test', 'brakes.test', 'gears.test', 'xn--bcher-kva.test']) {
      add(domain);
      this.#both(domain);
    }
    add('moved.test');
    this.#both('moved.test', ordinaryZone('moved.test', net, 2020010101, ['ns1', 'ns3']));
    add('stale.test');
    this.first['stale.test'] = ordinaryZone('stale.test', net, 2020010102);
    this.second['stale.test'] = ordinaryZone('stale.test', net, 2020010101);
    add('lame.test');
    this.first['lame.test'] = ordinaryZone('lame.test', net);
    add('silent.test', { ns1: `${net}.4` });
    test += 'parked.test. A 192.0.2.1\n';
    const signed = this.#sign('signed.test', ordinaryZone('signed.test', net));
    add('signed.test');
    test += signed.ds;
    this.#both('signed.test', signed.zone);
    const expired = this.#sign('expired.test', ordinaryZone('expired.test', net),
      ['-P', '-s', '20200101000000', '-e', '20200201000000']);
    add('expired.test');
    test += expired.ds;
    this.#both('expired.test', expired.zone);
    this.root = {
      '.': `$TTL 60\n. SOA ns1.test. hostmaster.test. 1 3600 600 86400 60\n. NS ns1.test.\n` +
        `test. NS ns1.test.\nns1.test. A ${net}.5\n`,
    };
    this.top = { 'test.': this.#sign('test', test).zone };
  }

  #zoneFiles(name, zones) {
    const directory = join(this.directory, name);
    mkdirSync(directory, { recursive: true });
    return Object.entries(zones).map(([zone, text]) => {
      const path = join(directory, zone === '.' ? 'root' : zone);
      writeFileSync(path, text);
      return [zone, path];
    });
  }

  #nsd(name, address, zones) {
    const files = this.#zoneFiles(name, zones);
    const path = (file) => join(this.directory, `${name}.${file}`);
    writeFileSync(path('conf'), `server:
  ip-address: ${address}@${this.port}
  server-count: 1
  username: ""
  chroot: ""
  database: ""
  zonesdir: "${this.directory}"
  pidfile: "${path('pid')}"
  xfrdfile: "${path('xfrd')}"
  zonelistfile: "${path('list')}"
  xfrdir: "${this.directory}"
  logfile: "${path('log')}"
  rrl-ratelimit: 0
remote-control:
  control-enable: no
` + files.map(([zone, file]) => `zone:\n  name: "${zone}"\n  zonefile: "${file}"\n`).join(''));
    this.#spawn('nsd', ['-d', '-c', path('conf')]);
  }

  #bind(name, address, zones) {
    const files = this.#zoneFiles(name, zones);
    const conf = join(this.directory, `${name}.conf`);
    writeFileSync(conf, `options {
  directory "${this.directory}";
  listen-on port ${this.port} { ${address}; };
  listen-on-v6 { none; };
  pid-file none;
  session-keyfile none;
  recursion no;
  dnssec-validation no;
  allow-transfer { none; };
  notify no;
};
controls { };
` + files.map(([zone, file]) => `zone "${zone}" { type primary; file "${file}"; };\n`).join(''));
    this.#spawn('named', ['-g', '-n', '1', '-c', conf]);
  }

  // A copy: where AppArmor confines Debian's own, that one may not read what is here.
  #copyOf(program) {
    const copy = join(this.directory, `${program}-copy`);
    if (!existsSync(copy)) copyFileSync(`/usr/sbin/${program}`, copy);
    return copy;
  }

  #spawn(program, args) {
    const child = spawn(this.#copyOf(program), args, { stdio: ['ignore', 'pipe', 'pipe'], env: sbin });
    child.text = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text) => (child.text += text));
    child.on('error', (error) => (child.text += error));
    this.children.push(child);
    return child;
  }

  // Its zone changes: NSD and BIND are started anew with it.
  async change(domain, first, second = first) {
    this.first[domain] = first;
    this.second[domain] = second;
    if (second === null) delete this.second[domain];
    await this.#end(this.children.splice(2));
    await this.#startPartners();
  }

  ordinaryZone(domain, serial, servers) {
    return ordinaryZone(domain, this.net, serial, servers);
  }

  async #startPartners() {
    this.#nsd('first', `${this.net}.2`, this.first);
    this.#bind('second', BIND_ADDRESS, this.second);
    await this.#answers(`${this.net}.2`, 'healthy.test');
    await this.#answers(BIND_ADDRESS, 'healthy.test');
  }

  // `net` is the first three bytes of the addresses; port 0 takes a free one.
  static async start(net = '127.53.0', port = 0) {
    const servers = new NameServers(net, port || (await freePort(BIND_ADDRESS)));
    servers.#fill();
    servers.#nsd('root', `${net}.1`, servers.root);
    servers.#nsd('top', `${net}.5`, servers.top);
    await servers.#answers(`${net}.5`, 'test');
    await servers.#startPartners();
    return servers;
  }

  // Asks until an answer comes.
  async #answers(address, domain) {
    const name = Buffer.concat(
      [...domain.split('.'), ''].map((label) => Buffer.from([label.length, ...Buffer.from(label)])));
    const query = Buffer.concat([Buffer.from([0, 7, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0]), name,
      Buffer.from([0, 6, 0, 1])]);
    const socket = createSocket('udp4');
    socket.on('error', () => {});
    const answered = new Promise((resolve) => socket.on('message', resolve));
    const until = Date.now() + START_MS;
    let done = false;
    answered.then(() => (done = true));
    while (!done && Date.now() < until) {
      socket.send(query, this.port, address);
      await Promise.race([answered, new Promise((resolve) => setTimeout(resolve, 50))]);
    }
    socket.close();
    if (!done)
      throw new Error(`no name server at ${address}: ${this.children.map((c) => c.text).join('\n')}`);
  }

  async #end(children) {
    await Promise.all(children.map((child) => new Promise((resolve) => {
      if (child.exitCode !== null || child.signalCode !== null || !child.pid) return resolve();
      child.once('exit', resolve);
      child.kill('SIGTERM');
      setTimeout(() => child.kill('SIGKILL'), 5000).unref();
    })));
  }

  async stop() {
    await this.#end(this.children.splice(0));
    rmSync(this.directory, { recursive: true, force: true });
  }
}

async function freePort(address) {
  const server = createServer();
  await new Promise((done) => server.listen(0, address, done));
  const { port } = server.address();
  await new Promise((done) => server.close(done));
  return port;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const servers = await NameServers.start('127.54.0', Number(process.argv[2] ?? 5300));
  console.log(`Name servers listen on port ${servers.port}.`);
  for (const signal of ['SIGTERM', 'SIGINT'])
    process.on(signal, () => servers.stop().then(() => process.exit(0)));
}
