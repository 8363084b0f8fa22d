/** Where to ask, and as whom. */
export interface Analyzer {
  /** `http://127.0.0.1:8082`, without a slash at the end. */
  readonly url: string;
  readonly token: string | undefined;
}

/** Headers that say who asks. */
export const authorization = ({ token }: Analyzer): Readonly<Record<string, string>> =>
  token === undefined ? {} : { authorization: `Bearer ${token}` };
