import { type FormEvent, type JSX, useEffect, useState } from 'react';
import { ask } from '../data/ask.js';
import { QuestionFailed } from '../data/failure.js';
import { graphql, type ResultOf } from '../data/graphql.js';
import { rights } from '../data/rights.js';
import { type Asked, readAsked, signIn, signOut, wantedPath } from '../data/session.js';
import { forgetToken, keepToken, readToken } from '../data/token.js';
import { Menu } from '../ui/Menu.js';

const Who = graphql(`
  query Who {
    viewer {
      name
      roles
      rights
    }
  }
`);

export type Viewer = ResultOf<typeof Who>['viewer'];

/** Whether the analyzer asks who one is, and who one is where it does. */
export function useSignIn(): { readonly isRefused: boolean; readonly viewer: Viewer | undefined } {
  const [isRefused, setRefused] = useState(false);
  const [viewer, setViewer] = useState<Viewer>();
  useEffect(() => {
    Promise.all([ask(Who, {}), readAsked()])
      .then(([{ data }, asked]) => {
        rights.set(new Set(data.viewer.rights));
        setViewer(asked?.isOpen === false ? data.viewer : undefined);
      })
      .catch((error: unknown) => setRefused(error instanceof QuestionFailed && error.failure.code === 'UNAUTHENTICATED'));
  }, []);
  return { isRefused, viewer };
}

/** Who is signed in, what they may do, and the way out. */
export function ViewerMenu({ viewer: { name, roles } }: { readonly viewer: Viewer }): JSX.Element {
  const leave = (): void => void signOut().then((url) => (url === undefined ? location.reload() : location.assign(url)));
  return (
    <Menu title={name} icon="person">
      <p>
        Signed in as <strong dir="auto">{name}</strong>
        <span className="small muted"> ({roles.map((role) => role.toLowerCase()).join(', ') || 'no role'})</span>
      </p>
      <button className="button" onClick={leave}>
        Sign out
      </button>
    </Menu>
  );
}

/** Asks for name and password, or for a token, which stays in this tab until that is closed; or leads to a provider. Leads back to where somebody wanted to go. */
export function SignIn(): JSX.Element {
  const [name, setName] = useState('');
  const [secret, setSecret] = useState('');
  const [problem, setProblem] = useState(readToken() === undefined ? undefined : 'The analyzer does not know this token.');
  const [provider, setProvider] = useState<Asked['provider']>();
  useEffect(() => void readAsked().then((asked) => setProvider(asked?.provider)), []);
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    if (name.trim() === '') keepToken(secret.trim());
    else {
      const refused = await signIn(name.trim(), secret);
      if (refused !== undefined) return setProblem(refused);
      forgetToken();
    }
    const wanted = wantedPath();
    if (wanted === undefined) location.reload();
    else location.replace(wanted);
  };
  return (
    <main className="sign-in">
      <form onSubmit={(event) => void submit(event)}>
        <h1>Canopy</h1>
        <p className="muted" role="status">
          {problem ?? 'This analyzer asks who you are. With a token, leave the name empty.'}
        </p>
        <label>
          Name
          <input className="input" autoComplete="username" value={name} onChange={(event) => setName(event.target.value)} autoFocus />
        </label>
        <label>
          Password or token
          <input
            className="input"
            type="password"
            autoComplete="current-password"
            value={secret}
            onChange={(event) => setSecret(event.target.value)}
          />
        </label>
        <button className="button is-main" disabled={secret.trim() === ''}>
          Enter
        </button>
        {provider && (
          <a
            className="button"
            href={`${provider.startUrl}?next=${encodeURIComponent(wantedPath() ?? location.pathname + location.search)}`}
          >
            Sign in with {provider.name}
          </a>
        )}
      </form>
    </main>
  );
}
