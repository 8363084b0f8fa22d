import { defineCommand } from '../command.js';
import { OK } from '../exitCodes.js';

export const command = defineCommand({
  name: 'logout',
  summary: 'end the session of `canopy login`',
  details: ['The session ends at the analyzer and is removed here. Done also where nobody was signed in.'],
  options: {},
  settings: ['analyzer'],
  examples: [{ line: 'logout', says: 'commands ask as nobody again' }],
  async run({ terminal, config }) {
    const { analyzer: url } = (await config()).config;
    const { signOut } = await import('../auth/session.js');
    const left = await signOut(url);
    terminal.err(left === false ? `Nobody was signed in at ${url}\n` : `Signed out ${left.name} at ${url}\n`);
    if (left !== false && left.leaveUrl !== undefined) terminal.err(`To sign out of the provider too, open ${left.leaveUrl}\n`);
    return OK;
  },
});
