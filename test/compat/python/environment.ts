import { execFile } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** The client as it is published; nothing of it is changed. */
const PACKAGE = 'skydive-client==0.10.0';

/** Milliseconds that PyPI may take. */
const PATIENCE = 180_000;

/** A virtual environment with the Python client, made once and kept between runs. Returns its folder of programs. */
export async function pythonWithClient(): Promise<string> {
  const cache = process.env.XDG_CACHE_HOME || join(homedir(), '.cache');
  const folder = join(cache, 'canopy-tests', 'python-client');
  const programs = join(folder, 'bin');
  if (existsSync(join(programs, 'skydive-ws-client'))) return programs;
  mkdirSync(folder, { recursive: true });
  await run('python3', ['-m', 'venv', folder], { timeout: PATIENCE });
  await run(join(programs, 'pip'), ['install', '--quiet', '--disable-pip-version-check', PACKAGE], { timeout: PATIENCE });
  return programs;
}
