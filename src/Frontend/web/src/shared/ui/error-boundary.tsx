import { Component, type ReactNode } from 'react';
import { ErrorNote } from './error-note';

interface ErrorBoundaryProps {
  /** The panel's name in a sentence: "the timeline". */
  readonly panel: string;
  readonly children: ReactNode;
}

/** A panel that breaks says so in its own place and leaves the others alone. */
export class ErrorBoundary extends Component<ErrorBoundaryProps, { readonly error: unknown }> {
  override state: { readonly error: unknown } = { error: null };

  static getDerivedStateFromError(error: unknown) {
    return { error };
  }

  override render(): ReactNode {
    if (this.state.error === null) return this.props.children;
    return (
      <ErrorNote title={`Something is wrong with ${this.props.panel}.`} error={this.state.error} kept="Nothing that you wrote is lost." onRetry={() => this.setState({ error: null })} />
    );
  }
}
