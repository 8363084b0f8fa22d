import { isLoopback } from '../../common/config/listen.js';
import type { Log } from '../../common/log.js';
import { hashPassword, makePassword } from './password.js';
import { replaceFile } from './replaceFile.js';
import { printUsers } from './users.js';

/** Who is made where there is nobody. */
const FIRST_USER = 'admin';

/** An administrator who was made at a first start. The password is nowhere else. */
export interface FirstAdministrator {
  readonly name: string;
  readonly password: string;
}

export interface Address {
  readonly host: string;
  /** Nobody would be asked who they are. */
  readonly isOpen: boolean;
  /** Others may come in unasked. */
  readonly isInsecure: boolean;
  readonly log: Log;
}

/** Whether somebody has to be asked at this address, and there is nobody. Warns where nobody is to be asked although others can reach it. */
export function needsAdministrator({ host, isOpen, isInsecure, log }: Address): boolean {
  if (isLoopback(host) || !isOpen) return false;
  if (isInsecure)
    log.warn({ listen: host }, 'listening without any authentication: everybody who reaches this address may read and change the topology');
  return !isInsecure;
}

/** Puts an administrator with a new password into the file of users. */
export async function makeAdministrator(usersFile: string): Promise<FirstAdministrator> {
  const password = makePassword();
  const user = { name: FIRST_USER, hash: await hashPassword(password), roles: ['administrator'] };
  replaceFile(usersFile, printUsers(new Map([[FIRST_USER, user]])));
  return { name: FIRST_USER, password };
}
