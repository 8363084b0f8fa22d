import type { ElementId } from './element.js';
import type { Overlays } from './revision.js';

/** What is remembered of an element that was removed. */
export interface DepartedElement {
  /** Its last revision number: a return continues from it, so that `id@revision` names one version only. */
  readonly revision: number;
  /** What others laid over it: comes back when the element does. */
  readonly overlays: Overlays;
}

/** The elements that were removed last, up to a number; beyond it, and after a restart of the process, their overlays are lost. */
export class Departed {
  private readonly elements = new Map<ElementId, DepartedElement>();

  constructor(private readonly limit: number) {}

  get size(): number {
    return this.elements.size;
  }

  remember(id: ElementId, element: DepartedElement): void {
    this.elements.delete(id);
    this.elements.set(id, element);
    if (this.elements.size <= this.limit) return;
    for (const oldest of this.elements.keys()) {
      this.elements.delete(oldest);
      return;
    }
  }

  /** The element's remains, for its return. */
  take(id: ElementId): DepartedElement | undefined {
    if (this.elements.size === 0) return undefined;
    const element = this.elements.get(id);
    if (element) this.elements.delete(id);
    return element;
  }

  /** Drops one writer's overlay; `false` when there is none. */
  dropOverlay(id: ElementId, writer: string): boolean {
    const element = this.elements.get(id);
    if (element?.overlays?.[writer] === undefined) return false;
    this.elements.set(id, { revision: element.revision, overlays: withoutOverlay(element.overlays, writer) });
    return true;
  }
}

/** The overlays without those of one writer. */
export function withoutOverlay(overlays: Overlays, writer: string): Overlays {
  if (overlays?.[writer] === undefined) return overlays;
  const { [writer]: _gone, ...kept } = overlays;
  return Object.keys(kept).length === 0 ? undefined : kept;
}
