import { randomBytes, scrypt, timingSafeEqual, type ScryptOptions } from 'node:crypto';
import { once } from 'node:events';
import { startWorker } from '../../common/worker.js';

/** Cost of scrypt: 2^15 blocks of 1 KiB three times over, 32 MiB and some 200 ms. What OWASP's cheat sheet on storing passwords asks for at least. */
const LOG_N = 15;
const BLOCK_SIZE = 8;
const PARALLEL = 3;
const SALT_BYTES = 16;
const HASH_BYTES = 32;

/** Nobody's hash may cost more than this, 1 GiB: it would stop the analyzer. */
const MAX_LOG_N = 20;
const MAX_FACTOR = 32;

const SCRYPT = /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,2}),p=(\d{1,2})\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/;
const BCRYPT = /^\$2[aby]\$(?:0[4-9]|1[0-5])\$[./A-Za-z0-9]{53}$/;

interface ScryptHash {
  readonly options: ScryptOptions;
  readonly salt: Buffer;
  readonly hash: Buffer;
}

/** A hash to be kept in place of the password: `$scrypt$ln=…,r=…,p=…$SALT$HASH`, PHC string format. `logN`: less than the default for tests only. */
export async function hashPassword(password: string, logN = LOG_N): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  const hash = await derive(password, salt, HASH_BYTES, { N: 2 ** logN, r: BLOCK_SIZE, p: PARALLEL });
  return `$scrypt$ln=${logN},r=${BLOCK_SIZE},p=${PARALLEL}$${bare(salt)}$${bare(hash)}`;
}

/** Whether the text is a hash that `verifyPassword` can use: ours, or what `htpasswd -B` writes. */
export const isHash = (text: string): boolean => BCRYPT.test(text) || readScrypt(text) !== undefined;

/** Whether the hash is of this password. Takes the time that the hash says, off the main thread. */
export async function verifyPassword(password: string, hash: string): Promise<boolean> {
  if (BCRYPT.test(hash)) return compareBcrypt(password, hash);
  const known = readScrypt(hash);
  if (known === undefined) return false;
  return timingSafeEqual(await derive(password, known.salt, known.hash.length, known.options), known.hash);
}

/** A password that nobody guesses and everybody can type: five groups of five letters and digits. */
export function makePassword(): string {
  const letters = 'abcdefghjkmnpqrstuvwxyz23456789'; // without those that look alike
  const text = Array.from({ length: 25 }, () => letters[randomBelow(letters.length)]).join('');
  return text.match(/.{5}/g)!.join('-');
}

function randomBelow(limit: number): number {
  const most = 256 - (256 % limit);
  for (;;) {
    const [byte] = randomBytes(1) as unknown as [number];
    if (byte < most) return byte % limit;
  }
}

function readScrypt(text: string): ScryptHash | undefined {
  const [, logN, r, p, salt, hash] = SCRYPT.exec(text) ?? [];
  if (hash === undefined || Number(logN) < 1 || Number(logN) > MAX_LOG_N) return undefined;
  if (Number(r) < 1 || Number(p) < 1 || Number(r) * Number(p) > MAX_FACTOR) return undefined;
  return {
    options: { N: 2 ** Number(logN), r: Number(r), p: Number(p) },
    salt: Buffer.from(salt!, 'base64'),
    hash: Buffer.from(hash, 'base64'),
  };
}

const derive = (password: string, salt: Buffer, length: number, options: ScryptOptions): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    // Node refuses more than 32 MiB unless told otherwise.
    const maxmem = 256 * options.N! * options.r!;
    scrypt(password.normalize('NFC'), salt, length, { ...options, maxmem }, (error, key) => (error ? reject(error) : resolve(key)));
  });

/** bcrypt in JavaScript would hold up everything else for as long as it takes. */
async function compareBcrypt(password: string, hash: string): Promise<boolean> {
  const worker = startWorker('./bcryptWorker', import.meta.url, { workerData: { password, hash } });
  try {
    const [isRight] = (await once(worker, 'message')) as [boolean];
    return isRight;
  } finally {
    await worker.terminate();
  }
}

const bare = (bytes: Buffer): string => bytes.toString('base64').replace(/=+$/, '');
