import type { JSX } from 'react';

/** Why something is not shown. */
export const Problem = ({ message }: { readonly message: string | undefined }): JSX.Element | null =>
  message === undefined ? null : (
    <p className="notice is-bad" role="alert">
      {message}
    </p>
  );
