import { note } from './connection.js';
import { TopologyChanges } from './elements.js';
import type { Failure } from './failure.js';
import type { VariablesOf } from './graphql.js';
import { listen } from './listen.js';
import { type Change, ChangingPicture, type Picture } from './picture.js';

export type TopologyFilter = NonNullable<VariablesOf<typeof TopologyChanges>['filter']>;

/** A part of the topology that is followed. */
export interface Following {
  readonly picture: Picture;
  stop(): void;
}

/**
 * Follows a part of the topology: the picture, then its changes. After a lost line it goes on from the last cursor; when that leads nowhere
 * any more it starts anew, and what stayed the same stays on the screen.
 */
export function followTopology(
  filter: TopologyFilter,
  { changed, refused }: { readonly changed: () => void; readonly refused: (failure: Failure) => void },
): Following {
  const picture = new ChangingPicture();
  let cursor: string | null = null;
  let stop = (): void => undefined;

  const open = (): void => {
    const opening = (): VariablesOf<typeof TopologyChanges> => {
      picture.restart();
      return { filter, after: cursor };
    };
    stop = listen(TopologyChanges, opening, {
      refused,
      next({ topologyChanges: event }) {
        switch (event.__typename) {
          case 'TopologySnapshot':
            picture.page(event.nodes, event.edges, event.complete);
            if (event.complete) cursor = event.cursor;
            return changed();
          case 'TopologyChanges':
            cursor = event.cursor ?? cursor;
            picture.apply(event.changes as readonly Change[]);
            return event.changes.length > 0 ? changed() : undefined;
          case 'EventsLost':
            cursor = null;
            picture.restart();
            return note(`${event.count} changes were skipped because this page was too slow; the picture was read again`);
          case 'ResyncRequired':
            note(`the picture was read again: ${event.reason}`);
            cursor = null;
            stop();
            return open();
        }
      },
    });
  };
  open();
  return { picture, stop: () => stop() };
}
