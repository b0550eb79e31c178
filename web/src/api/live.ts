// The live socket: connects, comes back with growing pauses, notices silence. It tells what happens through one callback
// and keeps no values itself.
import { backOffMs } from '../lib/back_off';
import type { LiveMessage } from './types';

export type LiveEvent =
  | { kind: 'open' }
  | { kind: 'message'; message: LiveMessage }
  | { kind: 'lost'; retryInMs: number; sessionEnded: boolean };

const SILENCE_MS = 10_000; // ten missed updates: the socket is dead even if TCP has not noticed
const SESSION_ENDED = 1008;

export class LiveSocket {
  private socket: WebSocket | null = null;
  private attempt = 0;
  private retry = 0;
  private watchdog = 0;
  private wanted = false;

  constructor(private readonly url: string, private readonly tell: (event: LiveEvent) => void) {}

  start(): void {
    if (this.wanted) return;
    this.wanted = true;
    this.attempt = 0;
    this.connect();
  }

  stop(): void {
    this.wanted = false;
    this.drop();
  }

  retryNow(): void {
    if (!this.wanted || this.socket?.readyState === WebSocket.OPEN) return;
    this.connect();
  }

  private connect(): void {
    this.drop();
    const socket = new WebSocket(this.url);
    this.socket = socket;
    this.watch();
    socket.onopen = () => this.tell({ kind: 'open' });
    socket.onmessage = (event) => {
      this.watch();
      this.attempt = 0;
      const message = parse(event.data);
      if (message) this.tell({ kind: 'message', message });
    };
    socket.onclose = (event) => this.lost(event.code === SESSION_ENDED);
  }

  private watch(): void {
    clearTimeout(this.watchdog);
    this.watchdog = window.setTimeout(() => this.lost(false), SILENCE_MS);
  }

  private lost(sessionEnded: boolean): void {
    this.drop();
    if (!this.wanted) return;
    const retryInMs = backOffMs(this.attempt, Math.random());
    this.attempt += 1;
    if (!sessionEnded) this.retry = window.setTimeout(() => this.connect(), retryInMs);
    this.tell({ kind: 'lost', retryInMs, sessionEnded });
  }

  private drop(): void {
    clearTimeout(this.retry);
    clearTimeout(this.watchdog);
    const socket = this.socket;
    this.socket = null;
    if (!socket) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close();
  }
}

function parse(data: unknown): LiveMessage | null {
  if (typeof data !== 'string') return null;
  try {
    return JSON.parse(data) as LiveMessage;
  } catch {
    return null;
  }
}
