/**
 * A place in the change log. `seq` counts changes from 1 and goes on across restarts; `epoch` is one higher for each start of the
 * analyzer, so that a number handed out and then lost in a crash is told apart from its namesake.
 */
export interface Position {
  readonly epoch: number;
  readonly seq: number;
}
