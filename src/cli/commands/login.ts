import { interruption } from '../ask/interrupt.js';
import { defineCommand } from '../command.js';
import { FORCED, OK } from '../exitCodes.js';
import { printData } from '../output/format.js';
import { usageError } from '../parse.js';

const USAGE = 'canopy login [--name NAME] [--password-stdin], or canopy login --oidc';

export const command = defineCommand({
  name: 'login',
  summary: 'sign in at an analyzer, for the commands that follow',
  details: [
    'Keeps the session, by the address of the analyzer, in `canopy/logins.json` below `$XDG_CONFIG_HOME` or `~/.config`, readable by its owner only; the password is not kept. Commands refresh it by themselves until `auth.signIn` of the analyzer has passed. A `tokenFile` goes before it.',
    'With `--oidc` it shows a code and an address: type the code there, in any browser, and sign in with the provider of the analyzer.',
  ],
  options: {
    name: { type: 'text', placeholder: 'NAME', doc: 'who signs in; asked for unless given' },
    'password-stdin': { type: 'switch', doc: 'take the password from the first line of standard input instead of asking for it' },
    oidc: { type: 'switch', doc: 'sign in with the provider of OpenID Connect that the analyzer has' },
    output: {
      type: 'text',
      short: 'o',
      placeholder: 'FORMAT',
      choices: ['json', 'yaml'],
      doc: 'who signed in, and until when, for programs',
    },
  },
  settings: ['analyzer'],
  examples: [
    { line: 'login --analyzer https://map.example.net', says: 'asks for name and password' },
    { line: 'login --name anna --password-stdin', says: 'takes the password from standard input, for a script' },
    { line: 'login --oidc', says: 'with a code that you type in a browser' },
  ],
  async run({ options, terminal, config }) {
    const { analyzer: url } = (await config()).config;
    const { beginDevice, finishDevice, signIn } = await import('../auth/session.js');
    let login;
    if (options.oidc === true) {
      const begun = await beginDevice(url);
      terminal.err(`Open ${begun.verificationUriComplete ?? begun.verificationUri} and confirm the code ${begun.userCode}\n`);
      const { signal, release } = interruption(terminal);
      try {
        login = await finishDevice(url, begun, signal);
      } catch (error) {
        if (signal.aborted) return FORCED;
        throw error;
      } finally {
        release();
      }
    } else {
      const { conversation } = terminal;
      const { askLine, askSecret } = await import('../auth/prompt.js');
      const name = options.name ?? (conversation && (await askLine(conversation, 'Name: ')));
      if (!name) throw usageError('login needs --name where nobody can be asked', USAGE);
      const isPiped = options['password-stdin'] === true;
      const password = isPiped ? (await terminal.input()).split(/\r?\n/)[0] : conversation && (await askSecret(conversation, 'Password: '));
      if (!password)
        throw usageError(
          isPiped ? 'there is no password on standard input' : 'login needs --password-stdin where nobody can be asked',
          USAGE,
        );
      login = await signIn(url, name, password);
    }
    const until = new Date(login.refreshEndsAt).toISOString();
    if (options.output !== undefined) await printData({ analyzer: url, name: login.name, until }, options.output, terminal);
    else terminal.err(`Signed in at ${url} as ${login.name} until ${until}\n`);
    return OK;
  },
});
