import { parentPort, workerData } from 'node:worker_threads';
import { compareSync } from 'bcryptjs';

/** One comparison: says whether the hash is of the password. */
const { password, hash } = workerData as { readonly password: string; readonly hash: string };
parentPort!.postMessage(compareSync(password, hash));
