import { CanopyError } from '../common/errors.js';

/** What a person or program at the door may do. Writers may read too. */
export type Role = 'reader' | 'writer';

/** Who asks. Made by the server from the token of the request; roles are checked here, in the services, so that no door is forgotten. */
export interface Viewer {
  /** For `viewer` and for logs: `anonymous`, or which kind of token was shown. Never the token. */
  readonly name: string;
  readonly roles: readonly Role[];
}

/** Somebody on a door where nobody is asked for a token. */
export const everybody: Viewer = { name: 'anonymous', roles: ['reader', 'writer'] };

export const canWrite = (viewer: Viewer): boolean => viewer.roles.includes('writer');
export const canRead = (viewer: Viewer): boolean => viewer.roles.includes('reader') || canWrite(viewer);

/** Throws `FORBIDDEN` unless the viewer may read. */
export function requireReader(viewer: Viewer): void {
  if (!canRead(viewer)) throw forbidden(viewer, 'reader');
}

/** Throws `FORBIDDEN` unless the viewer may write. */
export function requireWriter(viewer: Viewer): void {
  if (!canWrite(viewer)) throw forbidden(viewer, 'writer');
}

const forbidden = (viewer: Viewer, needed: Role): CanopyError =>
  new CanopyError('FORBIDDEN', `this needs the role '${needed}'; ${viewer.name} has ${viewer.roles.join(', ') || 'none'}`, {
    details: { needed, roles: viewer.roles },
  });
