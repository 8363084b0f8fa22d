/** The token that goes with every question, where the analyzer asks for one. Kept until the tab is closed, and nowhere else. */
const KEY = 'canopy.token';

export const readToken = (): string | undefined => sessionStorage.getItem(KEY) ?? undefined;

export const keepToken = (token: string): void => sessionStorage.setItem(KEY, token);

export const forgetToken = (): void => sessionStorage.removeItem(KEY);

/** The header, and the first message of a WebSocket; empty without a token. */
export function authorization(): Record<string, string> {
  const token = readToken();
  return token === undefined ? {} : { authorization: `Bearer ${token}` };
}
