import type { Inject, InjectionState } from '../../src/protocol/injection.js';

/** What the owner tells the thread of injections. */
export type InjectCommand =
  | {
      readonly op: 'start';
      readonly inject: Inject;
      readonly interfaceName: string;
      /** Opens the node's namespace; `undefined` for the agent's own. */
      readonly namespacePath: string | undefined;
    }
  | { readonly op: 'cancel'; readonly id: string }
  /** Say how each stands. */
  | { readonly op: 'report' }
  | { readonly op: 'end' };

/** What the thread tells its owner: how one injection stands. */
export interface InjectNews {
  readonly id: string;
  readonly state: InjectionState;
  readonly sent: number;
  readonly error: string | undefined;
}
