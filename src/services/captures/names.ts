import {
  CAPTURE_TARGETS,
  CAPTURE_TYPES,
  EXTRA_LAYERS,
  type CaptureTarget,
  type CaptureType,
  type ExtraLayer,
} from '../../protocol/capture.js';
import type { CaptureRequest } from './capture.js';

/** What people write: the same names in capitals. */
export interface NamedRequest extends Omit<CaptureRequest, 'type' | 'extraLayers' | 'targetType'> {
  readonly type?: Uppercase<CaptureType> | null;
  readonly extraLayers?: readonly Uppercase<ExtraLayer>[] | null;
  readonly targetType?: Uppercase<CaptureTarget> | null;
}

/** The request with the names that agents know. */
export const requestOf = ({ type, extraLayers, targetType, ...request }: NamedRequest): CaptureRequest => ({
  ...request,
  type: named(CAPTURE_TYPES, type),
  extraLayers: extraLayers?.map((layer) => named(EXTRA_LAYERS, layer)!),
  targetType: named(CAPTURE_TARGETS, targetType),
});

/** A name in capitals. */
export const shownName = <T extends string>(name: T | undefined): Uppercase<T> | undefined =>
  name?.toUpperCase() as Uppercase<T> | undefined;

const named = <T extends string>(names: readonly T[], shown: Uppercase<T> | null | undefined): T | undefined =>
  names.find((name) => name.toUpperCase() === shown);
