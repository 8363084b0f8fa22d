import { type FormEvent, type JSX, useEffect, useState } from 'react';
import { ask } from '../data/ask.js';
import { QuestionFailed } from '../data/failure.js';
import { graphql } from '../data/graphql.js';
import { keepToken, readToken } from '../data/token.js';

const Who = graphql(`
  query Who {
    viewer {
      name
      roles
    }
  }
`);

/** Whether the analyzer asks for a token that it has not got. */
export function useSignIn(): boolean {
  const [isRefused, setRefused] = useState(false);
  useEffect(() => {
    ask(Who, {}).catch((error: unknown) => setRefused(error instanceof QuestionFailed && error.failure.code === 'UNAUTHENTICATED'));
  }, []);
  return isRefused;
}

/** Asks for the token; it stays in this tab until that is closed. */
export function SignIn(): JSX.Element {
  const [token, setToken] = useState('');
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    keepToken(token.trim());
    location.reload();
  };
  return (
    <main className="sign-in">
      <form onSubmit={submit}>
        <h1>Canopy</h1>
        <p className="muted">{readToken() === undefined ? 'This analyzer asks for a token.' : 'The analyzer does not know this token.'}</p>
        <label>
          Token
          <input
            className="input"
            type="password"
            autoComplete="current-password"
            value={token}
            onChange={(event) => setToken(event.target.value)}
            autoFocus
          />
        </label>
        <button className="button is-main" disabled={token.trim() === ''}>
          Enter
        </button>
      </form>
    </main>
  );
}
