import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { chownSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import postgres from 'postgres';

const USER = 'undertone';
/** Where Debian puts its versions of PostgreSQL. */
const VERSIONS = '/usr/lib/postgresql';
const PATIENCE_MS = 60_000;

/**
 * A PostgreSQL of the test's own: a cluster in a temporary folder, on a free port of this machine.
 *
 * @example
 * const cluster = await PostgresCluster.start();
 * const store = await openStore(await cluster.database());
 * await cluster.remove();
 */
export class PostgresCluster {
  readonly folder: string;
  readonly port: number;
  readonly #options: readonly string[];
  #process: ChildProcess | undefined;
  #databases = 0;

  /** @param options of the server, such as `wal_level=minimal` */
  static async start(options: readonly string[] = []): Promise<PostgresCluster> {
    const folder = mkdtempSync(join(tmpdir(), 'undertone-postgres-'));
    const { uid, gid } = owner();
    chownSync(folder, uid, gid);
    const cluster = new PostgresCluster(folder, await freePort(), options);
    const made = cluster.#run('initdb', [
      ...['--pgdata', cluster.data, '--username', USER, '--auth', 'trust', '--encoding', 'UTF8', '--locale', 'C.UTF-8'],
      '--no-sync',
    ]);
    if (made.status !== 0) throw new Error(`initdb fails: ${made.stderr}`);
    await cluster.start();
    return cluster;
  }

  private constructor(folder: string, port: number, options: readonly string[]) {
    this.folder = folder;
    this.port = port;
    this.#options = options;
  }

  /** Its files. */
  get data(): string {
    return join(this.folder, 'data');
  }

  url(database: string): string {
    return `postgres://${USER}@127.0.0.1:${this.port}/${database}`;
  }

  /** Address of a database that nobody has used. */
  async database(): Promise<string> {
    this.#databases += 1;
    const name = `test${this.#databases}`;
    await this.ask('postgres', `CREATE DATABASE ${name}`);
    return this.url(name);
  }

  /** Over a connection of its own. */
  async ask(database: string, statement: string): Promise<readonly Record<string, unknown>[]> {
    const sql = postgres(this.url(database), { max: 1, onnotice: () => {} });
    try {
      return await sql.unsafe(statement);
    } finally {
      await sql.end();
    }
  }

  /** Resolves when it takes connections. */
  async start(): Promise<void> {
    const options = ['fsync=off', 'unix_socket_directories=', 'listen_addresses=127.0.0.1', ...this.#options];
    const [program, args] = asOwner('postgres', [
      ...['-D', this.data, '-p', String(this.port)],
      ...options.flatMap((option) => ['-c', option]),
    ]);
    const running = spawn(program, args, { stdio: 'ignore', cwd: '/' });
    this.#process = running;
    for (const until = Date.now() + PATIENCE_MS; ; ) {
      try {
        await this.ask('postgres', 'SELECT 1');
        return;
      } catch (error) {
        if (Date.now() > until || running.exitCode !== null) throw error;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    }
  }

  /** `SIGINT` ends every connection, `SIGQUIT` is a crash: nothing is written, and what was is recovered at the next start. */
  async stop(signal: 'SIGINT' | 'SIGQUIT' = 'SIGINT'): Promise<void> {
    const running = this.#process;
    this.#process = undefined;
    if (running === undefined || running.exitCode !== null || running.signalCode !== null) return;
    const gone = new Promise((resolve) => running.once('exit', resolve));
    running.kill(signal);
    await gone;
  }

  async remove(): Promise<void> {
    await this.stop('SIGQUIT');
    rmSync(this.folder, { recursive: true, force: true });
  }

  #run(name: string, args: readonly string[]): { status: number | null; stderr: string } {
    const [program, all] = asOwner(name, args);
    return spawnSync(program, all, { encoding: 'utf8', cwd: '/' });
  }
}

/** PostgreSQL refuses to run as root: it runs as the user that Debian makes for it. */
function owner(): { uid: number; gid: number } {
  if (process.getuid?.() !== 0) return { uid: process.getuid!(), gid: process.getgid!() };
  const found = (flag: string, name: string) => spawnSync('id', [flag, name], { encoding: 'utf8' });
  const name = found('-u', 'postgres').status === 0 ? 'postgres' : 'nobody';
  return { uid: Number(found('-u', name).stdout), gid: Number(found('-g', name).stdout) };
}

function asOwner(name: string, args: readonly string[]): [program: string, args: string[]] {
  const program = join(programs(), name);
  if (process.getuid?.() !== 0) return [program, [...args]];
  const { uid, gid } = owner();
  // It becomes the program, so signals reach it.
  return ['setpriv', [`--reuid=${uid}`, `--regid=${gid}`, '--clear-groups', program, ...args]];
}

function programs(): string {
  const version = readdirSync(VERSIONS)
    .sort((a, b) => Number(a) - Number(b))
    .at(-1);
  return join(VERSIONS, version ?? '', 'bin');
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}
