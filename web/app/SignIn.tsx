import { type FormEvent, type JSX, useEffect, useState } from 'react';
import { ask } from '../data/ask.js';
import { QuestionFailed } from '../data/failure.js';
import { graphql } from '../data/graphql.js';
import { signIn } from '../data/session.js';
import { forgetToken, keepToken, readToken } from '../data/token.js';

const Who = graphql(`
  query Who {
    viewer {
      name
      roles
    }
  }
`);

/** Whether the analyzer asks who one is. */
export function useSignIn(): boolean {
  const [isRefused, setRefused] = useState(false);
  useEffect(() => {
    ask(Who, {}).catch((error: unknown) => setRefused(error instanceof QuestionFailed && error.failure.code === 'UNAUTHENTICATED'));
  }, []);
  return isRefused;
}

/** Asks for name and password, or for a token, which stays in this tab until that is closed. */
export function SignIn(): JSX.Element {
  const [name, setName] = useState('');
  const [secret, setSecret] = useState('');
  const [problem, setProblem] = useState(readToken() === undefined ? undefined : 'The analyzer does not know this token.');
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    if (name.trim() === '') keepToken(secret.trim());
    else {
      const refused = await signIn(name.trim(), secret);
      if (refused !== undefined) return setProblem(refused);
      forgetToken();
    }
    location.reload();
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
      </form>
    </main>
  );
}
