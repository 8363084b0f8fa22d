import type { JsonObject } from '../../common/json.js';
import type { NodeFilter } from '../../graph/filter/nodeFilter.js';
import type { SightStamp } from '../sight/sight.js';
import type { CaptureSpec, CaptureTarget, CaptureType, ExtraLayer, LayerKeyMode } from '../../protocol/capture.js';

type Maybe<T> = T | null | undefined;

/** What a person asks for: which nodes, and what to do with their packets. What is left out has a default. */
export interface CaptureRequest {
  readonly name?: Maybe<string>;
  readonly description?: Maybe<string>;
  /** Which nodes: this filter or a Gremlin string, one of the two. */
  readonly nodes?: Maybe<NodeFilter>;
  readonly gremlin?: Maybe<string>;
  readonly bpf?: Maybe<string>;
  readonly type?: Maybe<CaptureType>;
  /** Bytes. */
  readonly headerSize?: Maybe<number>;
  readonly rawPacketLimit?: Maybe<number>;
  readonly extraTcpMetric?: Maybe<boolean>;
  readonly ipDefrag?: Maybe<boolean>;
  readonly reassembleTcp?: Maybe<boolean>;
  readonly layerKeyMode?: Maybe<LayerKeyMode>;
  readonly extraLayers?: Maybe<readonly ExtraLayer[]>;
  readonly samplingRate?: Maybe<number>;
  /** Milliseconds. */
  readonly pollingInterval?: Maybe<number>;
  readonly port?: Maybe<number>;
  readonly target?: Maybe<string>;
  readonly targetType?: Maybe<CaptureTarget>;
  /** Milliseconds until it ends by itself. */
  readonly ttl?: Maybe<number>;
}

/** A capture as it is kept. */
export interface Capture {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  /** Which nodes: one of the two. */
  readonly nodes: NodeFilter | undefined;
  readonly gremlin: string | undefined;
  readonly spec: CaptureSpec;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  /** When it ends by itself; `undefined`: it does not. */
  readonly expiresAt: number | undefined;
  /** By which scopes it was made: it runs on nodes within them only. */
  readonly sight?: SightStamp;
}

/** The form in the registry. */
export const storedCapture = (capture: Capture): JsonObject => JSON.parse(JSON.stringify(capture)) as JsonObject;

export const captureFrom = (stored: JsonObject): Capture => stored as unknown as Capture;

/** What tells captures apart by the nodes that they ask for. */
export const selectionKey = ({ nodes, gremlin }: Pick<Capture, 'nodes' | 'gremlin'>): string => gremlin ?? JSON.stringify(nodes);
