import { Component, type ReactNode } from 'react';

interface RoomBoundaryProps {
  /** Of the room: another one begins anew. */
  readonly name: string;
  readonly children: ReactNode;
}

/**
 * What goes wrong in a room stays in it: its script could not be had while the line was lost or the analyzer was replaced, or it failed. All state
 * is in the address, so that loading the page again loses nothing. React knows this only as a class.
 */
export class RoomBoundary extends Component<RoomBoundaryProps, { readonly isFailed: boolean }> {
  override state = { isFailed: false };

  static getDerivedStateFromError(): { readonly isFailed: boolean } {
    return { isFailed: true };
  }

  override componentDidUpdate(before: RoomBoundaryProps): void {
    if (before.name !== this.props.name && this.state.isFailed) this.setState({ isFailed: false });
  }

  override render(): ReactNode {
    if (!this.state.isFailed) return this.props.children;
    return (
      <div className="empty" role="alert">
        <p>This part of the page could not be shown.</p>
        <p>
          <button className="button" onClick={() => location.reload()}>
            Load the page again
          </button>
        </p>
      </div>
    );
  }
}
