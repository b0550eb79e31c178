// The one store. Listeners are told after every change; several changes in one task are told once.
import { reduce, type Event } from './reducer';
import { initialState, type State } from './state';

export class Store {
  private current: State = initialState;
  private listeners = new Set<() => void>();
  private scheduled = false;

  get state(): State {
    return this.current;
  }

  dispatch = (event: Event): void => {
    this.current = reduce(this.current, event);
    if (this.scheduled) return;
    this.scheduled = true;
    queueMicrotask(() => {
      this.scheduled = false;
      this.listeners.forEach((listener) => listener());
    });
  };

  subscribe(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }
}
